"""Files that are replaced whole: whoever reads one sees the old content or the new, also after a power cut.

On the start-up path of `ssh-proxy`: standard library only, and no `pathlib`.
"""

import contextlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: "Path | str", content: bytes, *, mode: int = 0o600) -> None:
    """Nobody but its owner can read the file before it has its `mode`. Raises OSError, and then it is as it was."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.urandom(6).hex()}")  # noqa: PTH118 (see above)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        os.replace(temporary, path)  # noqa: PTH105 (see above)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108 (see above)
