"""Log in, authenticate, log out; list and revoke logins."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from protocol.errors import RefusedError
from serving.clock import Clock
from serving.identity.events import EventKind, IdentityEvent, NoteEvent, write_to_log
from serving.identity.lockouts import Lockouts
from serving.identity.passwords import PASSWORD_MAX_CHARACTERS, Passwords
from serving.identity.recovery import RecoveryCodes, looks_like_recovery_code
from serving.identity.roles import TokenNotAllowed
from serving.identity.tokens import LoginFacts, LoginMethod, TokenStore, Visit, hash_of_token, new_token
from serving.identity.totp import matching_step, seconds_off
from serving.identity.users import Credentials, User, UserNameUnusable, UserStore, check_user_name

U = TypeVar("U", bound=User)

ATTEMPTS_PER_ADDRESS = 20
"""More than for one name: an office sits behind one address."""

NOTED_EVERY_MS = 60_000
"""How exactly the last use of a login is known: not every request is worth a write."""


class LoginRefused(RefusedError):
    """The same for an unknown name, a wrong password, a wrong one-time number and a disabled user."""

    sentence = "The user name, the password or the one-time number is not right."


class OneTimeNumberWrong(LoginRefused):
    """Said only to somebody who gave the right password; the same for a number that was used."""

    sentence = (
        "The one-time number or recovery code is not right, or was used already. If it is what the app shows, set the "
        "phone's clock to the network's time."
    )


class OneTimeNumberNeeded(RefusedError):
    """Said only to somebody who gave the right password."""

    sentence = "This user logs in with a one-time number too. Give the six digits of your authenticator app."


class PasswordWrong(RefusedError):
    """Of somebody who is logged in, and is asked once more."""

    sentence = "That is not your password. Nothing was changed."


class NotLoggedIn(RefusedError):
    sentence = "You are not logged in, or the login has expired. Run `consentry login`."


@dataclass(frozen=True)
class Login(Generic[U]):
    token: str
    expires_at_ms: int
    user: U
    method: LoginMethod

    def __repr__(self) -> str:
        return f"Login({self.user.user_name!r}, …)"


@dataclass(frozen=True)
class Caller(Generic[U]):
    """A user behind a valid token. `only` is what an API token was given; a login has all that its user's role has."""

    user: U
    token_hash: bytes
    expires_at_ms: int
    only: frozenset[str] | None = None
    method: LoginMethod = "password"
    logged_in_at_ms: int = 0
    idle_ends_at_ms: int | None = None
    """When a login ends with which nobody does anything any more; an API token is never idle."""

    @property
    def permissions(self) -> frozenset[str]:
        theirs = self.user.permissions
        return theirs if self.only is None else theirs & self.only

    def check(self, *any_of: str) -> None:
        """Raises NotAllowed or TokenNotAllowed unless at least one of these is theirs."""
        if not self.permissions.intersection(any_of):
            raise TokenNotAllowed if self.user.permissions.intersection(any_of) else self.user.refusal()


CheckRole = Callable[[User, LoginMethod], Awaitable[None]]
"""Whether what somebody may do here is still known, so that they may come in by that way. Raises RefusedError."""


async def any_role(_user: User, _method: LoginMethod) -> None:
    """Where no provider says what people may do."""


