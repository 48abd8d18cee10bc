"""Listing a folder goes on after an interruption, as every other system call does."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.durability import paths_in


def test_a_listing_that_was_interrupted_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order of names; a folder that cannot be read is an error all the same."""
    for name in ("b", "a"):
        (tmp_path / name).touch()
    failures = [errno.EINTR, errno.EINTR, 0, errno.EIO]
    iterate = Path.iterdir

    def iterdir(folder: Path) -> Iterator[Path]:
        if number := failures.pop(0):
            raise OSError(number, os.strerror(number))
        return iterate(folder)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert paths_in(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    with pytest.raises(OSError, match="Input/output"):
        paths_in(tmp_path)
