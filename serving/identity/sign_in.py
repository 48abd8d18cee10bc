"""Puts together what people sign in with: the same at every server, but for what a server says of itself."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from serving.clock import Clock
from serving.database import Database
from serving.identity.api_tokens import PREFIX, ApiTokens
from serving.identity.device_logins import DeviceLogins
from serving.identity.events import NoteEvent, write_to_log
from serving.identity.kept_events import IdentityEvents
from serving.identity.login import Caller, Logins, any_role
from serving.identity.openid.admission import OpenId, ProviderPeople, Settle, nothing_else
from serving.identity.openid.door import Door
from serving.identity.passkeys import Passkeys
from serving.identity.passwords import Passwords
from serving.identity.recovery import RecoveryCodes
from serving.identity.secret_box import SecretBox
from serving.identity.settings import HOUR_MS, MINUTE_MS, SignInSettings
from serving.identity.sql import SqlTokens, UserTables
from serving.identity.sql_api_tokens import SqlApiTokens
from serving.identity.sql_events import SqlIdentityEvents
from serving.identity.sql_passkeys import SqlPasskeys
from serving.identity.sql_recovery import SqlRecoveryCodes
from serving.identity.users import User, UserStore
from serving.identity.ways import make_openid, make_passkeys
from serving.limits import KeyedBuckets

U = TypeVar("U", bound=User)

IdentityAlert = Literal["login_locked", "passkey_copied", "provider_answer_refused"]


class RaiseAlert(Protocol):
    """What looks like an attack; the facts hold no secret."""

    def __call__(self, kind: IdentityAlert, **facts: object) -> None: ...


@dataclass(frozen=True, kw_only=True)
class SignIn(Generic[U]):
    """What a server's services have of it."""

    passwords: Passwords
    logins: Logins[U]
    device_logins: DeviceLogins
    recovery: RecoveryCodes
    api_tokens: ApiTokens[U]
    events: IdentityEvents
    passkeys: Passkeys[U] | None
    openid: OpenId[U] | None

    async def authenticate(self, token: str, address: str, *, by_person: bool) -> Caller[U]:
        """A login's token or an API token. Raises NotLoggedIn, ApiTokenOver."""
        if token.startswith(PREFIX):
            return await self.api_tokens.authenticate(token, address)
        return await self.logins.authenticate(token, address, by_person=by_person)


@dataclass(frozen=True, kw_only=True)
class OwnSide(Generic[U]):
    """What a server says of itself. `origin` is where browsers find it, empty where that is not known; `name` is what a
    device shows beside a passkey; `tries` bounds logins through the browser; `tell` hears of each event, too."""

    users: UserStore[U]
    tables: UserTables[U]
    provider_people: ProviderPeople[U, Any]
    tokens_may: Collection[str]
    origin: str
    name: str
    staff_number_claim: str | None
    tries: KeyedBuckets[str]
    alert: RaiseAlert
    tell: NoteEvent = write_to_log
    settle: Settle[U] = nothing_else


def make_sign_in(
    settings: SignInSettings,
    database: Database,
    box: SecretBox,
    clock: Clock,
    own: OwnSide[U],
    *,
    passwords: Passwords | None = None,
    provider_door: Door | None = None,
) -> SignIn[U]:
    """Raises KeyFileUnusable, ProviderCertificatesUnusable."""
    passwords = passwords or Passwords()
    recovery = RecoveryCodes(SqlRecoveryCodes(database, own.tables), box)
    events = IdentityEvents(
        SqlIdentityEvents(database, own.tables),
        clock,
        on_locked=lambda one: own.alert("login_locked", user=one.subject or None, address=one.address),
        tell=own.tell,
    )
    openid = make_openid(
        settings,
        own.provider_people,
        clock,
        origin=own.origin,
        staff_number_claim=own.staff_number_claim,
        note=events.note,
        settle=own.settle,
        on_refused=lambda problem: own.alert("provider_answer_refused", problem=problem),
        door=provider_door,
    )
    return SignIn(
        passwords=passwords,
        logins=Logins(
            own.users,
            SqlTokens(database, own.tables),
            passwords,
            clock,
            login_life_ms=settings.login_hours * HOUR_MS,
            login_idle_ms=settings.login_idle_minutes * MINUTE_MS,
            recovery=recovery,
            note=events.note,
            check_role=openid.check_role if openid is not None else any_role,
        ),
        device_logins=DeviceLogins(own.tries),
        recovery=recovery,
        api_tokens=ApiTokens(SqlApiTokens(database, own.tables), clock, own.tokens_may),
        events=events,
        passkeys=make_passkeys(
            settings,
            SqlPasskeys(database, own.tables),
            clock,
            origin=own.origin,
            name=own.name,
            on_copied=lambda user_name: own.alert("passkey_copied", user=user_name),
        ),
        openid=openid,
    )
