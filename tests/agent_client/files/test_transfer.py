"""What moved through an open file."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from agent_client.files.transfer import RANGE_LIMIT, Transfer


def test_a_transfer_in_order_has_the_hash_of_the_file() -> None:
    """Read from start to end in any pieces: one range, and the file's own SHA-256."""
    content = bytes(range(256)) * 10
    transfer = Transfer()
    for start in range(0, len(content), 100):
        transfer.moved(start, content[start : start + 100])
    assert transfer.ranges == ((0, len(content)),)
    assert transfer.sha256 == hashlib.sha256(content).digest()


def test_nothing_moved_has_no_hash() -> None:
    """An empty hash says that nothing moved, which no hash of bytes can say."""
    transfer = Transfer()
    transfer.moved(5, b"")
    assert (transfer.byte_count, transfer.sha256, transfer.ranges) == (0, b"", ())


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10)), max_size=30))
def test_ranges_cover_what_moved_and_nothing_else(moves: list[tuple[int, int]]) -> None:
    """Ranges are in order, apart from each other, and name exactly the offsets that moved."""
    transfer = Transfer()
    for offset, size in moves:
        transfer.moved(offset, bytes(size))
    covered = {at for start, end in transfer.ranges for at in range(start, end)}
    assert covered == {at for offset, size in moves for at in range(offset, offset + size)}
    assert all(before[1] < after[0] for before, after in zip(transfer.ranges, transfer.ranges[1:], strict=False))


def test_a_client_that_jumps_around_fills_a_transfer() -> None:
    """So that it is told, and a new one begun, before the list of ranges grows without bound."""
    transfer = Transfer()
    for index in range(RANGE_LIMIT):
        assert not transfer.full
        transfer.moved(index * 10, b"x")
    assert transfer.full
