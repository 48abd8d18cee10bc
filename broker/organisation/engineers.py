"""An engineer: a user who may ask customers for something."""

from dataclasses import dataclass

from protocol.grants import Scope
from serving.identity.users import User


@dataclass(frozen=True, kw_only=True)
class Engineer(User):
    """`max_scopes` is the most that this engineer's certificates allow."""

    staff_number: str
    max_scopes: frozenset[Scope]
