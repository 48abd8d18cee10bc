"""Writes to `ssh`'s pipe, in as few system calls as it can. On the start-up path of `ssh`: imports stay light."""

import os

PIECES_PER_WRITE = 64
"""Far below what writev(2) takes at once. In how many pieces something comes is the other end's to choose."""


def write_pieces(descriptor: int, pieces: list[memoryview]) -> None:
    """All of them, in order, to a descriptor that blocks. Raises OSError."""
    for begin in range(0, len(pieces), PIECES_PER_WRITE):
        rest = pieces[begin : begin + PIECES_PER_WRITE]
        while rest:
            written = os.writev(descriptor, rest)
            while rest and written >= len(rest[0]):
                written -= len(rest.pop(0))
            if rest:
                rest[0] = rest[0][written:]
