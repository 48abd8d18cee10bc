"""The hashes of a recording's last records, in memory that never grows: reserved when its file is opened, written over.

A broker with hundreds of sessions would otherwise gain memory for as long as their first records came together, which
looks like a leak and costs five times as much.
"""

HASH_BYTES = 32


class RecentHashes:
    """One hash for each of the last `limit` numbers. `add` and `forget_from` keep the numbers without a gap."""

    __slots__ = ("_end", "_first", "_limit", "_slots")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slots = bytearray(limit * HASH_BYTES)
        self._first = 0
        self._end = 0

    def add(self, number: int, digest: bytes) -> None:
        """The hash of the number that follows the last one; any, if there is none yet."""
        if self._first == self._end:
            self._first = number
        elif number != self._end:
            raise ValueError(f"number {number} does not follow {self._end - 1}")
        at = number % self._limit * HASH_BYTES
        self._slots[at : at + HASH_BYTES] = digest
        self._end = number + 1
        self._first = max(self._first, self._end - self._limit)

    def forget_from(self, number: int) -> None:
        """That number and all above were taken back."""
        self._end = max(self._first, min(self._end, number))

    def of(self, number: int) -> bytes | None:
        """None if it is not one of them."""
        if not self._first <= number < self._end:
            return None
        at = number % self._limit * HASH_BYTES
        return bytes(self._slots[at : at + HASH_BYTES])
