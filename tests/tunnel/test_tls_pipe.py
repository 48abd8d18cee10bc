"""TLS between memory buffers: cut anywhere it gives the same bytes, and it believes only the pinned certificate."""

import contextlib
import ssl
from pathlib import Path

import pytest

from serving.http.shared_tls import server_context
from tests.helpers.relay_house import HOST, make_certificate
from tunnel.pinned_tls import broker_tls
from tunnel.tls_pipe import RECORD_LIMIT_BYTES, TlsPipe


class Server:
    """The other end, by the standard library alone."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.received, self.to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = server_context(certificate, key).wrap_bio(self.received, self.to_send, server_side=True)

    def answer(self, ciphertext: bytes) -> bytes:
        """Its next bytes of the handshake."""
        self.received.write(ciphertext)
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self.to_send.read()

    def say(self, data: bytes) -> bytes:
        self.tls.write(data)
        return self.to_send.read()


def shaken(tmp_path: Path) -> tuple[TlsPipe, Server]:
    certificate, key, pem = make_certificate(tmp_path)
    pipe, server = TlsPipe(broker_tls(pem), HOST), Server(certificate, key)
    while not pipe.shake_hands():
        pipe.feed(server.answer(pipe.ciphertext()))
    pipe.feed(server.answer(pipe.ciphertext()))
    return pipe, server


def decrypted(pipe: TlsPipe) -> bytes:
    buffer = memoryview(bytearray(64 * 1024 + RECORD_LIMIT_BYTES))
    return bytes(buffer[: pipe.decrypt(buffer)])


def test_both_ways(tmp_path: Path) -> None:
    """Tickets that the server hands out behind its handshake are no data; what is said afterwards arrives."""
    pipe, server = shaken(tmp_path)
    assert decrypted(pipe) == b""
    server.received.write(pipe.encrypt(b"a key"))
    assert server.tls.read(100) == b"a key"
    pipe.feed(server.say(b"its echo"))
    assert decrypted(pipe) == b"its echo"
    assert decrypted(pipe) == b""


def test_cut_at_every_byte(tmp_path: Path) -> None:
    """A record that comes in two pieces gives nothing, and then everything."""
    pipe, server = shaken(tmp_path)
    for cut in range(1, 38):  # 5 bytes of header, 16 letters, their type, 16 bytes of tag
        record = server.say(b"sixteen letters.")
        assert len(record) == 38
        pipe.feed(record[:cut])
        assert decrypted(pipe) == b""
        pipe.feed(record[cut:])
        assert decrypted(pipe) == b"sixteen letters."


def test_many_records_at_once(tmp_path: Path) -> None:
    """As much as may be fed at a time, behind the beginning of a record that was not whole, fits the buffer."""
    pipe, server = shaken(tmp_path)
    said = bytes(range(256)) * 320
    records = server.say(said)
    pipe.feed(records[:16_000])
    assert decrypted(pipe) == b""
    pipe.feed(records[16_000 : 16_000 + 64 * 1024])
    first = decrypted(pipe)
    pipe.feed(records[16_000 + 64 * 1024 :])
    assert first + decrypted(pipe) == said


def test_another_certificate(tmp_path: Path) -> None:
    """Only the pinned certificate will do; the other end is told by an alert."""
    (tmp_path / "other").mkdir()
    certificate, key, _ = make_certificate(tmp_path)
    *_, pem = make_certificate(tmp_path / "other")
    pipe, server = TlsPipe(broker_tls(pem), HOST), Server(certificate, key)
    assert not pipe.shake_hands()
    pipe.feed(server.answer(pipe.ciphertext()))
    with pytest.raises(ssl.SSLCertVerificationError):
        pipe.shake_hands()
    server.received.write(pipe.ciphertext())
    with pytest.raises(ssl.SSLError, match=r"(?i)alert"):
        server.tls.do_handshake()


def test_forged(tmp_path: Path) -> None:
    """A byte that was changed on the way is an error and no data."""
    pipe, server = shaken(tmp_path)
    record = bytearray(server.say(b"its echo"))
    record[-1] ^= 1
    pipe.feed(bytes(record))
    with pytest.raises(ssl.SSLError):
        decrypted(pipe)


def test_goodbyes(tmp_path: Path) -> None:
    """Each end can say that nothing more will come; what was said before still arrives."""
    pipe, server = shaken(tmp_path)
    last = server.say(b"the last word")
    with pytest.raises(ssl.SSLWantReadError):
        server.tls.unwrap()
    pipe.feed(last + server.to_send.read())
    assert decrypted(pipe) == b"the last word"
    server.received.write(pipe.goodbye())
    with pytest.raises(ssl.SSLZeroReturnError):
        server.tls.read(1)
