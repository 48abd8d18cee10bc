"""A certificate that is renewed while the server runs."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from serving.http.renewal import CertificateWatch
from serving.http.shared_tls import SharedBuffers, over_tls, server_context
from tests.helpers.relay_house import HOST, make_certificate
from tests.serving.http.test_shared_tls import Echo


@dataclass
class House:
    folder: Path
    pem: str
    watch: CertificateWatch
    port: int = 0
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def talk(self, pem: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = ssl.create_default_context(cadata=pem)
        return await asyncio.open_connection(HOST, self.port, ssl=tls, server_hostname=HOST)


async def echoed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"still here")
    return await reader.readexactly(10) == b"still here"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    certificate, key, pem = make_certificate(tmp_path)
    buffers = SharedBuffers(server_context(certificate, key))
    watch = CertificateWatch(
        certificate, key, lambda context: setattr(buffers, "context", context), now=lambda: house.now
    )
    house = House(tmp_path, pem, watch)
    factory = over_tls(buffers, Echo)
    server = await asyncio.get_running_loop().create_server(cast("type[asyncio.Protocol]", factory), HOST, 0)
    house.port = server.sockets[0].getsockname()[1]
    async with server:
        yield house


async def test_new_connections_get_it_and_old_ones_go_on(house: House) -> None:
    """Nobody is hung up on; whoever connects afterwards sees the new one and no other."""
    standing = await house.talk(house.pem)
    _, _, renewed = make_certificate(house.folder)
    with capture_logs() as said:
        await house.watch.look()
        await house.watch.look()
    assert [line["event"] for line in said] == ["tls_certificate_renewed"]
    assert await echoed(*standing)
    new = await house.talk(renewed)
    assert await echoed(*new)
    with pytest.raises(ssl.SSLCertVerificationError):
        await house.talk(house.pem)
    for _, writer in (standing, new):
        writer.close()


async def test_half_of_a_pair_changes_nothing(house: House) -> None:
    """As long as the key is the old one, the old certificate is shown; said once. With the key it is taken up."""
    other = house.folder / "other"
    other.mkdir()
    certificate, key, renewed = make_certificate(other)
    certificate.replace(house.folder / certificate.name)
    with capture_logs() as said:
        await house.watch.look()
        await house.watch.look()
    assert [line["event"] for line in said] == ["tls_certificate_unusable"]
    _, writer = await house.talk(house.pem)
    writer.close()
    key.replace(house.folder / key.name)
    await house.watch.look()
    _, writer = await house.talk(renewed)
    writer.close()


async def test_one_that_has_expired_changes_nothing(house: House) -> None:
    """Put there by mistake, out of a backup: nobody would connect to it, and the one from before is still good."""
    make_certificate(house.folder)
    house.now = datetime.now(UTC) + timedelta(days=3)
    with capture_logs() as said:
        await house.watch.look()
    assert said[0]["event"] == "tls_certificate_unusable"
    assert "expired" in said[0]["problem"]
    _, writer = await house.talk(house.pem)
    writer.close()


async def test_one_that_is_replaced_while_it_is_read_changes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenSSL has read a whole pair; when its dates are looked at, half of the next one is there."""
    certificate = house.folder / make_certificate(house.folder)[0].name

    def read_and_replaced(*files: Path) -> ssl.SSLContext:
        context = server_context(*files)
        certificate.write_text("-----BEGIN CERTIFICATE-----\n")
        return context

    monkeypatch.setattr("serving.http.renewal.server_context", read_and_replaced)
    with capture_logs() as said:
        await house.watch.look()
    assert [line["event"] for line in said] == ["tls_certificate_unusable"]
    _, writer = await house.talk(house.pem)
    writer.close()


async def test_one_that_nobody_renews_is_told_each_day(house: House) -> None:
    """When a sixth of its life is left: of two days, eight hours."""
    heard = []
    for hours in (0, 15, 17, 18, 42):
        house.now = datetime.now(UTC) + timedelta(hours=hours)
        with capture_logs() as said:
            await house.watch.look()
        heard.append([line["event"] for line in said])
    assert heard == [[], [], ["tls_certificate_ends"], [], ["tls_certificate_ends"]]
