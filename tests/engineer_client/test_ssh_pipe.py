"""What goes to `ssh` goes whole and in order."""

import os
import threading

import pytest

from engineer_client.ssh_pipe import write_pieces


@pytest.mark.parametrize("sizes", [[1] * 5_000, [200_000, 1, 300_000], [], [0, 5, 0]])
def test_all_pieces_arrive_in_order(sizes: list[int]) -> None:
    """However many there are, more than one writev(2) takes too, and however little the pipe takes at once."""
    pieces = [os.urandom(size) for size in sizes]
    reader, writer = os.pipe()
    arrived = bytearray()

    def read() -> None:
        while piece := os.read(reader, 7_777):
            arrived.extend(piece)

    thread = threading.Thread(target=read)
    thread.start()
    write_pieces(writer, [memoryview(piece) for piece in pieces])
    os.close(writer)
    thread.join()
    os.close(reader)
    assert arrived == b"".join(pieces)


def test_a_client_that_has_gone_is_an_error_to_the_writer() -> None:
    """As with write(2): there is nobody to write to."""
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write_pieces(writer, [memoryview(b"late")])
    os.close(writer)
