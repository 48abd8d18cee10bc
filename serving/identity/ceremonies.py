"""What was begun and has to be finished: a passkey's challenge, a way to an OpenID provider and back.

The facts of a ceremony travel with whoever began it, sealed: strangers fill no memory of ours, however many they begin.
Each is finished at most once, within its life, for the purpose that it was begun for. A restart forgets the key, and
with it all that was under way: people begin again.
"""

import base64
import binascii
import os
from collections import OrderedDict
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.errors import RefusedError
from serving.clock import Clock

SEALED_MAX_CHARACTERS = 4096
"""Browsers keep no larger cookie."""

NONCE_BYTES = 12
MAX_FINISHED = 20_000
"""That are remembered, within one life: more honest people than that do not sign in."""


class CeremonyOver(RefusedError):
    """Late, used, begun before a restart, made up or meant for something else: nobody who asks learns which."""

    sentence = "That took too long, or was used already. Begin again."


T = TypeVar("T", bound=msgspec.Struct)


class Ceremonies:
    def __init__(self, clock: Clock, *, life_ms: int, max_finished: int = MAX_FINISHED) -> None:
        self._clock = clock
        self._life_ms = life_ms
        self._max_finished = max_finished
        self._key = AESGCM(AESGCM.generate_key(256))
        self._finished: OrderedDict[bytes, int] = OrderedDict()

    def begin(self, facts: msgspec.Struct) -> str:
        """Facts, sealed, as base64url. They are of no use to whoever carries them."""
        nonce = os.urandom(NONCE_BYTES)
        content = self._clock.monotonic_ms().to_bytes(8) + msgspec.msgpack.encode(facts)
        sealed = self._key.encrypt(nonce, content, _purpose(type(facts)))
        return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()

    def finish(self, sealed: str, kind: type[T]) -> T:
        """The facts, once. Raises CeremonyOver."""
        nonce, content = self._open(sealed, kind)
        now_ms = self._clock.monotonic_ms()
        begun_ms = int.from_bytes(content[:8])
        self._forget(now_ms)
        if now_ms - begun_ms >= self._life_ms or nonce in self._finished or len(self._finished) >= self._max_finished:
            raise CeremonyOver
        self._finished[nonce] = now_ms
        return msgspec.msgpack.decode(content[8:], type=kind)

    def _open(self, sealed: str, kind: type[T]) -> tuple[bytes, bytes]:
        try:
            if len(sealed) > SEALED_MAX_CHARACTERS:
                raise CeremonyOver
            data = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            return data[:NONCE_BYTES], self._key.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _purpose(kind))
        except (binascii.Error, ValueError, InvalidTag):
            raise CeremonyOver from None

    def _forget(self, now_ms: int) -> None:
        while self._finished:
            nonce, at_ms = next(iter(self._finished.items()))
            if now_ms - at_ms < self._life_ms:
                break
            del self._finished[nonce]


def _purpose(kind: type[msgspec.Struct]) -> bytes:
    return kind.__qualname__.encode()
