"""How what is said of a session stands in the database: under a key of its own, which an erase destroys."""

from collections.abc import Mapping
from typing import Protocol


class Seal(Protocol):
    """Erasing a session's key erases what was sealed, from copies of the database too."""

    def seal(self, session_id: bytes, data: bytes) -> bytes:
        """Makes the session's key if there is none yet: it is on the disk when this returns."""
        ...

    def seal_all(self, said: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """As `seal`, of many sessions at once."""
        ...

    def open(self, session_id: bytes, sealed: bytes) -> bytes | None:
        """None once that key is gone."""
        ...


class Unsealed:
    """For a data folder without keys of sessions: whoever has it and the audit key can read everything anyway."""

    def seal(self, session_id: bytes, data: bytes) -> bytes:  # noqa: ARG002  # the protocol's
        return data

    def seal_all(self, said: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        return dict(said)

    def open(self, session_id: bytes, sealed: bytes) -> bytes | None:  # noqa: ARG002  # the protocol's
        return sealed
