"""An engineer's own SSH key at the gateway, named as the console names it: to the agent first, then to the broker."""

import asyncio
import base64
import json
import secrets
import ssl
import subprocess
import urllib.request
from pathlib import Path

from bench.deployment.people import Deployment, Machine
from engineer_client.control import open_conversation
from protocol.messages.control import AdmitSshKey, SshKeyAdmitted
from tests.helpers.deployment import ALL_SCOPES, PASSWORD, Customer
from tunnel.paired_session import PairedSession

USER = "sam"


def through_gateway(ours: Deployment, customer: Customer, folder: Path) -> Machine:
    """A new session of the customer, reached by stock `ssh -J`."""
    folder.mkdir(mode=0o700)
    alias = ours.engineer.pair(customer.new_code(), *ALL_SCOPES, "gateway")
    session = PairedSession.load(ours.session_file(alias))
    key = folder / "id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    line = key.with_suffix(".pub").read_text()
    offer = AdmitSshKey(base64.b64decode(line.split()[1]), secrets.token_bytes(16), secrets.token_bytes(32))
    asyncio.run(_tell_agent(session, offer))
    gateway = _tell_broker(ours, session.session_id.hex(), line, offer)
    name = session.session_id.hex()
    inner = base64.b64encode(session.ssh_host_keys[0]).decode()
    (folder / "known_hosts").write_text(
        f"[{gateway['host']}]:{gateway['port']} {gateway['host_key']}\n{name} ssh-ed25519 {inner}\n"
    )
    (folder / "config").write_text(
        f"Host *\n  IdentityFile {key}\n  IdentityAgent none\n  UserKnownHostsFile {folder}/known_hosts\n"
        f"Host own\n  HostName {name}\n  ProxyJump {USER}@{gateway['host']}:{gateway['port']}\n"
    )
    return Machine(("ssh", "-F", str(folder / "config")), "own")


async def _tell_agent(session: PairedSession, offer: AdmitSshKey) -> None:
    async with await open_conversation(session) as conversation:
        await conversation.send(offer)
        answer = await conversation.receive()
    assert isinstance(answer, SshKeyAdmitted), answer


def _tell_broker(ours: Deployment, session: str, line: str, offer: AdmitSshKey) -> dict[str, object]:
    tls = ssl.create_default_context(cafile=str(ours.broker.certificate[0]))
    token = _ask(ours, tls, "POST", "/v1/login", {"user_name": USER, "password": PASSWORD}, {})["token"]
    body: dict[str, object] = {
        "ssh_public_key": line,
        "gateway_id": base64.urlsafe_b64encode(offer.gateway_id).decode().rstrip("="),
        "gateway_key": base64.urlsafe_b64encode(offer.gateway_key).decode().rstrip("="),
    }
    return _ask(ours, tls, "PUT", f"/v1/sessions/{session}/ssh-gateway", body, {"Authorization": f"Bearer {token}"})


def _ask(
    ours: Deployment, tls: ssl.SSLContext, method: str, path: str, body: dict[str, object], headers: dict[str, str]
) -> dict[str, object]:
    request = urllib.request.Request(
        f"{ours.broker.origin}{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
        method=method,
    )
    with urllib.request.urlopen(request, context=tls, timeout=30) as answer:
        found: dict[str, object] = json.loads(answer.read())
    return found
