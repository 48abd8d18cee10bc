"""Who is logged in to which audit service, kept in one file that nobody else may read.

<state>/desk/login.json       `CONSENTRY_HOME` moves <state>
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from protocol.decoding import UNREADABLE
from protocol.details import Detail
from protocol.errors import PeerError
from serving.private_files import make_private_folder, write_private_file
from tunnel.browser_login import ask_through_browser
from tunnel.json_api import JsonApi, LoginNeeded, ServerRefused
from tunnel.pinned_tls import broker_tls

LOGIN_COMMAND = "consentry desk login"
_ONE_TIME_NUMBER_NEEDED = "one-time-number-needed"
"""The service's code for: the password is right, and this user has a second factor."""

ShortText = Annotated[str, Meta(max_length=500)]


class LoginAnswer(Struct, frozen=True):
    """What the service says of a login that it accepts."""

    token: Annotated[str, Meta(min_length=1, max_length=500)]
    expires_at_ms: int
    user_name: ShortText
    name: ShortText
    role: ShortText
    recovery_codes_left: int | None = None


class DeskLogin(Struct, frozen=True, kw_only=True):
    """One person at one audit service. `certificate_pem` is the one that it has to show, or empty: one that the system
    trusts."""

    origin: str
    certificate_pem: str
    user_name: str
    name: str
    role: str
    expires_at_ms: int
    token: str
    recovery_codes_left: int | None = None
    """Of whoever has just logged in with one; what is kept on the disk says nothing of it."""

    def api(self) -> JsonApi:
        """Raises CertificateUnreadable."""
        return _api(self.origin, self.certificate_pem, self.token)

    def shown(self) -> dict[str, object]:
        """Everything but what opens the door."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if name != "token"}


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where this machine's user keeps what belongs to the desk."""
    home = environment.get("CONSENTRY_HOME")
    if home:
        return Path(home).expanduser().absolute() / "desk"
    import platformdirs

    return Path(platformdirs.user_state_dir("consentry")) / "desk"


def find_login(folder: Path) -> DeskLogin:
    """Raises LoginNeeded if there is none that is still good."""
    try:
        login = msgspec.json.decode(_file(folder).read_bytes(), type=DeskLogin)
    except (FileNotFoundError, *UNREADABLE):
        raise LoginNeeded(command=LOGIN_COMMAND) from None
    if login.expires_at_ms <= time.time() * 1000:
        raise LoginNeeded(command=LOGIN_COMMAND)
    return login


def known_service(folder: Path) -> tuple[str, str]:
    """Origin and certificate of the last login here, also of one that has expired; empty strings if there was none."""
    login = _last_login(folder)
    return (login.origin, login.certificate_pem) if login else ("", "")


def _last_login(folder: Path) -> DeskLogin | None:
    with suppress(FileNotFoundError, *UNREADABLE):
        return msgspec.json.decode(_file(folder).read_bytes(), type=DeskLogin)
    return None


def log_in(
    folder: Path,
    origin: str,
    certificate_pem: str,
    user_name: str,
    password: str,
    ask_totp: Callable[[], str],
) -> DeskLogin:
    """Asks for the six digits only if the account needs them. Raises ServerRefused and what reaching it can raise."""
    api = _api_to_log_in(folder, origin, certificate_pem)
    body: dict[str, object] = {"user_name": user_name, "password": password}
    try:
        answer = api.post("/v1/login", body)
    except ServerRefused as refusal:
        if refusal.fields["code"] != _ONE_TIME_NUMBER_NEEDED:
            raise
        answer = api.post("/v1/login", {**body, "totp": ask_totp()})
    return _keep(folder, origin, certificate_pem, answer)


async def log_in_through_browser(
    folder: Path,
    origin: str,
    certificate_pem: str,
    show: Callable[[str, str], None],
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> DeskLogin:
    """Logs in as whoever allows it in their browser; `show` is given the link to open, and the code to compare there.

    Raises ServerRefused, SignInElsewhere, PeerError and what reaching the service can raise.
    """
    answer = await ask_through_browser(_api_to_log_in(folder, origin, certificate_pem), show, pause=pause)
    return _keep(folder, origin, certificate_pem, answer)


def _keep(folder: Path, origin: str, certificate_pem: str, answer: object) -> DeskLogin:
    try:
        accepted = msgspec.convert(answer, LoginAnswer)
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("the answer to a login makes no sense ({error})", error=error)) from None
    login = DeskLogin(
        origin=origin,
        certificate_pem=certificate_pem,
        user_name=accepted.user_name,
        name=accepted.name,
        role=accepted.role,
        expires_at_ms=accepted.expires_at_ms,
        token=accepted.token,
    )
    make_private_folder(folder)
    write_private_file(_file(folder), msgspec.json.encode(login))
    return msgspec.structs.replace(login, recovery_codes_left=accepted.recovery_codes_left)


def log_out(folder: Path, login: DeskLogin) -> None:
    """Forgets the login here first, then there: unreachable or not, this machine is logged out."""
    forgotten = msgspec.structs.replace(login, token="", expires_at_ms=0)
    write_private_file(_file(folder), msgspec.json.encode(forgotten))  # where to log in again stays known
    login.api().post("/v1/logout", {})


def login_here() -> DeskLogin:
    """The one of whoever runs this command. Raises LoginNeeded."""
    return find_login(state_folder(os.environ))


def _api(origin: str, certificate_pem: str, token: str, former_login: str = "") -> JsonApi:
    trust: Any = broker_tls(certificate_pem) if certificate_pem else None
    return JsonApi(origin, trust, token, login_command=LOGIN_COMMAND, former_login=former_login)


def _api_to_log_in(folder: Path, origin: str, certificate_pem: str) -> JsonApi:
    """The login of before, if it was there, is replaced by the new one."""
    former = _last_login(folder)
    return _api(origin, certificate_pem, "", former.token if former and former.origin == origin else "")


def _file(folder: Path) -> Path:
    return folder / "login.json"
