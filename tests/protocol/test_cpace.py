"""CPACE-X25519-SHA512 against the draft's vectors, and what must make it abort."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol import cpace
from protocol.errors import PeerError

# draft-irtf-cfrg-cpace-21, appendix B.1 (testvectors.json of commit 8fb4056e, entry G_25519): the figures that the
# suite needs everywhere. `test_published_vectors` checks them against the file.
DRAFT = {
    "PRS": "50617373776F7264",
    "CI": "0B415F696E69746961746F720B425F726573706F6E646572",
    "sid": "7E4B4791D6A8EF019B936C79FB7F2C57",
    "g": "D04BF6D41F6A289632A2E929FA29BEBD51092512A7829FDDE7D314B62F05A73F",
    "ya": "21B4F4BD9E64ED355C3EB676A28EBEDAF6D8F17BDC365995B319097153044080",
    "ADa": "414461",
    "Ya": "1D13C89278CDADD826F6D8D7F887701430F8380DDC17611CDD6DC989CE0C9F32",
    "yb": "848B0779FF415F0AF4EA14DF9DD1D3C29AC41D836C7808896C4EBA19C51AC40A",
    "ADb": "414462",
    "Yb": "248CCCF6D5CDC3646F0AD593F9E6CEF4E69D4945F8372E623512ECEA32185623",
    "K": "5B067EFFBDC0B2A0E1D907B21EBB25CFEDB96A852179A847C37E43EE71322C6B",
    "ISK_IR": (
        "6E19B875F7A561D6B3CA3DBB9EF42AC55DE3E717881018204B8922B4D5E53BB2"
        "AA82C300BEA7B65D2B671DA71922DDF6472301B79BC270ADFA8BF413285F2263"
    ),
}

# The same file, entry X25519_points: shares that would give the all-zero K (draft, section 8: abort).
LOW_ORDER_SHARES = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ECFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F",
    "E0EB7A7C3B41B8AE1656E3FAF19FC46ADA098DEB9C32B1FD866205165F49B800",
    "5F9C95BCA3508C24B1D0B1559C83EF5B04445CC4581C8E86D8224EDDD09F1157",
    "EDFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F",
    "EEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF7F",
]


def given_bytes(name: str) -> bytes:
    return bytes.fromhex(DRAFT[name])


def test_generator_of_the_draft() -> None:
    """Secret, channel identifier and sid give the draft's secret base point."""
    assert cpace.generator(given_bytes("PRS"), given_bytes("CI"), given_bytes("sid")) == given_bytes("g")


@pytest.mark.parametrize(("scalar", "share"), [("ya", "Ya"), ("yb", "Yb")])
def test_shares_of_the_draft(scalar: str, share: str) -> None:
    """Both public shares come out of their scalars and the base point."""
    private = X25519PrivateKey.from_private_bytes(given_bytes(scalar))
    assert cpace.public_share(private, given_bytes("g")) == given_bytes(share)


@pytest.mark.parametrize(("scalar", "share"), [("ya", "Yb"), ("yb", "Ya")])
def test_both_ends_reach_the_draft_s_key(scalar: str, share: str) -> None:
    """Either end computes the same K and the same ISK."""
    private = X25519PrivateKey.from_private_bytes(given_bytes(scalar))
    point = cpace.shared_point(private, given_bytes(share))
    transcript = cpace.transcript_ir(given_bytes("Ya"), given_bytes("ADa"), given_bytes("Yb"), given_bytes("ADb"))
    assert point == given_bytes("K")
    assert cpace.intermediate_key(point, given_bytes("sid"), transcript) == given_bytes("ISK_IR")


@pytest.mark.parametrize("share", LOW_ORDER_SHARES)
def test_low_order_shares_abort(share: str) -> None:
    """A share that would fix the key to zero is refused, whatever our scalar is."""
    with pytest.raises(cpace.ShareRefused):
        cpace.shared_point(X25519PrivateKey.generate(), bytes.fromhex(share))


@pytest.mark.parametrize("length_bytes", [0, 31, 33])
def test_shares_of_a_wrong_length_abort(length_bytes: int) -> None:
    """A share has 32 bytes."""
    with pytest.raises(cpace.ShareRefused):
        cpace.shared_point(X25519PrivateKey.generate(), b"\x09" * length_bytes)


def test_published_vectors(published_vectors: Path) -> None:
    """The figures in this file are the published ones, and of the published points just the low-order ones abort."""
    vectors = json.loads((published_vectors / "cpace" / "testvectors.json").read_text())
    published = vectors["G_25519"]
    assert {name: published[name] for name in DRAFT} == DRAFT
    refused = []
    for share in vectors["X25519_points"].values():
        try:
            cpace.shared_point(X25519PrivateKey.from_private_bytes(given_bytes("ya")), bytes.fromhex(share))
        except cpace.ShareRefused:
            refused.append(share)
    assert refused == LOW_ORDER_SHARES


def test_confirmation_tag_is_the_draft_s_construction() -> None:
    """mac_key = SHA-512("CPaceMac" ‖ sid ‖ ISK); tag = HMAC-SHA-512(mac_key, lv_cat(Y, AD))."""
    sid, isk = given_bytes("sid"), given_bytes("ISK_IR")
    mac_key = hashlib.sha512(b"CPaceMac" + sid + isk).digest()
    message = bytes([32]) + given_bytes("Ya") + bytes([3]) + b"ADa"
    right = hmac.new(mac_key, message, hashlib.sha512).digest()
    assert cpace.confirmation_tag(isk, sid, given_bytes("Ya"), b"ADa") == right


def test_lengths_are_leb128() -> None:
    """The examples of the draft, appendix A.1.3, and one length that takes two bytes."""
    assert cpace.lv_cat(b"1234", b"5", b"", b"678").hex() == "04313233340135" + "00" + "03363738"
    assert cpace.lv_cat(bytes(128))[:2].hex() == "8001"


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_split_undoes_join(items: list[bytes]) -> None:
    """`lv_split` finds the fields that `lv_cat` joined."""
    assert cpace.lv_split(cpace.lv_cat(*items)) == items


@given(st.binary(max_size=300))
def test_there_is_one_way_to_write_a_list(data: bytes) -> None:
    """Whatever splits is what joining its fields gives: no two byte strings mean the same list."""
    try:
        items = cpace.lv_split(data)
    except PeerError:
        return
    assert cpace.lv_cat(*items) == data


@pytest.mark.parametrize("data", ["8000", "80", "ffffffffff", "05aabb", "ffffff7f00"])
def test_malformed_lists(data: str) -> None:
    """Needless zeros, lengths without an end and fields cut off are the peer's fault."""
    with pytest.raises(PeerError):
        cpace.lv_split(bytes.fromhex(data))


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_different_secrets_have_different_generators(one: bytes, other: bytes) -> None:
    """Two secrets meet in one base point only if they are one."""
    bases = (cpace.generator(one, b"CI", b"sid"), cpace.generator(other, b"CI", b"sid"))
    assert (bases[0] == bases[1]) == (one == other)
