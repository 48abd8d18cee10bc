"""Wakes whoever waits for changes, and remembers which recordings grew.

Positions are numbers of this process' life: one of another life, or older than what is remembered, is answered with
`resync`, and the audit service looks at every recording that may have grown.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from serving.bells import Bells, Listener

RECORDINGS_REMEMBERED = 8192
"""More than run at one time; the one that has been quiet for longest is forgotten first."""

ANSWER_LIMIT_RECORDINGS = 500


@dataclass(frozen=True)
class Growth:
    """Recordings that grew since a position, oldest first, and the position after them."""

    position: str
    session_ids: list[bytes]
    resync: bool


class AuditFeed:
    """For one event loop."""

    def __init__(self) -> None:
        self._life = secrets.token_hex(8)
        self._count = 0
        self._forgotten = 0
        self._grown: OrderedDict[bytes, int] = OrderedDict()
        self._bells: Bells[None] = Bells()

    def close(self) -> None:
        """The broker stops: nobody waits any more, and whoever asks is answered at once."""
        self._bells.close()

    def recording_grew(self, session_id: bytes) -> None:
        """Its records on the disk are more than they were."""
        self._count += 1
        self._grown[session_id] = self._count
        self._grown.move_to_end(session_id)
        if len(self._grown) > RECORDINGS_REMEMBERED:
            _, self._forgotten = self._grown.popitem(last=False)
        self.sessions_changed()

    def sessions_changed(self) -> None:
        """The database says something new of some session."""
        self._bells.ring(None)

    def since(self, position: str) -> Growth:
        life, _, number = position.partition(".")
        if life != self._life or not number.isdecimal() or not self._forgotten <= int(number) <= self._count:
            return Growth(f"{self._life}.{self._count}", [], resync=True)
        found = [(session_id, count) for session_id, count in self._grown.items() if count > int(number)]
        found = found[:ANSWER_LIMIT_RECORDINGS]
        reached = found[-1][1] if found else self._count
        return Growth(f"{self._life}.{reached}", [session_id for session_id, _ in found], resync=False)

    def listen(self) -> "Listener":
        """From now on changes are noticed, also those that come before `wait`."""
        return self._bells.listen(None)
