"""Derived keys: one purpose each, none shown, all bound to what was said."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from protocol.key_schedule import control_stream_keys, derive_pairing_keys

ISK, SID, TRANSCRIPT = b"i" * 64, b"s" * 32, b"t" * 100


def hkdf(material: bytes, salt: bytes, info: bytes, length_bytes: int) -> bytes:
    """RFC 5869 with SHA-256, for one block, written from the text of the RFC."""
    pseudo_random_key = hmac.new(salt, material, hashlib.sha256).digest()
    return hmac.new(pseudo_random_key, info + b"\x01", hashlib.sha256).digest()[:length_bytes]


def test_keys_are_what_the_documentation_says() -> None:
    """HKDF-SHA256 with sid as salt and label ‖ transcript hash as info, by an implementation of its own."""
    keys = derive_pairing_keys(ISK, SID, TRANSCRIPT)
    seen = hashlib.sha256(TRANSCRIPT).digest()
    assert keys.transcript_hash == seen
    assert keys.pairing_id == hkdf(ISK, SID, b"consentry/pairing-id/v1" + seen, 16)
    assert keys.stream_key == hkdf(ISK, SID, b"consentry/stream/v1" + seen, 32)
    assert keys.control_key == hkdf(ISK, SID, b"consentry/control/v1" + seen, 32)


def test_control_keys_are_what_the_documentation_says() -> None:
    """HKDF-SHA256 with the stream id as salt, one label for each direction."""
    stream_id = b"x" * 16
    assert control_stream_keys(b"k" * 32, stream_id) == (
        hkdf(b"k" * 32, stream_id, b"consentry/control/engineer-to-agent/v1", 32),
        hkdf(b"k" * 32, stream_id, b"consentry/control/agent-to-engineer/v1", 32),
    )


def test_no_two_purposes_share_a_key() -> None:
    """The stream key, the control key and both directions of two streams are all different."""
    keys = derive_pairing_keys(ISK, SID, TRANSCRIPT)
    derived = [keys.stream_key, keys.control_key]
    derived += control_stream_keys(keys.control_key, b"1" * 16)
    derived += control_stream_keys(keys.control_key, b"2" * 16)
    assert len(set(derived)) == 6


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_another_transcript_is_another_key(one: bytes, other: bytes) -> None:
    """Even with the same ISK and sid, ends that saw different messages share nothing."""
    first, second = derive_pairing_keys(ISK, SID, one), derive_pairing_keys(ISK, SID, other)
    if one == other:
        assert first == second
    else:
        assert {first.pairing_id, first.stream_key, first.control_key}.isdisjoint(
            {second.pairing_id, second.stream_key, second.control_key}
        )


def test_repr_shows_no_key() -> None:
    """Keys that end up in a log give nothing away."""
    keys = derive_pairing_keys(ISK, SID, TRANSCRIPT)
    assert repr(keys.stream_key) not in repr(keys)
    assert repr(keys.control_key) not in repr(keys)
