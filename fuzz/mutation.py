"""How an input becomes another one: the small set of changes that finds most mistakes in parsers."""

import random
from collections.abc import Callable, Sequence

INPUT_LIMIT_BYTES = 64 * 1024

_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1, 2**63, 2**64 - 1)
_WORDS = (
    b"\x00", b"\xff", b"\r\n", b"\n\n", b"..", b"/", b"%", b"\xc0\x80", b"\xed\xa0\x80", "\u202e".encode(),
    "１２３".encode(), b"\x91" * 1200, b"[" * 1200, b"\x1b[", b"\x1b]52;c;", b"-1", b"9" * 40, b"1e999", b"\xc1",
)  # fmt: skip
"""Half-words, edges of encodings, nesting beyond Python's limit, numbers beyond everybody's."""

Change = Callable[[random.Random, bytearray, Sequence[bytes]], None]


def mutate(chance: random.Random, data: bytes, others: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """A relative of `data`. `others` are inputs to cross it with. Never longer than INPUT_LIMIT_BYTES."""
    changed = bytearray(data)
    for _ in range(1 + min(int(chance.expovariate(0.6)), 8)):
        chance.choice(_CHANGES)(chance, changed, others if chance.random() < 0.3 else (*_WORDS, *words))
    return bytes(changed[:INPUT_LIMIT_BYTES])


def _place(chance: random.Random, data: bytearray) -> int:
    return chance.randint(0, len(data))


def _flip_a_bit(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _set_a_byte(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _set_a_number(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    width = chance.choice((1, 2, 4, 8))
    number = (chance.choice(_EDGES) + chance.choice((-1, 0, 0, 1))) % (1 << 8 * width)
    at = _place(chance, data)
    data[at : at + width] = number.to_bytes(width, "big")


def _cut_out(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(chance, data)
    del data[at : at + chance.choice((1, 2, 4, 16, 64, 512))]


def _cut_off(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[_place(chance, data) :]


def _repeat(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(chance, data)
    piece = data[at : at + chance.choice((1, 4, 16, 64))]
    data[at:at] = piece * chance.choice((1, 2, 16, 64))


def _insert(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    if words:
        at = _place(chance, data)
        data[at:at] = chance.choice(words)


def _overwrite(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    if words:
        word = chance.choice(words)
        at = _place(chance, data)
        data[at : at + len(word)] = word


def _insert_noise(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = _place(chance, data)
    data[at:at] = chance.randbytes(chance.choice((1, 2, 8, 32)))


_CHANGES: tuple[Change, ...] = (
    _flip_a_bit,
    _flip_a_bit,
    _set_a_byte,
    _set_a_number,
    _set_a_number,
    _cut_out,
    _cut_off,
    _repeat,
    _insert,
    _insert,
    _overwrite,
    _insert_noise,
)
