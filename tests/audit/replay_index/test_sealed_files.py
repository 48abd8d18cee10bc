"""Files of sealed chunks, as they are read while somebody else writes them anew."""

from pathlib import Path

from audit.replay_index.sealed_files import ChunkFile

KEY = b"k" * 32


def test_a_file_that_is_replaced_while_it_is_open_is_read_as_it_was(tmp_path: Path) -> None:
    """Whoever opened it before reads the old one to its end, though the new one is longer; whoever opens it then, the
    new one."""
    writer, reader = (ChunkFile(tmp_path / "additions", KEY) for _ in range(2))
    writer.replace(b"old")
    assert reader.read_row()[0] == [b"old"]
    writer.replace(bytes(range(256)))
    assert reader.read_row()[0] == [b"old"]
    reader.close()
    assert reader.read_row()[0] == writer.read_row()[0] == [bytes(range(256))]


def test_who_replaces_a_file_reads_the_new_one(tmp_path: Path) -> None:
    """Also where the old one was open."""
    file = ChunkFile(tmp_path / "additions", KEY)
    file.replace(bytes(range(256)))
    assert file.read_row()[0] == [bytes(range(256))]
    file.replace(b"new")
    assert file.read_row()[0] == [b"new"]
