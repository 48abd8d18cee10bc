"""The console's engineer, run in Node: pairs with the real agent through the real broker, and gets a shell."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import asyncssh
import pytest

from protocol.codes import parse_code
from tests.helpers.deployment import AS_ROOT, PASSWORD, REASON, Broker, Customer
from tests.helpers.network import Wire, payload_of
from tests.helpers.waiting import PATIENCE_SECONDS
from tests.web.conftest import run_end_to_end

FLOOD_BYTES = 8 * 1024 * 1024


@pytest.fixture
def tapped(founded: Broker, tmp_path: Path) -> Iterator[tuple[Broker, Wire]]:
    """A broker behind a proxy that ends TLS and keeps every byte that the broker gets and gives."""
    broker = Broker(tmp_path / "organisation", behind_wire=True, like=founded)
    broker.start(tls="off")
    wire = Wire(broker.port, broker.listen_port, certificate=broker.certificate)
    yield broker, wire
    broker.stop()
    wire.close()


def test_from_a_code_to_a_shell(tapped: tuple[Broker, Wire], new_customer: Callable[..., Customer]) -> None:
    """CPace, consent, SSH and attestation in TypeScript are those of Python; a wrong host key stops all of it, a cut
    network nothing; and the broker reads none of it."""
    broker, wire = tapped
    customer = new_customer(broker)
    code = customer.code
    run_end_to_end(
        "end_to_end/session.test.ts",
        CONSENTRY_ORIGIN=broker.origin,
        CONSENTRY_USER="sam",
        CONSENTRY_PASSWORD=PASSWORD,
        CONSENTRY_CODE=code,
        CONSENTRY_REASON=REASON,
        CONSENTRY_AS_ROOT="yes" if AS_ROOT else "no",
        NODE_EXTRA_CA_CERTS=str(broker.certificate[0]),
    )
    assert customer.heard("consent-question")["client"] == "browser"
    assert customer.heard("chat-said")["text"] == "chat-needle 针\n<b>"
    customer.heard("receipt-written")
    session = customer.receipt.stem.removeprefix("receipt-")
    transcript = broker.audit("export", session, "--format", "text").stdout
    assert "42-needle" in transcript
    assert "writes: chat-needle 针 <b>" in transcript
    broker.audit("verify", session)
    wires = [payload_of(bytes(tape)) for pair in wire.streams for tape in pair]
    assert any(b"claim-code" in one for one in wires), "the tap reads what the broker reads"
    disk = [path.read_bytes() for path in broker.data.rglob("*") if path.is_file()] + [broker.log.read_bytes()]
    for secret in (code, parse_code(code).secret, REASON, "42-needle", "cut-second", "chat-needle"):
        assert not any(secret.encode() in one for one in [*wires, *disk]), f"the broker could read {secret!r}"


async def test_keys_that_are_renewed_lose_no_byte(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The SSH library alone fails where the server renews keys, and hands out buffers that it fills again: both are
    mended, and stay so, in a flood of output and in files each way, whoever renews."""
    host_key = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    flood = hashlib.shake_256(b"flood").digest(FLOOD_BYTES)

    async def pour(process: asyncssh.SSHServerProcess[bytes]) -> None:
        for at in range(0, FLOOD_BYTES, 32 * 1024):
            process.stdout.write(flood[at : at + 32 * 1024])
            await process.stdout.drain()
        process.exit(0)

    class Anybody(asyncssh.SSHServer):
        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return True

    def listen(rekey_bytes: int) -> Awaitable[asyncssh.SSHAcceptor]:
        return asyncssh.create_server(
            Anybody,
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            process_factory=pour,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(tmp_path).encode()),
            encoding=None,
            rekey_bytes=rekey_bytes,
            line_editor=False,
        )

    mib = pytestconfig.getoption("--rekey-mib")
    async with await listen(256 * 1024) as renewing, await listen(1024**4) as quiet:
        await asyncio.to_thread(
            run_end_to_end,
            "end_to_end/rekey.test.ts",
            patience_seconds=4 * PATIENCE_SECONDS + 6 * mib,
            CONSENTRY_SSH_PORT=str(renewing.get_port()),
            CONSENTRY_QUIET_SSH_PORT=str(quiet.get_port()),
            CONSENTRY_HOST_KEY=base64.b64encode(host_key.public_data).decode(),
            CONSENTRY_BYTES=str(FLOOD_BYTES),
            CONSENTRY_SHA256=hashlib.sha256(flood).hexdigest(),
            CONSENTRY_FILE_MIB=str(mib),
            NODE_EXTRA_CA_CERTS="/dev/null",
        )
