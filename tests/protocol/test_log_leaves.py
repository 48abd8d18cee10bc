"""What the log can say, byte by byte."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.log_leaves import (
    CloseLeaf,
    EraseLeaf,
    HeadLeaf,
    KeyLeaf,
    Leaf,
    LeafError,
    OpenLeaf,
    QaLeaf,
    ViewLeaf,
    commitment,
    decode_leaf,
    encode_leaf,
)

SESSION, ONE, TWO = b"s" * 16, b"1" * 32, b"2" * 32
TIME_MS = 1_795_000_000_000

LEAVES: list[tuple[Leaf, str]] = [
    (OpenLeaf(TIME_MS, SESSION, ONE, TWO), SESSION.hex() + ONE.hex() + TWO.hex()),
    (HeadLeaf(TIME_MS, SESSION, 64, ONE), SESSION.hex() + f"{64:016x}" + ONE.hex()),
    (CloseLeaf(TIME_MS, SESSION, 65, ONE, "engineer-ended"), SESSION.hex() + f"{65:016x}" + ONE.hex() + "01"),
    (ViewLeaf(TIME_MS, SESSION, TWO), SESSION.hex() + TWO.hex()),
    (EraseLeaf(TIME_MS, SESSION, TWO), SESSION.hex() + TWO.hex()),
    (KeyLeaf(TIME_MS, 3, ONE), f"{3:016x}" + ONE.hex()),
    (QaLeaf(TIME_MS, SESSION, TWO), SESSION.hex() + TWO.hex()),
]


@pytest.mark.parametrize(("leaf", "body"), LEAVES, ids=[type(leaf).__name__ for leaf, _ in LEAVES])
def test_each_kind_is_what_the_page_says(leaf: Leaf, body: str) -> None:
    """Magic, kind, time, and its fields without a byte between them; and it reads back."""
    encoded = encode_leaf(leaf)
    assert encoded.hex() == b"CLL1".hex() + f"{leaf.KIND:02x}" + f"{TIME_MS:016x}" + body
    assert decode_leaf(encoded) == leaf
    for damaged in (encoded[:-1], encoded + b"\0", b"X" + encoded[1:], encoded[:4] + b"\x63" + encoded[5:]):
        with pytest.raises(LeafError):
            decode_leaf(damaged)


def test_what_does_not_fit_is_not_written() -> None:
    """Fields of another length, numbers out of range: nothing is padded, cut or wrapped in silence."""
    for leaf in (
        OpenLeaf(TIME_MS, SESSION[:-1], ONE, TWO),
        OpenLeaf(TIME_MS, SESSION, ONE + b"\0", TWO),
        HeadLeaf(TIME_MS, SESSION, -1, ONE),
        HeadLeaf(2**60, SESSION, 1, ONE),
        HeadLeaf(TIME_MS, SESSION, 2**60, ONE),
    ):
        with pytest.raises(LeafError):
            encode_leaf(leaf)
    with pytest.raises(LeafError, match="reason"):
        decode_leaf(encode_leaf(CloseLeaf(TIME_MS, SESSION, 1, ONE, "lost"))[:-1] + b"\xff")


def test_a_commitment_is_salt_and_content() -> None:
    """SHA-256 over the two, the salt first."""
    assert commitment(ONE, b"who and why") == hashlib.sha256(ONE + b"who and why").digest()


@given(st.binary(max_size=120))
def test_any_bytes_are_a_leaf_error_or_a_leaf(data: bytes) -> None:
    """What decodes encodes to the same bytes: an entry has one meaning."""
    try:
        leaf = decode_leaf(data)
    except LeafError:
        return
    assert encode_leaf(leaf) == data
