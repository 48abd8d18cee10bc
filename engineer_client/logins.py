"""Where the engineer is logged in, as the broker lists it; and ending what should not be there."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from protocol.details import Detail
from protocol.errors import InputError, PeerError
from tunnel.json_api import JsonApi


class LoginUnclear(InputError):
    sentence = "{count} of your logins begin with {text}. `consentry logins` lists them; give enough to name one."


class LoginEntry(Struct, frozen=True):
    """`current` is the login that this machine asks with."""

    login_id: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    method: str
    device: str
    address: str
    created_at_ms: int
    last_used_at_ms: int
    expires_at_ms: int
    current: bool


class _Answer(Struct, frozen=True):
    logins: list[LoginEntry]


class _Ended(Struct, frozen=True):
    ended: int


def list_logins(api: JsonApi) -> list[LoginEntry]:
    """The last used first. Raises what `JsonApi.get` does."""
    try:
        return msgspec.convert(api.get("/v1/logins"), _Answer).logins
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("a list of logins that makes no sense ({error})", error=error)) from None


def end_login(api: JsonApi, beginning: str) -> LoginEntry:
    """Ends the one login whose number begins so. Raises LoginUnclear."""
    found = [one for one in list_logins(api) if one.login_id.startswith(beginning.strip().lower())]
    if len(found) != 1:
        raise LoginUnclear(count=len(found), text=beginning)
    api.delete(f"/v1/logins/{found[0].login_id}")
    return found[0]


def end_other_logins(api: JsonApi) -> int:
    """All but the one that asks; answers how many."""
    try:
        return msgspec.convert(api.delete("/v1/logins"), _Ended).ended
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("an answer that makes no sense ({error})", error=error)) from None
