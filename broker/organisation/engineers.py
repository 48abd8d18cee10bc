"""An engineer: a user who may ask customers for something, if their role lets them; and where all of them are kept."""

from dataclasses import dataclass
from typing import Protocol

from broker.organisation.people import PERMISSIONS, UNTIL_OWN_PASSWORD, Permission, Role
from protocol.errors import RefusedError
from protocol.grants import Scope
from serving.identity.roles import OwnPasswordFirst
from serving.identity.users import User, UserStore


@dataclass(frozen=True, kw_only=True)
class Engineer(User):
    """`max_scopes` is the most that this engineer's certificates allow; `team` is empty for none.

    Everybody in the broker's database is one of these; who may come to customers is in the table of `people.py`.
    """

    role: Role
    staff_number: str
    max_scopes: frozenset[Scope]
    password_provisional: bool = False
    team: str = ""

    @property
    def permissions(self) -> frozenset[Permission]:
        """Until somebody has a password that nobody else has seen, they may do nothing but choose one."""
        return UNTIL_OWN_PASSWORD if self.password_provisional else PERMISSIONS[self.role]

    def refusal(self) -> RefusedError:
        return OwnPasswordFirst() if self.password_provisional else super().refusal()


class EngineerStore(UserStore[Engineer], Protocol):
    """Each method returns when its change is on the disk."""

    async def add(
        self,
        *,
        user_name: str,
        name: str,
        staff_number: str,
        max_scopes: frozenset[Scope],
        password_hash: str,
        created_at_ms: int,
        role: Role = "engineer",
        totp_secret: str | None = None,
        password_provisional: bool = False,
        team: str = "",
    ) -> Engineer:
        """Raises UserExists for a user name or staff number that is taken."""
        ...

    async def set_password(
        self, user_id: int, password_hash: str, *, keep: bytes | None = None, provisional: bool = False
    ) -> None:
        """As every server's; `provisional` is one that somebody else has seen."""
        ...

    async def change(
        self, one: Engineer, if_version: int, *, name: str, role: Role, max_scopes: frozenset[Scope], disabled: bool
    ) -> None:
        """What an administrator may change of somebody, all in one; ends their logins. Raises ChangedMeanwhile."""
        ...

    async def set_team(self, one: Engineer, team: str, if_version: int | None = None) -> Engineer:
        """Empty: in none. Their logins go on, for a team is no right. Raises ChangedMeanwhile."""
        ...

    async def rename_team(self, team: str, name: str) -> int:
        """How many people are in it, under its new name. Raises TeamUnknown, TeamTaken."""
        ...

    async def seal_secrets(self) -> int:
        """Those that an earlier version kept in the open; answers how many there were."""
        ...
