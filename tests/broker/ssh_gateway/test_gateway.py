"""`ssh -J`: an engineer's stock SSH reaches their own live session through the gateway, and nothing else."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import Any

import asyncssh
import pytest
from asyncssh.constants import MSG_REQUEST_FAILURE
from asyncssh.packet import Boolean, String, UInt32
from structlog.testing import CapturingLogger

from agent_client.faces import notices
from agent_client.faces.face import Narrow
from broker.ssh_gateway.leg import join_relay
from broker.ssh_gateway.server import AgentAway, DestinationRefused, GatewayLimits
from protocol.events import SshKeyAdmitted as KeyRecorded
from protocol.grants import Scope
from protocol.messages.control import Denied, SshKeyAdmitted
from protocol.stream import ResumableStream
from protocol.stream_frames import StreamKind
from tests.broker.ssh_gateway.conftest import SCOPES, Visit
from tests.helpers.waiting import PATIENCE_SECONDS, until
from tunnel.engineer_stream import StreamUnavailable, keep_stream
from tunnel.tasks import TaskGroupOwner

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTS = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "broker", "", "*", "-J", "../x", "a" * 300)


@pytest.fixture
def limits(visit: Visit) -> Iterator[Any]:
    """Sets limits for one test."""
    before = visit.gateway.limits
    yield lambda **changes: setattr(visit.gateway, "limits", GatewayLimits(**changes))
    visit.gateway.limits = before


async def refusal(opening: Any) -> asyncssh.ChannelOpenError:
    with pytest.raises(asyncssh.ChannelOpenError) as refused:
        await asyncio.wait_for(opening, PATIENCE_SECONDS)
    return refused.value


async def destination(outer: asyncssh.SSHClientConnection, host: str, port: int = 22) -> Any:
    return await outer.open_connection(host, port)


async def greeting(outer: asyncssh.SSHClientConnection, host: str) -> bytes:
    """How the agent begins; nothing where it lets go at once, before or after the channel is open."""
    try:
        reader, _ = await destination(outer, host)
    except asyncssh.ChannelOpenError as refused:
        return b"" if refused.reason == str(AgentAway()) else refused.reason.encode()
    return bytes(await reader.read(7))


# ── what it is for ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_files_come_through(visit: Visit) -> None:
    """The inner SSH is with the customer's agent: its host key is the paired one, its key the engineer's own."""
    async with visit.inner() as ssh, ssh.start_sftp_client() as sftp:
        assert "hello.txt" in await sftp.listdir(".")
        async with sftp.open("hello.txt") as file:
            assert await file.read() == "hello from the customer\n"


async def test_many_channels_share_one_connection(visit: Visit) -> None:
    """ControlMaster, or several sessions at once: each channel is a stream of its own."""
    async with visit.outer() as outer:
        greetings = [(await destination(outer, visit.name))[0].readuntil(b"\r\n") for _ in range(3)]
        assert {await greeting for greeting in greetings} == {b"SSH-2.0-Consentry\r\n"}


async def test_a_cut_between_agent_and_broker_is_not_noticed(visit: Visit) -> None:
    """The stream goes on over the agent's next leg; the inner SSH loses nothing."""
    async with visit.inner() as ssh, ssh.start_sftp_client() as sftp:
        relay = visit.support.broker.server.broker.relay
        pairs = relay.pairs_made
        for session in relay._sessions.values():
            for leg in [leg for leg in session.partners if leg.ticket.role == "agent"]:
                leg.close(1012)
        assert "hello.txt" in await sftp.listdir(".")
        assert relay.pairs_made > pairs


