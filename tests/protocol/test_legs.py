"""The client's half of a leg's handshake."""

import pytest

from protocol.errors import PeerError
from protocol.legs import HANDSHAKE_LIMIT_BYTES, LegHandshake, LegRefused, split_origin

KEY = b"the sample nonce"  # RFC 6455 section 1.3
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: consentry.leg.v1\r\n\r\n"
)


def handshake() -> LegHandshake:
    return LegHandshake("help.example.org:8443", "/relay/agent", "ABC", KEY)


def test_request() -> None:
    """The ticket travels in a header, never in the path."""
    request = handshake().request
    assert request.startswith(b"GET /relay/agent HTTP/1.1\r\nHost: help.example.org:8443\r\n")
    assert b"\r\nSec-WebSocket-Protocol: consentry.leg.v1, ticket.ABC\r\n" in request
    assert b"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" in request


def test_answer_in_pieces() -> None:
    """The sample answer of RFC 6455, a byte at a time; what follows it is handed over."""
    shaking = handshake()
    assert all(shaking.receive_data(ANSWER[at : at + 1]) is None for at in range(len(ANSWER) - 1))
    assert shaking.receive_data(ANSWER[-1:] + b"rest") == b"rest"


@pytest.mark.parametrize(("status", "is_final"), [(401, True), (403, True), (410, True), (429, False), (503, False)])
def test_refused(status: int, is_final: bool) -> None:
    """A status says whether it makes sense to dial again."""
    with pytest.raises(LegRefused) as refusal:
        handshake().receive_data(f"HTTP/1.1 {status} No\r\n\r\n".encode())
    assert refusal.value.is_final is is_final
    assert str(status) in str(refusal.value)


@pytest.mark.parametrize(
    "bad",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        ANSWER.replace(b"s3pP", b"S3PP"),
        ANSWER.replace(b"leg.v1", b"leg.v2"),
        ANSWER.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
        b"HTTP/1.1 101 " + b"x" * HANDSHAKE_LIMIT_BYTES,
    ],
)
def test_bad_answers(bad: bytes) -> None:
    """Another protocol, another handshake's answer, a choice that was not offered, an endless line."""
    with pytest.raises(PeerError):
        handshake().receive_data(bad)


@pytest.mark.parametrize(
    ("origin", "parts"),
    [
        ("https://help.example.org", ("help.example.org", "help.example.org", 443)),
        ("https://127.0.0.1:8443", ("127.0.0.1:8443", "127.0.0.1", 8443)),
        ("https://[::1]", ("[::1]", "::1", 443)),
        ("https://[::1]:8443", ("[::1]:8443", "::1", 8443)),
    ],
)
def test_split_origin(origin: str, parts: tuple[str, str, int]) -> None:
    """Names, addresses and ports of both kinds."""
    assert split_origin(origin) == parts
