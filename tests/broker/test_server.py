"""The process: starting, stopping, and what stands in its way."""

import asyncio
import os
import signal
import socket
import sys

import pytest

from broker.config import Settings
from broker.organisation.folder import OrganisationFolder
from broker.server import EXIT_DISK_FAILED, BrokerServer, serve
from serving.http.server import AddressInUse, TlsFileUnusable
from tests.broker.harness import QUICK_PASSWORDS, RunningBroker, found, make_settings, running
from tests.helpers.ports import free_port
from tests.helpers.waiting import PATIENCE_SECONDS


async def test_sigterm_closes_connections_in_order(settings: Settings) -> None:
    """Status 0; agents hear 1012, service restart, and come back by themselves."""
    organisation = found(settings)
    port = free_port()
    environment = os.environ | {
        "CONSENTRY_DATA_FOLDER": str(settings.data_folder),
        "CONSENTRY_LISTEN_HOST": "127.0.0.1",
        "CONSENTRY_LISTEN_PORT": str(port),
        "CONSENTRY_MIN_FREE_DISK_GIB": "0",
        "CONSENTRY_MIN_FREE_DISK_PERCENT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "consentry", "serve", env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while b"broker_listening" not in await process.stderr.readline():
                pass
            broker = RunningBroker(_At(port), organisation, settings)  # type: ignore[arg-type]
            while True:
                try:
                    await broker.request("GET", "/healthz")
                    break
                except OSError:
                    continue
            async with broker.agent() as (client, _):
                process.send_signal(signal.SIGTERM)
                assert await client.closed() == 1012
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


class _At:
    def __init__(self, port: int) -> None:
        self.port = port


def test_a_taken_port_is_said_in_one_sentence(settings: Settings) -> None:
    """Before anything else is touched."""
    found(settings)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        occupied = make_settings(settings.data_folder, listen_port=taken.getsockname()[1])
        with pytest.raises(AddressInUse, match=r"port \d+: Address already in use\.$"):
            BrokerServer(occupied, passwords=QUICK_PASSWORDS)


def test_a_disk_that_fails_at_the_start_ends_like_one_that_fails_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A supervisor that knows status 74 need not know when it happened."""

    def fail(_self: object, _handle: int) -> None:
        raise OSError(5, "Input/output error")

    found(settings)
    monkeypatch.setattr("audit.durability.Durability.sync_data", fail)
    assert serve(settings) == EXIT_DISK_FAILED


def test_a_tls_key_of_another_certificate_is_refused(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Not found out by the first customer."""
    found(settings)
    other = make_settings(tmp_path_factory.mktemp("other") / "data")
    found(other)
    given = make_settings(
        settings.data_folder,
        tls="given",
        tls_certificate=OrganisationFolder(settings.data_folder).tls_certificate,
        tls_key=OrganisationFolder(other.data_folder).tls_key,
    )
    with pytest.raises(TlsFileUnusable):
        BrokerServer(given, passwords=QUICK_PASSWORDS)


async def test_figures_are_for_this_machine_or_the_token(settings: Settings) -> None:
    """Loopback without a token, unless a proxy stands between; with one set, only with it. No label names a person."""
    organisation = found(settings)
    async with running(settings, organisation) as broker, broker.agent():
        answer = await broker.request("GET", "/metrics")
        assert b"consentry_sessions_waiting 1.0" in answer.body
        assert b"consentry_relay_bytes_total 0.0" in answer.body
        assert (await broker.request("GET", "/metrics", headers={"X-Forwarded-For": "127.0.0.1"})).status == 403
    async with running(make_settings(settings.data_folder, metrics_token="figures"), organisation) as broker:
        assert (await broker.request("GET", "/metrics")).status == 403
        assert (await broker.request("GET", "/metrics", token="wrong")).status == 403
        assert (await broker.request("GET", "/metrics", token="figures")).status == 200
        assert (await broker.request("GET", "/healthz")).body == b"ok\n"
        assert (await broker.request("GET", "/readyz")).status == 200
