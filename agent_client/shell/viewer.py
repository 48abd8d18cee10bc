"""One place in the shared room: an engineer's SSH channel, or the customer's own screen."""

from typing import Protocol

from agent_client.access import Access
from agent_client.shell.tally import ChannelRecord
from protocol.events import CUSTOMER
from protocol.grants import Scope


class Screen(Protocol):
    """Where a seat's output goes. An SSH channel, in `ssh/`; a function, for the customer."""

    @property
    def queued_bytes(self) -> int:
        """Output that it has not yet been able to send on."""

    def show(self, data: bytes) -> None:
        """Take output. Never blocks; what cannot be sent yet is queued."""

    def shell_ended(self, exit_status: int) -> None:
        """The room's shell ended, and everything it put out was shown."""

    def cut(self) -> None:
        """Drop what is queued and close, at once."""

    def hold_input(self, held: bool) -> None:
        """Whether to stop delivering what is typed (paused, or the program does not read)."""


class Seat:
    """Who sits there, how large their window is, and whether they may type now."""

    def __init__(
        self, screen: Screen, columns: int, rows: int, access: Access | None, record: ChannelRecord | None
    ) -> None:
        self.screen = screen
        self.columns = columns
        self.rows = rows
        self._access = access
        self.record = record

    @property
    def participant(self) -> int:
        return CUSTOMER if self._access is None else self._access.participant

    @property
    def is_customer(self) -> bool:
        return self._access is None

    @property
    def may_type(self) -> bool:
        """Asked at every key: a revocation shows in the very next answer."""
        return self._access is None or self._access.allows(Scope.SHELL)

    @property
    def may_see(self) -> bool:
        return self._access is None or self._access.allows(Scope.VIEW) or self._access.allows(Scope.SHELL)
