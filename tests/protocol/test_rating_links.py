"""The link in a receipt: who holds it may rate, and only that session."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from protocol.messages.agent import AgentToBroker, RatingDelegation
from protocol.messages.wire import MessageDecoder, encode
from protocol.rating_links import RatingLinkError, make_rating_link, parse_rating_link
from protocol.ratings import RatingForged, sign_rating, verify_rating
from protocol.share_url import ShareUrl

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
AGENT = KEY.public_key().public_bytes_raw()
SESSION = b"s" * 16
BROKER = ShareUrl("https://help.example.org:8443", b"r" * 32)
LINK = make_rating_link(KEY, SESSION, BROKER, b"\x02" * 32)
ANSWER = LINK.sign(stars=2, solved=False, comment="it broke again", rated_at_ms=7)


def test_the_text_of_a_link_is_the_link() -> None:
    """An address of the broker, and after # what never travels."""
    assert str(LINK).startswith("https://help.example.org:8443/rate#")
    assert parse_rating_link(f" {LINK}\n") == LINK
    assert LINK.belongs_to(AGENT)
    assert "02020202" not in repr(LINK)


def test_whoever_has_the_link_can_rate() -> None:
    """The session's key vouches for the link's, the link's for the answer."""
    verify_rating(AGENT, SESSION, ANSWER)
    decoder = MessageDecoder[AgentToBroker](AgentToBroker, limit_bytes=16 * 1024)
    assert decoder.decode(encode(ANSWER)) == ANSWER


def test_nobody_else_can() -> None:
    """Another key with this delegation, this key without it, another session, a delegation by another session's key."""
    other = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
    by_other = sign_rating(other, SESSION, stars=5, solved=True, comment="", rated_at_ms=7)
    forged = [
        structs.replace(by_other, delegation=ANSWER.delegation),
        structs.replace(ANSWER, delegation=None),
        make_rating_link(other, SESSION, BROKER, b"\x02" * 32).sign(stars=5, solved=None, comment="", rated_at_ms=7),
        structs.replace(ANSWER, stars=5),
        structs.replace(ANSWER, delegation=RatingDelegation(bytes(32), bytes(64))),
    ]
    for rating in forged:
        with pytest.raises(RatingForged):
            verify_rating(AGENT, SESSION, rating)
    with pytest.raises(RatingForged):
        verify_rating(AGENT, b"x" * 16, ANSWER)
    assert not LINK.belongs_to(other.public_key().public_bytes_raw())


def test_an_answer_without_delegation_is_written_as_before() -> None:
    """Brokers of an earlier version read it."""
    plain = sign_rating(KEY, SESSION, stars=5, solved=True, comment="", rated_at_ms=7)
    assert b"delegation" not in encode(plain)


@given(st.one_of(st.text(), st.text().map(lambda text: f"https://help.example.org/rate#{text}")))
def test_anything_else_is_no_link(text: str) -> None:
    """One clear sentence, whatever was pasted."""
    with pytest.raises(RatingLinkError, match="That is no link for rating"):
        parse_rating_link(text)


@pytest.mark.parametrize("cut", [str(LINK)[:-4], str(LINK) + "AAAA", str(LINK).replace("https", "http"), str(BROKER)])
def test_a_cut_link_is_refused(cut: str) -> None:
    """Before anything is sent."""
    with pytest.raises(RatingLinkError):
        parse_rating_link(cut)
