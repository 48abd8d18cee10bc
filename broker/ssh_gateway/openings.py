"""Which SSH key of whom reaches which session. Nothing is written down: a browser that finds its opening gone, after a
restart of the broker, names it again."""

from collections.abc import Collection
from dataclasses import dataclass, field

from protocol.errors import RefusedError


class SshGatewayOff(RefusedError):
    sentence = "This broker has no SSH gateway."


class NoKeyNamed(RefusedError):
    sentence = "No SSH key is named for this session."


@dataclass(frozen=True)
class Opening:
    """`gateway_id` and `gateway_key` open streams at the session's agent; `leg_ticket` admits their legs.

    `login` is the hash of the token under which the key was named.
    """

    session_id: bytes
    user_id: int
    user_name: str
    login: bytes
    ssh_user_key: bytes
    gateway_id: bytes
    gateway_key: bytes = field(repr=False)
    leg_ticket: str = field(repr=False)
    resume_window_ms: int = 600_000


class Openings:
    """At most one for each engineer in each session; the newest counts."""

    def __init__(self) -> None:
        self._of: dict[tuple[bytes, int], Opening] = {}

    def __len__(self) -> int:
        return len(self._of)

    def put(self, opening: Opening) -> None:
        self._of[opening.session_id, opening.user_id] = opening

    def logins(self) -> set[bytes]:
        return {one.login for one in self._of.values()}

    def find(self, session_id: bytes, user_id: int) -> Opening | None:
        return self._of.get((session_id, user_id))

    def admits(self, user_name: str, ssh_user_key: bytes) -> int | None:
        """The user whose key this is, if some session is open to it."""
        for one in self._of.values():
            if (one.user_name, one.ssh_user_key) == (user_name, ssh_user_key):
                return one.user_id
        return None

    def reach(self, user_id: int, ssh_user_key: bytes, session_id: bytes) -> Opening | None:
        one = self._of.get((session_id, user_id))
        return one if one is not None and one.ssh_user_key == ssh_user_key else None

    def close_session(self, session_id: bytes) -> None:
        self._of = {key: one for key, one in self._of.items() if one.session_id != session_id}

    def close_user(self, user_id: int) -> None:
        self._of = {key: one for key, one in self._of.items() if one.user_id != user_id}

    def close_logins(self, logins: Collection[bytes]) -> set[int]:
        """Answers whose they were."""
        closed = {one.user_id for one in self._of.values() if one.login in logins}
        self._of = {key: one for key, one in self._of.items() if one.login not in logins}
        return closed
