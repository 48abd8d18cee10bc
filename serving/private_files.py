"""Files that only their owner may read, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from protocol.details import system_reason
from protocol.errors import InputError


class DataFolderUnusable(InputError):
    sentence = "The data folder {path} cannot be used: {problem}."


class KeyFileUnusable(InputError):
    sentence = "The key file {path} cannot be used: {problem}."


def make_private_folder(path: Path) -> None:
    """Creates it, readable by its owner only. Raises DataFolderUnusable."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise DataFolderUnusable(path=path, problem=system_reason(error)) from None


def write_private_file(path: Path, data: bytes) -> None:
    """Whole or not at all, on the disk when this returns, readable by its owner only. Raises DataFolderUnusable."""
    try:
        # mkstemp makes the file with mode 0600, before a byte is in it.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)  # half of a key is still a secret
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise DataFolderUnusable(path=path.parent, problem=system_reason(error)) from None


def read_file(path: Path) -> bytes:
    """Raises KeyFileUnusable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFileUnusable(path=path, problem=system_reason(error)) from None


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
