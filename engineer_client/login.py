"""Who is logged in to which broker, and whose profile that broker must have."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from engineer_client.state import State, write_private
from protocol.decoding import UNREADABLE
from protocol.details import Detail
from protocol.errors import InputError, PeerError
from protocol.profile import Profile, ProfileError, open_profile
from protocol.share_url import ShareUrl, decode_root_key, encode_root_key, parse_share_url
from tunnel.browser_login import ask_through_browser
from tunnel.json_api import JsonApi, LoginNeeded, ServerRefused
from tunnel.trust import FetchedProfile, fetch_signed_profile, ssl_context

_ONE_TIME_NUMBER_NEEDED = "one-time-number-needed"
"""The broker's code for: the password is right, and this user has a second factor."""


class AddressNeeded(InputError):
    """The first login on a machine has to say where."""

    sentence = "Say which broker: consentry login https://… (your administrator has the address)."


class LoginEndsBefore(InputError):
    """A login that has expired before it began: the two clocks are hours apart."""

    sentence = (
        "The broker has logged you in until {until} UTC, but this computer's clock says {now}. Compare with a clock "
        "that you trust. If this computer's is wrong, set it and log in again; if it is right, tell your "
        "administrator, who has to set the broker's."
    )


class ClocksApart(InputError):
    """What the broker has made this minute is not valid now, by this machine's clock. Neither knows which is wrong."""

    sentence = (
        "The broker's clock says {theirs} UTC and this computer's {ours} UTC: they are {minutes} minutes apart. "
        "Compare with a clock that you trust. If this computer's is wrong, set it and try again; if the broker's is "
        "wrong, tell your administrator, who has to set it. Logging in again does not help."
    )


@dataclass(frozen=True)
class Login:
    """One engineer at one broker. `root_key` is the organisation's, pinned at the first login (base64url)."""

    origin: str
    root_key: str
    user_name: str
    name: str
    staff_number: str
    organisation: str
    expires_at_ms: int
    token: str = field(repr=False)
    recovery_codes_left: int | None = None
    """Of whoever has just logged in with one; what is kept on the disk says nothing of it."""

    @property
    def root_key_bytes(self) -> bytes:
        return decode_root_key(self.root_key)

    @property
    def address(self) -> ShareUrl:
        return ShareUrl(self.origin, self.root_key_bytes)


def find_login(state: State, address: str | None, *, now_ms: int | None = None) -> Login:
    """The login for this broker, or the last one. Raises LoginNeeded if there is none that is still good."""
    origin = parse_share_url(address).origin if address else _current_origin(state)
    login = _read(_login_file(state, origin)) if origin else None
    now_ms = int(time.time() * 1000) if now_ms is None else now_ms
    if login is None or login.expires_at_ms <= now_ms:
        raise LoginNeeded(command="consentry login")
    return login


async def log_in(
    state: State,
    address: str | None,
    user_name: str,
    ask_password: Callable[[], str],
    ask_totp: Callable[[], str],
    *,
    totp: str = "",
) -> Login:
    """Logs in and keeps the login. Asks for the six digits only if the account needs them and none were given.

    Raises AddressNeeded, ServerRefused, LoginEndsBefore and what reaching a broker can raise.
    """
    where, api = await _reach(state, address)
    body: dict[str, object] = {"user_name": user_name, "password": ask_password()}
    if totp:
        body["totp"] = totp
    try:
        answer = await asyncio.to_thread(api.post, "/v1/login", body)
    except ServerRefused as refusal:
        if refusal.fields["code"] != _ONE_TIME_NUMBER_NEEDED or totp:
            raise
        answer = await asyncio.to_thread(api.post, "/v1/login", {**body, "totp": ask_totp()})
    return _keep(state, where, answer, user_name)


