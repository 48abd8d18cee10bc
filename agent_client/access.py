"""What one engineer may do at this moment, as seen by everything that has to ask.

The session owns the grants; shell, SSH server and files hold an `Access` and ask it at every operation, never once for
all: a revocation shows in the very next answer, and `on_change` tells at once whoever has something running.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from protocol.errors import RefusedError
from protocol.grants import Scope


class ScopeNotGranted(RefusedError):
    """The customer did not allow this, or does so no longer."""

    sentence = "The customer has not granted '{scope}'. You can ask for it: consentry request-more --scope {scope}"


class Access(Protocol):
    """One participant's grant, live."""

    @property
    def participant(self) -> int:
        """Counted from 1 in the order of pairing; names this engineer in the recording."""

    @property
    def name(self) -> str:
        """The engineer's name as certified; not fit for a terminal without escaping."""

    @property
    def ssh_user_key(self) -> bytes:
        """The one SSH public key to admit, as an OpenSSH public-key blob (RFC 4253, section 6.6)."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """Absolute folders that file operations are confined to. Relative paths start in the first."""

    def allows(self, scope: Scope) -> bool:
        """Whether `scope` is granted now. `VIEW` is implied by `SHELL`."""

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after each change of the grant, in the event loop's thread. Returns what undoes it."""
