"""Log in, authenticate, log out."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from protocol.errors import RefusedError
from serving.clock import Clock
from serving.identity.lockouts import Lockouts
from serving.identity.passwords import PASSWORD_MAX_CHARACTERS, Passwords
from serving.identity.tokens import TokenStore, hash_of_token, new_token
from serving.identity.totp import matching_step
from serving.identity.users import Credentials, User, UserNameUnusable, UserStore, check_user_name

log = structlog.get_logger(__name__)

U = TypeVar("U", bound=User)

ATTEMPTS_PER_ADDRESS = 20
"""More than for one name: an office sits behind one address."""


class LoginRefused(RefusedError):
    """The same for an unknown name, a wrong password, a wrong one-time number and a disabled user."""

    sentence = "The user name, the password or the one-time number is not right."


class OneTimeNumberNeeded(RefusedError):
    """Said only to somebody who gave the right password."""

    sentence = "This user logs in with a one-time number too. Give the six digits of your authenticator app."


class NotLoggedIn(RefusedError):
    sentence = "You are not logged in, or the login has expired. Run `consentry login`."


@dataclass(frozen=True)
class Login(Generic[U]):
    token: str
    expires_at_ms: int
    user: U

    def __repr__(self) -> str:
        return f"Login({self.user.user_name!r}, …)"


@dataclass(frozen=True)
class Caller(Generic[U]):
    """A user behind a valid token."""

    user: U
    token_hash: bytes
    expires_at_ms: int


class Logins(Generic[U]):
    def __init__(
        self, users: UserStore[U], tokens: TokenStore[U], passwords: Passwords, clock: Clock, *, login_life_ms: int
    ) -> None:
        self._users = users
        self._tokens = tokens
        self._passwords = passwords
        self._clock = clock
        self._login_life_ms = login_life_ms
        self._names = Lockouts()
        self._addresses = Lockouts(free_attempts=ATTEMPTS_PER_ADDRESS)

    async def login(self, user_name: str, password: str, totp: str | None, address: str) -> Login[U]:
        """Raises LoginRefused, OneTimeNumberNeeded, LoginLocked or LoginsBusy."""
        try:
            user_name = check_user_name(user_name)
        except UserNameUnusable:
            # Goes through all the rest, so that it takes as long and counts as much as any other guess.
            user_name = "-"
        now_ms = self._clock.monotonic_ms()
        self._addresses.begin_attempt(address, now_ms)
        self._names.begin_attempt(user_name, now_ms)
        found = await self._users.find(user_name)
        user, credentials = found or (None, None)
        usable = credentials is not None and len(password) <= PASSWORD_MAX_CHARACTERS
        right = await self._passwords.matches(
            credentials.password_hash if credentials else None, password if usable else ""
        )
        if not right or user is None or credentials is None or user.disabled:
            log.warning("login_refused", user=user.user_name if user else None, address=address)
            raise LoginRefused
        await self._check_totp(user, credentials, totp, address)
        self._names.succeeded(user_name)
        self._addresses.succeeded(address)
        return await self._issue(user)

    async def authenticate(self, token: str) -> Caller[U]:
        """Raises NotLoggedIn."""
        token_hash = hash_of_token(token)
        found = token_hash and await self._tokens.user_of_token(token_hash, self._clock.unix_ms())
        if not found or not token_hash:
            raise NotLoggedIn
        user, expires_at_ms = found
        return Caller(user, token_hash, expires_at_ms)

    async def logout(self, caller: Caller[U]) -> None:
        await self._tokens.remove_token(caller.token_hash)
        log.info("logged_out", user=caller.user.user_name)

    async def _check_totp(self, user: User, credentials: Credentials, totp: str | None, address: str) -> None:
        if credentials.totp_secret is None:
            return
        if totp is None:
            raise OneTimeNumberNeeded
        step = matching_step(credentials.totp_secret, totp.strip(), self._clock.unix_ms())
        if step is None or not await self._users.use_totp_step(user.user_id, step):
            log.warning("login_refused", user=user.user_name, address=address, second_factor=True)
            raise LoginRefused

    async def _issue(self, user: U) -> Login[U]:
        now_ms = self._clock.unix_ms()
        token = new_token()
        token_hash = hash_of_token(token)
        assert token_hash is not None
        expires_at_ms = now_ms + self._login_life_ms
        await self._tokens.remove_expired_tokens(now_ms)
        await self._tokens.add_token(token_hash, user.user_id, now_ms, expires_at_ms)
        log.info("logged_in", user=user.user_name)
        return Login(token, expires_at_ms, user)
