"""What a server must have for these routes: its `app.state.services` is one of these, `app.state.pages` its pages."""

from typing import Annotated, Any, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from serving.clock import Clock
from serving.http.own_pages import OwnPages, pages_of
from serving.identity.api_tokens import ApiTokens
from serving.identity.device_logins import DeviceLogins
from serving.identity.kept_events import IdentityEvents
from serving.identity.login import Caller, Logins
from serving.identity.openid.admission import OpenId
from serving.identity.passkeys import Passkeys
from serving.identity.passwords import Passwords
from serving.identity.recovery import RecoveryCodes
from serving.identity.settings import SignInSettings
from serving.identity.users import UserStore


class SignInServices(Protocol):
    @property
    def settings(self) -> SignInSettings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def users(self) -> UserStore[Any]: ...
    @property
    def passwords(self) -> Passwords: ...
    @property
    def logins(self) -> Logins[Any]: ...
    @property
    def api_tokens(self) -> ApiTokens[Any]: ...
    @property
    def device_logins(self) -> DeviceLogins: ...
    @property
    def recovery(self) -> RecoveryCodes: ...
    @property
    def events(self) -> IdentityEvents: ...
    @property
    def passkeys(self) -> Passkeys[Any] | None: ...
    @property
    def openid(self) -> OpenId[Any] | None: ...

    @property
    def authenticator_name(self) -> str:
        """What an authenticator app shows beside the one-time number."""
        ...

    async def authenticate(self, token: str, address: str) -> Caller[Any]:
        """Raises NotLoggedIn."""
        ...

    async def cut_off_revoked(self) -> None:
        """Ends whatever goes on under logins that were revoked."""
        ...

    def count_login(self, outcome: str) -> None:
        """`ok` or `refused`."""
        ...


def sign_in_services_of(connection: HTTPConnection) -> SignInServices:
    services: SignInServices = connection.app.state.services
    return services


TheSignIn = Annotated[SignInServices, Depends(sign_in_services_of)]
ThePages = Annotated[OwnPages, Depends(pages_of)]
