"""Connections that go on for as long as a login does: when it is revoked, they are hung up at once."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager


class LiveLogins:
    def __init__(self) -> None:
        self._hang_up: dict[bytes, set[Callable[[], None]]] = {}

    @contextmanager
    def connected(self, token_hash: bytes, hang_up: Callable[[], None]) -> Iterator[None]:
        """While the block lasts, `hang_up` is called as soon as this login is revoked. It must not block."""
        connections = self._hang_up.setdefault(token_hash, set())
        connections.add(hang_up)
        try:
            yield
        finally:
            connections.discard(hang_up)
            if not connections:
                self._hang_up.pop(token_hash, None)

    def all(self) -> set[bytes]:
        return set(self._hang_up)

    def revoked(self, token_hashes: Collection[bytes]) -> None:
        for token_hash in token_hashes:
            for hang_up in tuple(self._hang_up.get(token_hash, ())):
                hang_up()