async def log_in_through_browser(
    state: State,
    address: str | None,
    show: Callable[[str, str], None],
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Login:
    """Logs in as whoever allows it in their browser; `show` is given the link to open, and the code to compare there.

    Raises AddressNeeded, ServerRefused, SignInElsewhere, LoginEndsBefore, PeerError, and what reaching a broker can.
    """
    where, api = await _reach(state, address)
    return _keep(state, where, await ask_through_browser(api, show, pause=pause), "")


def log_out(state: State, login: Login, profile: Profile) -> None:
    """Forgets the login here first, then at the broker: unreachable or not, this machine is logged out."""
    _login_file(state, login.origin).unlink(missing_ok=True)
    JsonApi(profile.broker_origin, ssl_context(profile), login.token).post("/v1/logout", {})


def api_of(login: Login, profile: Profile) -> JsonApi:
    return JsonApi(profile.broker_origin, ssl_context(profile), login.token)


async def refresh_profile(state: State, login: Login) -> Profile:
    """The organisation's profile as the broker has it now; never older than the one that was seen last time."""
    return (await refresh_signed_profile(state, login)).profile


async def refresh_signed_profile(state: State, login: Login) -> FetchedProfile:
    """The same, with the note that proves it to others."""
    return await _fetch(state, login.address)


async def _reach(state: State, address: str | None) -> tuple[ShareUrl, JsonApi]:
    """Where a login is asked for, its root key known by now, and how it is spoken to."""
    where = _address_to_use(state, address)
    fetched = await _fetch(state, where)
    profile = fetched.profile
    former = _read(_login_file(state, where.origin))
    api = JsonApi(profile.broker_origin, ssl_context(profile), former_login=former.token if former else "")
    return ShareUrl(where.origin, fetched.root_key), api


def _keep(state: State, where: ShareUrl, answer: object, user_name: str) -> Login:
    login = _login_of(answer, where, user_name)
    now_ms = int(time.time() * 1000)
    # Kept whatever the clock says: it took the place of the one before, and is good once the clock is set.
    kept = asdict(replace(login, recovery_codes_left=None))
    write_private(_login_file(state, where.origin), json.dumps(kept, indent=2).encode())
    write_private(state.current_login, where.origin.encode())
    if login.expires_at_ms <= now_ms:
        raise LoginEndsBefore(until=_to_text(login.expires_at_ms), now=_to_text(now_ms))
    return login


async def _fetch(state: State, address: ShareUrl) -> FetchedProfile:
    file = state.profiles / f"{_file_name(address.origin)}.note"
    note = file.read_bytes() if file.exists() else b""
    known_version = 0
    if note and address.root_key is not None:
        # Of another root, it says nothing about versions: the address that was typed decides which root is meant.
        with contextlib.suppress(ProfileError):
            known_version = open_profile(note, address.root_key).version
    fetched = await fetch_signed_profile(address, at_least_version=known_version)
    if fetched.note != note:
        write_private(file, fetched.note)
    return fetched


def _address_to_use(state: State, address: str | None) -> ShareUrl:
    """What was typed; where the key was left out, or nothing was typed, what the last login there knew."""
    given = parse_share_url(address) if address else None
    if given is not None and given.root_key is not None:
        return given
    origin = given.origin if given else _current_origin(state)
    known = _read(_login_file(state, origin)) if origin else None
    if known is not None:
        return known.address
    if given is None:
        raise AddressNeeded
    return given


def _login_of(answer: object, where: ShareUrl, user_name: str) -> Login:
    """`user_name` is what was typed; where nothing was, the answer says who allowed it."""
    try:
        return msgspec.convert(
            {
                **(answer if isinstance(answer, dict) else {}),
                "origin": where.origin,
                "root_key": encode_root_key(where.root_key or b""),
                **({"user_name": user_name} if user_name else {}),
            },
            Login,
        )
    except msgspec.ValidationError as error:
        raise PeerError(problem=Detail("the answer to a login makes no sense ({error})", error=error)) from None


def clocks_apart(theirs_ms: int, ours_ms: int) -> ClocksApart:
    """`theirs_ms` is what the broker's clock showed just now."""
    minutes = round(abs(theirs_ms - ours_ms) / 60_000)
    return ClocksApart(theirs=_to_text(theirs_ms), ours=_to_text(ours_ms), minutes=minutes)


def _to_text(unix_ms: int) -> str:
    # A broker may claim any time; Python's calendar ends with the year 9999.
    seconds = min(max(unix_ms // 1000, 0), 253_402_300_799)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def known_origins(state: State) -> list[str]:
    """Brokers with a login here, good or not, in order of their names."""
    if not state.logins.is_dir():
        return []
    logins = (_read(file) for file in sorted(state.logins.glob("*.json")))
    return [login.origin for login in logins if login is not None]


def _current_origin(state: State) -> str | None:
    try:
        return state.current_login.read_text().strip() or None
    except FileNotFoundError:
        return None


def _read(file: Path) -> Login | None:
    """None also for a file that an older version wrote otherwise: logging in again mends it."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Login)
    except (FileNotFoundError, *UNREADABLE):
        return None


def _login_file(state: State, origin: str) -> Path:
    return state.logins / f"{_file_name(origin)}.json"


def _file_name(origin: str) -> str:
    """`https://help.example.org:8443` → `help.example.org-8443`; an origin is ASCII and has no slash in its host."""
    host_and_port = origin.removeprefix("https://")
    return "".join(c if c.isalnum() or c in ".-" else "-" for c in host_and_port)
