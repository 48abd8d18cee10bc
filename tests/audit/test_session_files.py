"""The files that the two halves share: read back as written, and refused when they are not."""

from pathlib import Path

import msgspec
import pytest

from audit.session_files import (
    OPENING_FILE,
    SMALL_FILE_LIMIT_BYTES,
    SessionFileError,
    SessionOpening,
    read_small_file,
    session_folder,
    session_id_of,
)

OPENING = SessionOpening(b"\x11" * 16, b"\x22" * 32, b"\x33" * 32, 5)


def test_a_folder_is_named_for_its_session(tmp_path: Path) -> None:
    """The name is the number in lower-case hex and nothing else."""
    assert session_id_of(session_folder(tmp_path, OPENING.session_id)) == OPENING.session_id
    for name in ("", "11", "zz" * 16, "AB" * 16, " " + "11" * 16, "1" * 33, ".lock"):
        assert session_id_of(tmp_path / name) is None


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """And what is not there is None."""
    path = tmp_path / OPENING_FILE
    assert read_small_file(path, SessionOpening) is None
    path.write_bytes(msgspec.msgpack.encode(OPENING))
    assert read_small_file(path, SessionOpening) == OPENING


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode({"session_id": b"short"}),
        msgspec.msgpack.encode(msgspec.structs.asdict(OPENING) | {"more": 1}),
        bytes(SMALL_FILE_LIMIT_BYTES + 1),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, data: bytes) -> None:
    """Short, long, unknown fields or no msgpack: one error that names the file."""
    path = tmp_path / OPENING_FILE
    path.write_bytes(data)
    with pytest.raises(SessionFileError, match=OPENING_FILE):
        read_small_file(path, SessionOpening)
