"""Two ends that can pair, for tests: a code, a context, identities, and somebody who carries their mail."""

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocol.codes import OneTimeCode
from protocol.pairing import AgentIdentity, AgentPairing, EngineerPairing, PairingContext

CODE = OneTimeCode("482", "9137755")
OTHER_CODE = OneTimeCode("482", "9137756")
CERTIFICATE_HASH = bytes(range(32))
NOW_MS = 1_795_000_000_000

CONTEXT = PairingContext(
    broker_origin="https://help.example.org",
    root_key=b"\x11" * 32,
    session_id=b"\x22" * 16,
    nameplate="482",
    engineer_nonce=b"\x33" * 16,
    agent_nonce=b"\x44" * 16,
)


def ssh_string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def ed25519_blob(public_key: bytes) -> bytes:
    """An OpenSSH public-key blob (RFC 8709)."""
    return ssh_string(b"ssh-ed25519") + ssh_string(public_key)


def ecdsa_blob(point: bytes) -> bytes:
    """An OpenSSH public-key blob (RFC 5656)."""
    return ssh_string(b"ecdsa-sha2-nistp256") + ssh_string(b"nistp256") + ssh_string(point)


def new_identity() -> AgentIdentity:
    """A session key and two host keys, all fresh."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    return AgentIdentity(
        agent_key=Ed25519PrivateKey.generate().public_key().public_bytes_raw(),
        ssh_host_keys=(
            ed25519_blob(Ed25519PrivateKey.generate().public_key().public_bytes_raw()),
            ecdsa_blob(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
        ),
    )


IDENTITY = AgentIdentity(
    agent_key=b"\x55" * 32,
    ssh_host_keys=(ed25519_blob(b"\x66" * 32), ecdsa_blob(b"\x04" + b"\x77" * 64)),
)
OTHER_IDENTITY = replace(IDENTITY, ssh_host_keys=(ed25519_blob(b"\x67" * 32), IDENTITY.ssh_host_keys[1]))


def new_engineer(code: OneTimeCode = CODE, context: PairingContext = CONTEXT) -> EngineerPairing:
    return EngineerPairing(code, context, CERTIFICATE_HASH, now_ms=NOW_MS)


def new_agent(code: OneTimeCode = CODE, context: PairingContext = CONTEXT) -> AgentPairing:
    return AgentPairing(code, context, IDENTITY, now_ms=NOW_MS)


def carry(engineer: EngineerPairing, agent: AgentPairing) -> None:
    """An honest broker: hands all mail on until there is none."""
    while True:
        to_agent, to_engineer = engineer.mail_to_send(), agent.mail_to_send()
        if not to_agent and not to_engineer:
            return
        for mail in to_agent:
            agent.receive_mail(mail, NOW_MS + 1)
        for mail in to_engineer:
            engineer.receive_mail(mail, NOW_MS + 1)
