"""The broker can read nothing: not on its wire, not on its disk, not in its memory."""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from protocol.codes import parse_code
from tests.helpers.deployment import REASON, Broker, Customer, Engineer
from tests.helpers.network import Wire, payload_of

TERMINAL_NEEDLE = "terminal-needle-7f3a91"
FILE_NEEDLE = "file-needle-58c2d0"
INPUT_NEEDLE = "input-needle-91be44"
NAME_NEEDLE = "name-needle-c01d17"
CHAT_NEEDLES = ("chat-needle-e3b0c4", "chat-needle-9afbf4")


@pytest.fixture
def tapped(founded: Broker, tmp_path: Path) -> Iterator[tuple[Broker, Wire]]:
    """A broker behind a proxy that ends TLS and keeps every byte that the broker gets and gives."""
    broker = Broker(tmp_path / "organisation", behind_wire=True, like=founded)
    broker.start(tls="off")
    wire = Wire(broker.port, broker.listen_port, certificate=broker.certificate)
    yield broker, wire
    broker.stop()
    wire.close()


def _spellings(secret: bytes) -> list[bytes]:
    in_base64 = (base64.b64encode(secret), base64.urlsafe_b64encode(secret))
    return [secret, secret.hex().encode(), *(text.rstrip(b"=") for text in in_base64)]


def _secrets(engineer: Engineer, alias: str, code: str) -> dict[str, list[bytes]]:
    """What only the two ends may know. The secret digits alone are short, so they are looked for with their context."""
    secret = parse_code(code).secret
    paired = json.loads((engineer.folder / "state" / "sessions" / alias / "session.json").read_text())
    found = {"code": [code.encode(), secret.encode(), code.replace("-", "").encode()]}
    for name in ("stream_key", "control_key"):
        found[name] = _spellings(base64.urlsafe_b64decode(paired[name] + "=="))
    found["terminal"] = [TERMINAL_NEEDLE.encode()]
    found["file"] = [FILE_NEEDLE.encode()]
    found["input"] = [INPUT_NEEDLE.encode()]
    found["chat"] = [needle.encode() for needle in CHAT_NEEDLES]
    found["file name"] = [NAME_NEEDLE.encode()]
    found["reason"] = [REASON.encode()]
    return found


def _memory_of(pid: int) -> Iterator[bytes]:
    """Every readable page of a process of ours (Linux)."""
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            region = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if region is None:
                continue
            start, end = (int(edge, 16) for edge in region.groups())
            memory.seek(start)
            try:
                yield memory.read(end - start)
            except OSError:
                continue


def test_no_plaintext_no_code_no_key_reaches_the_broker(
    tapped: tuple[Broker, Wire], new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """A whole session with terminal, input, files and chat passes the broker; wire, disk and memory hold none of it."""
    broker, wire = tapped
    engineer = Engineer(broker, tmp_path / "sam", "sam")
    customer = new_customer(broker)
    code = customer.code
    alias = engineer.pair(code)
    secrets = _secrets(engineer, alias, code)
    # Each needle is put together on the customer's machine or comes out of a file: it is not in the command line.
    assert TERMINAL_NEEDLE in engineer.ssh(alias, f"echo {TERMINAL_NEEDLE}").stdout
    assert INPUT_NEEDLE in engineer.ssh(alias, "cat", input=INPUT_NEEDLE).stdout
    original = tmp_path / NAME_NEEDLE
    original.write_text(FILE_NEEDLE * 1000)
    engineer.sftp_put(alias, original)
    assert (customer.home / NAME_NEEDLE).read_text() == original.read_text()
    engineer.consentry("chat", alias, CHAT_NEEDLES[0])
    assert customer.heard("chat-said")["text"] == CHAT_NEEDLES[0]
    customer.say("say", text=CHAT_NEEDLES[1])
    customer.heard("chat-said", text=CHAT_NEEDLES[1])
    told = engineer.consentry("chat", alias, "--json").stdout.splitlines()
    assert [json.loads(line).get("text") for line in told] == [None, *CHAT_NEEDLES]
    every_text = [(name, text) for name, texts in secrets.items() for text in texts]
    memory = [(name, text) for page in _memory_of(broker.pid) for name, text in every_text if text in page]
    engineer.consentry("end", alias)
    customer.heard("receipt-written")
    customer.wait()
    wires = [payload_of(bytes(tape)) for pair in wire.streams for tape in pair]
    assert sum(len(one) for one in wires) > 30_000, "the tap saw the session"
    assert any(b"open-session" in one for one in wires), "the tap reads what the broker reads"
    disk = [path.read_bytes() for path in broker.data.rglob("*") if path.is_file()] + [broker.log.read_bytes()]
    for name, text in every_text:
        assert not any(text in one for one in wires), f"{name} went over the wire"
        assert not any(text in one for one in disk), f"{name} is on the broker's disk"
    assert memory == []
    session = customer.receipt.stem.removeprefix("receipt-")
    transcript = broker.audit("export", session, "--format", "text").stdout
    assert all(needle in transcript for needle in (TERMINAL_NEEDLE, *CHAT_NEEDLES))


def loaded_with(modules: str) -> list[str]:
    program = f"import sys, {modules}\nprint('\\n'.join(sorted(sys.modules)))"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def test_a_broker_without_a_gateway_loads_no_ssh() -> None:
    """Nor anything of the clients' driver: both come with the gateway, where there is one."""
    loaded = loaded_with("broker.server")
    assert "broker.app" in loaded
    assert [name for name in loaded if name.partition(".")[0] in ("asyncssh", "tunnel")] == []


def test_the_broker_process_holds_no_code_that_opens_records() -> None:
    """With everything that `consentry serve` loads, no module is there that could open or seal a record."""
    loaded = loaded_with("consentry.serve, broker.server, broker.commands, broker.app, broker.ssh_gateway.server")
    assert "audit.ingest.store" in loaded
    forbidden = ("audit.vault", "audit.service", "audit.storage", "protocol.record_sealing")
    assert [name for name in loaded if name.startswith(forbidden)] == []