class Logins(Generic[U]):
    def __init__(
        self,
        users: UserStore[U],
        tokens: TokenStore[U],
        passwords: Passwords,
        clock: Clock,
        *,
        login_life_ms: int,
        login_idle_ms: int,
        recovery: RecoveryCodes | None = None,
        note: NoteEvent = write_to_log,
        check_role: CheckRole = any_role,
    ) -> None:
        """A login ends after `login_life_ms`, and earlier when nobody did anything with it for `login_idle_ms`."""
        self._users = users
        self._tokens = tokens
        self._passwords = passwords
        self._clock = clock
        self._login_life_ms = login_life_ms
        self._login_idle_ms = login_idle_ms
        self._recovery = recovery
        self._note = note
        self._check_role = check_role
        self._names = Lockouts()
        self._addresses = Lockouts(free_attempts=ATTEMPTS_PER_ADDRESS)

    async def login(self, user_name: str, password: str, totp: str | None, visit: Visit) -> Login[U]:
        """`totp` is a one-time number or a recovery code.

        Raises LoginRefused, OneTimeNumberNeeded, OneTimeNumberWrong, LoginLocked, LoginsBusy or ProviderSignInNeeded.
        """
        try:
            user_name = check_user_name(user_name)
        except UserNameUnusable:
            # Goes through all the rest, so that it takes as long and counts as much as any other guess.
            user_name = "-"
        locks = self.begin_attempt(user_name, visit.address)
        found = await self._users.find(user_name)
        user, credentials = found or (None, None)
        usable = credentials is not None and len(password) <= PASSWORD_MAX_CHARACTERS
        right = await self._passwords.matches(
            credentials.password_hash if credentials else None, password if usable else ""
        )
        if not right or user is None or credentials is None or user.disabled:
            await self._refused(user, visit, locks)
            raise LoginRefused
        method = await self._check_second(user, credentials, totp, visit, locks)
        self.attempt_succeeded(user_name, visit.address)
        return await self.issue(user, method, visit)

    def begin_attempt(self, user_name: str | None, address: str) -> bool:
        """Counts an attempt until `attempt_succeeded`; True if failing makes the next wait. Raises LoginLocked.

        `user_name` is None where it shows only afterwards who it was: then the address counts alone.
        """
        now_ms = self._clock.monotonic_ms()
        locks_address = self._addresses.begin_attempt(address, now_ms)
        return (user_name is not None and self._names.begin_attempt(user_name, now_ms)) or locks_address

    def attempt_succeeded(self, user_name: str | None, address: str) -> None:
        if user_name is not None:
            self._names.succeeded(user_name)
        self._addresses.succeeded(address)

    async def issue(self, user: U, method: LoginMethod, visit: Visit) -> Login[U]:
        """A login for somebody who has shown who they are, in place of the one that they had there (`visit.former`).

        The caller has checked that, and that nothing is locked. Raises ProviderSignInNeeded.
        """
        try:
            await self._check_role(user, method)
        except RefusedError:
            await self._say("login_refused", user, visit, method=method, reason="provider-sign-in-needed")
            raise
        now_ms = self._clock.unix_ms()
        token = new_token()
        token_hash = hash_of_token(token)
        assert token_hash is not None
        facts = LoginFacts(
            token_hash=token_hash,
            user_id=user.user_id,
            method=method,
            device=visit.device,
            address=visit.address,
            created_at_ms=now_ms,
            last_used_at_ms=now_ms,
            expires_at_ms=now_ms + self._login_life_ms,
        )
        await self._tokens.remove_expired_tokens(now_ms)
        await self._end_of_others(visit, user, now_ms)
        await self._tokens.add_token(facts, visit.former)
        await self._say("logged_in", user, visit, method=method, device=visit.device)
        return Login(token, facts.expires_at_ms, user, method)

    async def _end_of_others(self, visit: Visit, user: U, now_ms: int) -> None:
        """Of somebody else in the same browser: it forgets their login, and so it ends."""
        found = visit.former and await self._tokens.user_of_token(visit.former, now_ms)
        if found and visit.former and found[0].user_id != user.user_id:
            await self._tokens.remove_token(visit.former)
            await self._say("logged_out", found[0], visit)

    async def confirm(self, caller: Caller[U], password: str, visit: Visit) -> None:
        """It is still the owner who sits there. Counts like a login. Raises PasswordWrong, LoginLocked, LoginsBusy."""
        user = caller.user
        locks = self.begin_attempt(user.user_name, visit.address)
        found = await self._users.find(user.user_name)
        usable = found is not None and len(password) <= PASSWORD_MAX_CHARACTERS
        if not await self._passwords.matches(found[1].password_hash if found else None, password if usable else ""):
            await self._refused(user, visit, locks)
            raise PasswordWrong
        self.attempt_succeeded(user.user_name, visit.address)

    async def authenticate(self, token: str, address: str = "", *, by_person: bool = True) -> Caller[U]:
        """Without `by_person` it was a page that asked by itself: that keeps no login alive. Raises NotLoggedIn."""
        token_hash = hash_of_token(token)
        now_ms = self._clock.unix_ms()
        found = token_hash and await self._tokens.user_of_token(token_hash, now_ms)
        if not found or not token_hash:
            raise NotLoggedIn
        user, facts = found
        used_at_ms = facts.last_used_at_ms
        if now_ms - used_at_ms >= self._login_idle_ms:
            raise NotLoggedIn
        if by_person and now_ms - used_at_ms >= NOTED_EVERY_MS:
            await self._tokens.used(token_hash, now_ms, address or facts.address)
            used_at_ms = now_ms
        return Caller(
            user,
            token_hash,
            facts.expires_at_ms,
            method=facts.method,
            logged_in_at_ms=facts.created_at_ms,
            idle_ends_at_ms=used_at_ms + self._login_idle_ms,
        )

    async def logout(self, caller: Caller[U], visit: Visit | None = None) -> None:
        await self._tokens.remove_token(caller.token_hash)
        await self._say("logged_out", caller.user, visit or Visit(""))

    async def logins_of(self, user_id: int) -> list[LoginFacts]:
        """Those that are good at this time; the last used first."""
        now_ms = self._clock.unix_ms()
        found = await self._tokens.logins_of(user_id, now_ms)
        return [one for one in found if now_ms - one.last_used_at_ms < self._login_idle_ms]

    async def revoke(self, actor: User, of: U, token_hash: bytes | None, visit: Visit) -> Sequence[bytes]:
        """One login of a user, or all of them; answers which ended by that: their connections are to be cut."""
        ended = await self._tokens.revoke(of.user_id, token_hash)
        if ended:
            facts = {"logins": len(ended)}
            await self._note(IdentityEvent("login_revoked", actor.user_name, of.user_name, visit.address, facts))
        return ended

    async def revoked_among(self, token_hashes: Collection[bytes]) -> set[bytes]:
        return await self._tokens.revoked_among(token_hashes)

    async def _check_second(
        self, user: User, credentials: Credentials, totp: str | None, visit: Visit, locks: bool
    ) -> LoginMethod:
        if credentials.totp_secret is None:
            return "password"
        if totp is None:
            raise OneTimeNumberNeeded
        if self._recovery is not None and looks_like_recovery_code(totp):
            if await self._recovery.use(user, totp):
                await self._say("recovery_code_used", user, visit, left=await self._recovery.left(user))
                return "recovery-code"
        else:
            step = matching_step(credentials.totp_secret, totp.strip(), self._clock.unix_ms())
            if step is not None and await self._users.use_totp_step(user.user_id, step):
                return "totp"
        # For administrators alone: it would tell a guesser which numbers are right at another time.
        off = seconds_off(credentials.totp_secret, totp.strip(), self._clock.unix_ms())
        facts = {} if off is None else {"clock_seconds_off": off}
        await self._refused(user, visit, locks, second_factor=True, **facts)
        raise OneTimeNumberWrong

    async def _refused(self, user: User | None, visit: Visit, locks: bool, **facts: int) -> None:
        await self._say("login_refused", user, visit, **facts)
        if locks:
            await self._say("login_locked", user, visit)

    async def _say(self, kind: EventKind, user: User | None, visit: Visit, **facts: str | int | bool) -> None:
        name = user.user_name if user else ""  # what was typed instead may have been a password
        actor = "" if kind in ("login_refused", "login_locked") else name
        await self._note(IdentityEvent(kind, actor, name, visit.address, facts))
