"""What is counted as seen is what left."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from agent_client.shell.tally import OutputTally


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=20), st.data())
def test_the_hash_covers_exactly_what_left(pieces: list[bytes], data: st.DataObject) -> None:
    """However output was written in pieces and settled in between, the hash is that of the prefix which left."""
    tally = OutputTally()
    written = b""
    left = 0
    for piece in pieces:
        tally.written(piece)
        written += piece
        left += data.draw(st.integers(0, len(written) - left))
        tally.settle(len(written) - left)
    assert tally.byte_count == left
    assert tally.sha256() == hashlib.sha256(written[:left]).digest()
