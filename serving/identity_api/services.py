"""What a server must have for these routes: its `app.state.services` is one of these, `app.state.pages` its pages."""

from abc import ABC, abstractmethod
from typing import Annotated, Any, TypeAlias, TypeVar

from fastapi import Depends
from starlette.requests import HTTPConnection

from serving.clock import Clock
from serving.http.own_pages import OwnPages, pages_of
from serving.identity.settings import SignInSettings
from serving.identity.sign_in import SignIn
from serving.identity.users import User, UserStore

U = TypeVar("U", bound=User)


class SignInServer(SignIn[U], ABC):
    settings: SignInSettings
    clock: Clock
    users: UserStore[U]

    @property
    @abstractmethod
    def authenticator_name(self) -> str:
        """What an authenticator app shows beside the one-time number."""

    @abstractmethod
    async def cut_off_revoked(self) -> None:
        """Ends whatever goes on under logins that were revoked."""

    @abstractmethod
    def count_login(self, outcome: str) -> None:
        """`ok` or `refused`."""


SignInServices: TypeAlias = SignInServer[Any]
"""Of whichever server asks: routes here know no more of its people than every server does."""


def sign_in_services_of(connection: HTTPConnection) -> SignInServices:
    services: SignInServices = connection.app.state.services
    return services


TheSignIn = Annotated[SignInServices, Depends(sign_in_services_of)]
ThePages = Annotated[OwnPages, Depends(pages_of)]
