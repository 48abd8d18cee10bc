"""Keys and other secrets on the disk: whole, or not there."""

import os
from pathlib import Path

import pytest

from serving.private_files import DataFolderUnusable, write_private_file


def test_a_full_disk_leaves_nothing_of_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the folder and the reason; what was there before stays, and no half of what is new."""

    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    key = tmp_path / "root.key"
    write_private_file(key, b"before")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(DataFolderUnusable, match=f"folder {tmp_path} cannot be used: No space left on device"):
        write_private_file(key, b"after")
    assert [file.name for file in tmp_path.iterdir()] == ["root.key"]
    assert key.read_bytes() == b"before"
