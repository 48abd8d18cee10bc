"""The door to an OpenID provider over real TLS: small answers, no redirects, and only from whom the system believes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.config import Settings
from broker.organisation.folder import OrganisationFolder
from serving.identity.openid.door import (
    ANSWER_LIMIT_BYTES,
    Answer,
    HttpsDoor,
    ProviderBroken,
    ProviderCertificatesUnusable,
    ProviderUnreachable,
)
from tests.broker.harness import found
from tests.helpers.waiting import PATIENCE_SECONDS

REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n"

TIMES_TO_BE_ASKED_IN = (0.5, 5.0, 50.0)
"""The first in which a machine this busy gets a question there; that it then has no answer is the same in each."""


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class Provider:
    """Says one thing to whoever asks, and keeps what it was asked."""

    answer = ok(b"{}")
    url = ""
    certificates = Path()
    asked = b""
    hung_up: asyncio.Event | None = None
    """Where there is one, the answer has no end, and it is set when nobody waits for that any more."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        if self.hung_up is not None:
            while await reader.read(65536):
                pass
            self.hung_up.set()
        writer.close()


@pytest.fixture
async def provider(settings: Settings) -> AsyncIterator[Provider]:
    found(settings)
    folder, provider = OrganisationFolder(settings.data_folder), Provider()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder.tls_certificate, folder.tls_key)
    server = await asyncio.start_server(provider.talk, "localhost", 0, ssl=tls)
    provider.url = f"https://localhost:{server.sockets[0].getsockname()[1]}/keys?a=b"
    provider.certificates = folder.tls_certificate
    async with server:
        yield provider


async def test_what_is_sent_and_what_comes_back(provider: Provider) -> None:
    """A JSON object, and an empty one for everything that is none; no redirect is followed."""
    door = HttpsDoor(provider.certificates)
    for body, content in ((b'{"a": 1}', {"a": 1}), (b"[]", {}), (b"\xff", {}), (b"[" * 9000, {}), (b"", {})):
        provider.answer = ok(body)
        assert await door.get(provider.url, bearer="token") == Answer(200, content)
    assert provider.asked.startswith(b"GET /keys?a=b HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer token\r\n" in provider.asked
    provider.answer = REDIRECT
    assert await door.post(provider.url, {"code": "a b"}, basic="eA==") == Answer(302, {})
    assert b"\r\nAuthorization: Basic eA==\r\n" in provider.asked


async def test_answers_that_are_too_large_or_none_are_refused(provider: Provider) -> None:
    """Nothing that a provider sends fills our memory."""
    door = HttpsDoor(provider.certificates)
    provider.answer = ok(b" " * (ANSWER_LIMIT_BYTES + 1))
    with pytest.raises(ProviderBroken):
        await door.get(provider.url)
    for nonsense in (b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"):
        provider.answer = nonsense
        with pytest.raises(ProviderUnreachable):
            await door.get(provider.url)


async def test_only_who_is_vouched_for_is_asked(provider: Provider, tmp_path: Path) -> None:
    """Another's certificate gets no code and no secret of ours."""
    with pytest.raises(ProviderUnreachable):
        await HttpsDoor().post(provider.url, {"code": "secret"})
    assert provider.asked == b""
    with pytest.raises(ProviderUnreachable):
        await HttpsDoor(provider.certificates).get("https://localhost:1/")
    (tmp_path / "x.pem").write_text("nonsense")
    with pytest.raises(ProviderCertificatesUnusable):
        HttpsDoor(tmp_path / "x.pem")


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n{"])
async def test_a_provider_whose_answer_has_no_end_is_cut_off(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    """The whole exchange has its time, however long each step of it may take; and the thread is free again."""
    monkeypatch.setattr("serving.identity.openid.door.TIMEOUT_SECONDS", 10 * PATIENCE_SECONDS)
    provider.answer, provider.hung_up = beginning, asyncio.Event()
    door = HttpsDoor(provider.certificates)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for seconds in TIMES_TO_BE_ASKED_IN:
            monkeypatch.setattr("serving.identity.openid.door.EXCHANGE_SECONDS", seconds)
            with pytest.raises(ProviderUnreachable):
                await door.get(provider.url)
            if provider.asked:
                break
        await provider.hung_up.wait()
