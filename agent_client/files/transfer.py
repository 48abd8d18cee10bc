"""What moved through one open file: how much, which ranges, and the hash of it."""

import hashlib

RANGE_LIMIT = 1024
"""A client that jumps around more than this gets a second event for the rest, so that no event grows without bound."""


class Transfer:
    """Counts one direction of one open file.

    The hash is over the bytes in the order in which they moved: it needs no second look at a file that may have changed
    meanwhile. A transfer from start to end in order, which is what every client does, has the file's own hash.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.byte_count = 0
        self._ranges: list[tuple[int, int]] = []

    def moved(self, offset: int, data: bytes) -> None:
        if not data:
            return
        self._hash.update(data)
        self.byte_count += len(data)
        end = offset + len(data)
        if self._ranges and self._ranges[-1][1] == offset:
            self._ranges[-1] = (self._ranges[-1][0], end)
        else:
            self._ranges.append((offset, end))

    @property
    def full(self) -> bool:
        return len(self._ranges) >= RANGE_LIMIT

    @property
    def sha256(self) -> bytes:
        """Empty where nothing moved."""
        return self._hash.digest() if self.byte_count else b""

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Half-open, in order, merged."""
        merged: list[tuple[int, int]] = []
        for start, end in sorted(self._ranges):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return tuple(merged)
