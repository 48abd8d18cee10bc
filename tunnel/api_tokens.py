"""API tokens over a server's API: one's own, and for administrators everybody's."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from protocol.details import Detail
from protocol.errors import InputError, PeerError
from tunnel.json_api import JsonApi, ServerRefused

T = TypeVar("T")

_FRESH_SIGN_IN_NEEDED = "fresh-sign-in-needed"
"""A server's code for: somebody else may sit there by now."""


class TokenUnclear(InputError):
    sentence = "{count} API tokens begin with {text}. `{command} list` shows them; give enough to name one."


class TokenEntry(Struct, frozen=True):
    """`user_name` is empty for one's own. `last_used_at_ms` None: never."""

    token_id: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    name: str
    permissions: list[str]
    created_at_ms: int
    expires_at_ms: int
    last_used_at_ms: int | None
    address: str
    user_name: str = ""


class MadeToken(Struct, frozen=True):
    """`token` is shown here and kept nowhere."""

    token: str
    entry: TokenEntry


class _Tokens(Struct, frozen=True):
    tokens: list[TokenEntry]


def list_tokens(api: JsonApi, *, everybody: bool = False) -> list[TokenEntry]:
    """The newest first. Raises what `JsonApi.get` does."""
    return _read(api.get("/v1/all-tokens" if everybody else "/v1/tokens"), _Tokens).tokens


def make_token(
    api: JsonApi, name: str, permissions: list[str], days: int, ask_password: Callable[[], str]
) -> MadeToken:
    """Asks for the password unless the login is only minutes old. Raises what `JsonApi.post` does."""
    body: dict[str, object] = {"name": name, "permissions": permissions, "days": days}
    try:
        return _read(api.post("/v1/tokens", body), MadeToken)
    except ServerRefused as refusal:
        if refusal.fields["code"] != _FRESH_SIGN_IN_NEEDED:
            raise
    return _read(api.post("/v1/tokens", {**body, "password": ask_password()}), MadeToken)


def revoke_token(api: JsonApi, beginning: str, command: str, *, everybody: bool = False) -> TokenEntry:
    """The one token whose number begins so; `command` is what lists them. Raises TokenUnclear."""
    wanted = beginning.strip().lower()
    found = [one for one in list_tokens(api, everybody=everybody) if wanted and one.token_id.startswith(wanted)]
    if len(found) != 1:
        raise TokenUnclear(count=len(found), text=beginning, command=command)
    (one,) = found
    whose = f"/v1/people/{one.user_name}/tokens" if one.user_name else "/v1/tokens"
    api.delete(f"{whose}/{one.token_id}")
    return one


def _read(answer: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise PeerError(
            problem=Detail("an answer about API tokens that makes no sense ({error})", error=error)
        ) from None
