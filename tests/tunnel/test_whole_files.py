"""Files of the clients that are replaced whole, or not at all."""

import os
import stat
from pathlib import Path

import pytest

from tunnel.whole_files import replace_file


def test_a_file_is_replaced_by_one_that_only_its_owner_reads(tmp_path: Path) -> None:
    """Whatever its mode was before, unless another is asked for; nothing lies beside it."""
    file = tmp_path / "kept"
    file.write_bytes(b"before")
    file.chmod(0o644)
    replace_file(file, b"now")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"now", 0o600)
    replace_file(str(file), b"open", mode=0o644)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"open", 0o644)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_what_was_there(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old content, and nothing beside it."""
    file = tmp_path / "kept"
    file.write_bytes(b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(file, b"now")
    assert file.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [file]
