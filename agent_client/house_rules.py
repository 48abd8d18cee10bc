"""What nobody can have here, whoever they are: by the organisation's profile, by whom the agent runs as, and by
what the customer said when they began to share."""

from collections.abc import Iterable
from dataclasses import dataclass

from agent_client.host import Host
from protocol.access_requests import Client
from protocol.errors import RefusedError
from protocol.grants import Scope, with_implied
from protocol.profile import Profile


class RootMustBeAsked(RefusedError):
    """The agent runs as root, so whatever is granted is granted as root."""

    sentence = (
        "The engineer asked for less than this program can give: it runs as the system's administrator. They are told "
        "to ask for that by name."
    )


class RootNotToBeHad(RefusedError):
    """Nobody can give what they do not have."""

    sentence = (
        "The engineer asked to act as administrator, which this program cannot allow: it does not run as one. They are "
        "told to ask without it."
    )


class NothingOffered(RefusedError):
    """The customer has said no beforehand, to all of it."""

    sentence = "The engineer asked for nothing of what you offered with --only, so you were not asked."


class BrowserNotAllowed(RefusedError):
    """The organisation's profile forbids it."""

    sentence = "The organisation does not allow engineers to come in with a browser."


class GatewayNotAllowed(RefusedError):
    """The organisation's profile forbids it."""

    sentence = "The organisation does not allow engineers an SSH program of their own through its gateway."


@dataclass(frozen=True, slots=True)
class HouseRules:
    """Asked before the customer is."""

    profile: Profile
    host: Host
    offered: frozenset[Scope] = frozenset(Scope)
    """What the customer may be asked for at all."""

    def cut(self, asked: Iterable[Scope]) -> tuple[Scope, ...]:
        """What of it the customer is asked for. As root, everything is done as root: it cannot be left out.

        Raises NothingOffered.
        """
        asked = with_implied(asked)
        left = asked & (self.offered | ({Scope.ROOT} if self.host.is_root else set()))
        if left != asked and not left - {Scope.ROOT, Scope.GATEWAY}:
            raise NothingOffered
        return tuple(sorted(left))

    def check_client(self, client: Client) -> None:
        """Raises BrowserNotAllowed."""
        if client == "browser" and not self.profile.browser_allowed:
            raise BrowserNotAllowed

    def check_scopes(self, asked: Iterable[Scope], had: frozenset[Scope] = frozenset()) -> None:
        """`had` is what they may do already. Raises RootMustBeAsked, RootNotToBeHad, GatewayNotAllowed."""
        asked = frozenset(asked)
        scopes = asked | had
        if self.host.is_root and scopes - {Scope.VIEW} and Scope.ROOT not in scopes:
            raise RootMustBeAsked
        if Scope.ROOT in scopes and not self.host.is_root:
            raise RootNotToBeHad
        if Scope.GATEWAY in asked and not self.profile.allows_ssh_gateway:
            raise GatewayNotAllowed