async def test_bytes_are_counted_and_not_written(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics and log say who came and to which session; never a key, and nothing that was carried."""
    # Not the logger of the process: where that writes, another test of the same process may have set up.
    await until(lambda: len(visit.gateway) == 0)
    lines = CapturingLogger()
    monkeypatch.setattr("broker.ssh_gateway.server.log", lines)
    before = visit.support.broker.server.broker.relay.bytes_forwarded
    async with visit.inner() as ssh, ssh.start_sftp_client() as sftp:
        await sftp.stat("hello.txt")
        metrics = (await visit.support.broker.request("GET", "/metrics")).body.decode()
        assert "consentry_ssh_gateway_connections 1.0" in metrics
    assert 'consentry_ssh_gateway_total{outcome="opened"}' in metrics
    assert visit.support.broker.server.broker.relay.bytes_forwarded > before
    written = str(lines.calls)
    assert "ssh_gateway_opened" in written
    assert "hello.txt" not in written
    assert visit.gateway_key.hex() not in written


# ── everything else is refused ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", HOSTS)
async def test_no_other_destination(visit: Visit, host: str) -> None:
    async with visit.outer() as outer:
        refused = await refusal(destination(outer, host))
        assert refused.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED
        assert refused.reason == str(DestinationRefused())


@pytest.mark.parametrize("port", [0, 1, 21, 23, 80, 443, 2222, 8443, 65535])
async def test_no_other_port(visit: Visit, port: int) -> None:
    async with visit.outer() as outer:
        assert (await refusal(destination(outer, visit.name, port))).reason == str(DestinationRefused())


async def test_others_sessions_are_as_unknown_as_made_up_ones(visit: Visit) -> None:
    """A session that goes on, of which this key is not: refused with the same words."""
    link, _, opened = await visit.support.open()
    async with visit.outer() as outer:
        for name in (opened.session_id.hex(), secrets.token_hex(16), visit.name[:31], visit.name + "0"):
            assert (await refusal(destination(outer, name))).reason == str(DestinationRefused())
    await link.close()


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        (b"session", b""),
        (b"direct-streamlocal@openssh.com", String("/var/run/docker.sock") + String("") + UInt32(0)),
        (b"tun@openssh.com", UInt32(1) + UInt32(0)),
        (b"tun@openssh.com", UInt32(2) + UInt32(0)),
        (b"x11", String("127.0.0.1") + UInt32(6000)),
        (b"auth-agent@openssh.com", b""),
        (b"forwarded-tcpip", String("127.0.0.1") + UInt32(22) + String("127.0.0.1") + UInt32(22)),
        (b"forwarded-streamlocal@openssh.com", String("/tmp/x") + String("")),
        (b"direct-udp", String("127.0.0.1") + UInt32(53) + String("127.0.0.1") + UInt32(53)),
        (b"made-up@example.org", b""),
    ],
    ids=lambda value: value.decode("ascii", "replace") if isinstance(value, bytes) and len(value) > 6 else "",
)
async def test_no_other_kind_of_channel(visit: Visit, kind: bytes, rest: bytes) -> None:
    """No shell, no command, no subsystem, no socket, no display, no agent, no tunnel."""
    async with visit.outer() as outer:
        channel = outer.create_tcp_channel(encoding=None)
        await refusal(channel._open(kind, rest))


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        (b"tcpip-forward", String("") + UInt32(0)),
        (b"tcpip-forward", String("127.0.0.1") + UInt32(2222)),
        (b"cancel-tcpip-forward", String("") + UInt32(2222)),
        (b"streamlocal-forward@openssh.com", String("/tmp/gateway.sock")),
        (b"cancel-streamlocal-forward@openssh.com", String("/tmp/gateway.sock")),
        (b"no-more-sessions@openssh.com", b""),
        (b"hostkeys-prove-00@openssh.com", b""),
        (b"made-up@example.org", b""),
    ],
)
async def test_no_global_request(visit: Visit, name: bytes, rest: bytes) -> None:
    """Nothing listens for anybody."""
    async with visit.outer() as outer:
        kind, _ = await outer._make_global_request(name, rest)
        assert kind == MSG_REQUEST_FAILURE


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        (b"shell", b""),
        (b"exec", String("id")),
        (b"subsystem", String("sftp")),
        (b"pty-req", String("xterm") + UInt32(80) + UInt32(24) + UInt32(0) + UInt32(0) + String("")),
        (b"env", String("LD_PRELOAD") + String("/tmp/x")),
        (b"x11-req", Boolean(False) + String("MIT-MAGIC-COOKIE-1") + String("00") + UInt32(0)),
        (b"auth-agent-req@openssh.com", b""),
        (b"signal", String("KILL")),
        (b"window-change", UInt32(80) + UInt32(24) + UInt32(0) + UInt32(0)),
    ],
)
async def test_no_request_on_a_channel(visit: Visit, name: bytes, rest: bytes) -> None:
    """A channel carries bytes to the agent; there is nothing here that could be asked to do something."""
    async with visit.outer() as outer:
        channel, _ = await outer.create_connection(asyncssh.SSHTCPSession, visit.name, 22)
        assert not await channel._make_request(name, rest)


# ── who gets in ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_no_other_key_and_no_other_name(visit: Visit) -> None:
    """Another key, another user's name, a key of another kind, a password: none gets in."""
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    other_kind = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    wrong: list[dict[str, Any]] = [{"key": stranger}, {"user": "root"}, {"user": ""}, {"key": other_kind}]
    for options in wrong:
        with pytest.raises((asyncssh.PermissionDenied, asyncssh.ConnectionLost)):
            async with visit.outer(**options):
                pass
    with pytest.raises(asyncssh.PermissionDenied):
        async with visit.outer(key=stranger, password="correct horse", preferred_auth="password,none"):
            pass


async def test_the_gateway_alone_opens_nothing_at_the_agent(visit: Visit) -> None:
    """Whoever is at the gateway has the greeting of an SSH server, and is asked for the engineer's key like anybody."""
    with pytest.raises(asyncssh.PermissionDenied):
        async with visit.inner(key=asyncssh.generate_private_key("ssh-ed25519")):
            pass


@pytest.mark.parametrize("kind", [StreamKind.CONTROL, StreamKind.SSH])
@pytest.mark.parametrize("is_key_right", [True, False])
async def test_the_gateways_key_opens_ssh_alone(visit: Visit, kind: StreamKind, is_key_right: bool) -> None:
    """A broker that turns on its engineers has a key for streams on which the agent speaks SSH. That is all."""
    opening = visit.gateway.openings.find(bytes.fromhex(visit.name), 1)
    assert opening is not None
    key = visit.gateway_key if is_key_right else bytes(32)
    now_ms = int(asyncio.get_running_loop().time() * 1000)
    machine = ResumableStream.open(key, kind, visit.gateway_id, secrets.token_bytes(16), now_ms)
    tasks = TaskGroupOwner()
    relay = visit.support.broker.server.broker.relay
    try:
        stream = await keep_stream(machine, lambda: join_relay(relay, opening.leg_ticket), tasks=tasks)
        greeting = await stream.read()
        stream.kill()
    except StreamUnavailable:
        greeting = b""
    finally:
        await tasks.aclose()
    assert greeting.startswith(b"SSH-2.0-Consentry") is (is_key_right and kind is StreamKind.SSH)


async def test_few_may_wait_at_the_agent(visit: Visit) -> None:
    """Connections that prove no key are four at a time: what a broker could make an agent do for nothing is bounded."""
    live = visit.customer.session._attendance.live
    assert live is not None
    await until(lambda: not live.ssh._connections)  # those of the tests before have left
    async with visit.outer() as outer:
        greetings = await asyncio.gather(*(greeting(outer, visit.name) for _ in range(6)))
    assert sorted(greetings) == [b"", b"", *4 * [b"SSH-2.0"]]


async def test_limits_of_the_gateway(visit: Visit, limits: Any) -> None:
    """Channels of a connection, connections of an engineer, and those of strangers who say nothing."""
    limits(channels=1)
    async with visit.outer() as outer:
        await destination(outer, visit.name)
        assert (await refusal(destination(outer, visit.name))).code == asyncssh.OPEN_RESOURCE_SHORTAGE
    limits(channels=2)
    async with visit.outer() as outer:
        asked = await asyncio.gather(*(destination(outer, visit.name) for _ in range(5)), return_exceptions=True)
        refused = [one.code for one in asked if isinstance(one, asyncssh.ChannelOpenError)]
        assert refused == 3 * [asyncssh.OPEN_RESOURCE_SHORTAGE], "asked for in one breath"
    await until(lambda: len(visit.gateway) == 0)
    limits(connections_of_engineer=1)
    async with visit.outer(), visit.outer() as second:
        await asyncio.wait_for(second.wait_closed(), PATIENCE_SECONDS)
    await until(lambda: len(visit.gateway) == 0)
    limits(unproved_connections=0)
    with pytest.raises((OSError, asyncssh.Error)):
        async with visit.outer():
            pass


async def test_who_carries_nothing_is_let_go(visit: Visit, limits: Any) -> None:
    limits(idle_seconds=0.02)
    async with visit.outer() as outer:
        await asyncio.wait_for(outer.wait_closed(), PATIENCE_SECONDS)
    await until(lambda: len(visit.gateway) == 0)


# ── naming a key ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_api_says_where_the_gateway_is(visit: Visit) -> None:
    answer = (await visit.name_key()).json
    assert answer["host"] == "localhost"
    assert answer["port"] == visit.gateway.port
    assert answer["user_name"] == "wei"
    assert answer["host_key"].startswith("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5")
    assert answer["fingerprint"] == visit.key.get_fingerprint()
    open_path = f"/v1/sessions/{visit.name}/ssh-gateway"
    assert (await visit.support.broker.request("GET", open_path, token=visit.token)).status == 204


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 !!!!",
        "ssh-rsa AAAAB3NzaC1yc2E=",
        "two\nlines",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
async def test_only_an_ed25519_public_key_is_named(visit: Visit, line: str) -> None:
    answer = await visit.name_key(ssh_public_key=line)
    assert (answer.status, answer.json["type"]) in {
        (422, "urn:consentry:ssh-key-unreadable"),
        (422, "urn:consentry:ssh-key-kind-refused"),
    }


async def test_a_session_that_is_not_theirs_is_not_opened(visit: Visit) -> None:
    assert (await visit.name_key(secrets.token_hex(16))).status == 404
    answer = await visit.support.broker.request("PUT", f"/v1/sessions/{visit.name}/ssh-gateway", visit.body())
    assert answer.status == 401


async def test_the_agent_takes_only_ed25519_keys_and_keeps_the_recording_of_each(visit: Visit) -> None:
    """A refused key changes nothing: the one before still comes in."""
    wrong = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    assert await visit.admit(wrong) == Denied(reason="policy")
    async with visit.inner():
        pass


async def test_a_new_key_ends_what_came_in_with_the_old_one(visit: Visit) -> None:
    old, old_id = visit.key, visit.gateway_id
    async with visit.inner() as ssh:
        visit.key, visit.gateway_id = asyncssh.generate_private_key("ssh-ed25519"), secrets.token_bytes(16)
        assert await visit.admit(visit.key) == SshKeyAdmitted(gateway_id=visit.gateway_id)
        await asyncio.wait_for(ssh.wait_closed(), PATIENCE_SECONDS)
    assert (await visit.name_key()).status == 200
    with pytest.raises(asyncssh.PermissionDenied):
        async with visit.outer(key=old):
            pass
    async with visit.inner():
        pass
    assert old_id != visit.gateway_id


# ── taken back; this comes last, for it takes the scope away ────────────────────────────────────────────────────────


async def test_what_the_customer_takes_back_is_over_at_once(visit: Visit) -> None:
    """The open connection ends, a new channel is refused, naming a key is, too; the rest of the grant stays."""
    async with visit.outer() as outer, visit.inner() as ssh:
        visit.customer.face.say(Narrow(1, frozenset(SCOPES) - {Scope.GATEWAY}))
        await visit.customer.face.shown(notices.GrantChanged)
        await asyncio.wait_for(ssh.wait_closed(), PATIENCE_SECONDS)
        sessions = visit.support.broker.server.broker.services.sessions
        await until(lambda: not sessions.allows(bytes.fromhex(visit.name), 1, Scope.GATEWAY))
        assert (await refusal(destination(outer, visit.name))).reason == str(DestinationRefused())
    answer = await visit.name_key()
    assert (answer.status, answer.json["type"]) == (403, "urn:consentry:gateway-not-granted")


async def test_a_session_that_is_over_admits_nobody(visit: Visit) -> None:
    """The key is forgotten with the session; the recording keeps which keys there were."""
    await visit.talk.aclose()
    visit.customer.session.end("customer-ended")
    await until(lambda: len(visit.gateway.openings) == 0)
    with pytest.raises(asyncssh.PermissionDenied):
        async with visit.outer():
            pass
    events, is_whole = await asyncio.to_thread(visit.support.recorded, bytes.fromhex(visit.name))
    assert is_whole
    assert visit.key.public_data in [event.ssh_user_key for event in events if isinstance(event, KeyRecorded)]
