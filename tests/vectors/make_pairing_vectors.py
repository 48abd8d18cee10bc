"""Makes codes.json, cpace.json, pairing.json, control_channel.json, chat.json, certificates.json, stream.json and
profile.json beside this file.

    python tests/vectors/make_pairing_vectors.py

Everything random is fixed, so the files come out the same each time; a test compares them. They change only with the
protocol itself, and then under a new version of it.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from protocol import cpace
from protocol.access_requests import sign_access_request
from protocol.attestation import attestation_bytes, sign_attestation
from protocol.certificates import issue_certificate, read_certificate
from protocol.chat import LINE_LIMIT_CHARACTERS
from protocol.codes import damm_digit, parse_code
from protocol.control_channel import ControlChannel
from protocol.errors import InputError
from protocol.events import ChatSaid, encode_events
from protocol.grants import Scope
from protocol.key_schedule import control_stream_keys
from protocol.messages.control import (
    Denied,
    EndSession,
    FollowSession,
    RequestMore,
    Said,
    Say,
    SayRefused,
    SayTaken,
    SessionMoved,
)
from protocol.messages.wire import encode
from protocol.pairing import AgentPairing, EngineerPairing, certificate_hash
from protocol.profile import Profile, sign_profile
from protocol.ratings import rating_bytes, sign_rating
from protocol.stream_frames import CloseCode, StreamKind, StreamOpening, accept_frame, ack_frame, close_frame
from tests.helpers.pairing import CERTIFICATE_HASH, CODE, CONTEXT, IDENTITY, NOW_MS

FOLDER = Path(__file__).parent

ENGINEER_SCALAR = bytes(range(1, 33))
AGENT_SCALAR = bytes(range(33, 65))
STREAM_ID = b"\x88" * 16
CA_SEED, ENGINEER_SEED, AGENT_SEED, ROOT_SEED = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, b"\x04" * 32


def codes() -> dict[str, Any]:
    """What may be typed, and what it means or which error it is."""
    typed = [
        "482-9137-7551",
        "48291377551",
        " ４８２ ９１３７ ７５５１ ",
        "482–9137—7551",
        "4821-9137-7556",
        "482-9137-7552",
        "428-9137-7551",
        "482-9137-755",
        "082-9137-7551",
        "482-9137-755x",
        "",
    ]
    cases = []
    for text in typed:
        try:
            code = parse_code(text)
        except InputError as error:
            cases.append({"typed": text, "error": type(error).__name__})
        else:
            cases.append({"typed": text, "nameplate": code.nameplate, "secret": code.secret, "shown": str(code)})
    digits = ["572", "0", "4829137755", "48219137755", "9999999999"]
    return {"damm": [{"digits": text, "check": damm_digit(text)} for text in digits], "codes": cases}


def cpace_run() -> dict[str, Any]:
    """One run with the figures in between, for our code, context and identities."""
    secret, channel_id, sid = CODE.secret.encode(), CONTEXT.channel_id, CONTEXT.sid
    base = cpace.generator(secret, channel_id, sid)
    scalar_a, scalar_b = (X25519PrivateKey.from_private_bytes(seed) for seed in (ENGINEER_SCALAR, AGENT_SCALAR))
    share_a, share_b = cpace.public_share(scalar_a, base), cpace.public_share(scalar_b, base)
    ad_a, ad_b = cpace.lv_cat(b"engineer", CERTIFICATE_HASH), IDENTITY.encode()
    point = cpace.shared_point(scalar_a, share_b)
    transcript = cpace.transcript_ir(share_a, ad_a, share_b, ad_b)
    isk = cpace.intermediate_key(point, sid, transcript)
    figures = {
        "PRS": secret,
        "CI": channel_id,
        "sid": sid,
        "generator_string": cpace.generator_string(secret, channel_id, sid),
        "g": base,
        "ya": ENGINEER_SCALAR,
        "Ya": share_a,
        "ADa": ad_a,
        "yb": AGENT_SCALAR,
        "Yb": share_b,
        "ADb": ad_b,
        "K": point,
        "ISK_IR": isk,
        "Ta": cpace.confirmation_tag(isk, sid, share_a, ad_a),
        "Tb": cpace.confirmation_tag(isk, sid, share_b, ad_b),
    }
    return {name: figure.hex() for name, figure in figures.items()}


def pairing() -> dict[str, Any]:
    """One whole pairing: what both ends know, the four messages, the keys."""
    engineer = EngineerPairing(
        CODE,
        CONTEXT,
        CERTIFICATE_HASH,
        now_ms=0,
        new_scalar=lambda: X25519PrivateKey.from_private_bytes(ENGINEER_SCALAR),
    )
    agent = AgentPairing(
        CODE, CONTEXT, IDENTITY, now_ms=0, new_scalar=lambda: X25519PrivateKey.from_private_bytes(AGENT_SCALAR)
    )
    mail = []
    for sender, receiver in ((engineer, agent), (agent, engineer), (engineer, agent), (agent, engineer)):
        [message] = sender.mail_to_send()
        mail.append({"phase": message.phase, "body": message.body.hex(), "message": encode(message).hex()})
        receiver.receive_mail(message, 0)
    assert engineer.keys is not None
    assert engineer.keys == agent.keys
    return {
        "code": str(CODE),
        "context": {name: _text(value) for name, value in asdict(CONTEXT).items()},
        "certificate_hash": CERTIFICATE_HASH.hex(),
        "agent_key": IDENTITY.agent_key.hex(),
        "ssh_host_keys": [blob.hex() for blob in IDENTITY.ssh_host_keys],
        "engineer_scalar": ENGINEER_SCALAR.hex(),
        "agent_scalar": AGENT_SCALAR.hex(),
        "mail": mail,
        "keys": {name: value.hex() for name, value in asdict(engineer.keys).items()},
    }


def control_channel() -> dict[str, Any]:
    """Sealed frames in both directions of one control stream."""
    control_key = bytes.fromhex(pairing()["keys"]["control_key"])
    engineer = ControlChannel("engineer", control_key, STREAM_ID)
    agent = ControlChannel("agent", control_key, STREAM_ID)
    more = RequestMore(scopes=(Scope.FILES_WRITE,), minutes=15, reason="to mend the file / 修复文件")
    to_agent = (more, EndSession())
    to_engineer = (Denied(reason="customer"), Denied(reason="timeout"))
    engineer_key, agent_key = control_stream_keys(control_key, STREAM_ID)
    return {
        "control_key": control_key.hex(),
        "stream_id": STREAM_ID.hex(),
        "engineer_to_agent_key": engineer_key.hex(),
        "agent_to_engineer_key": agent_key.hex(),
        "engineer_to_agent": [{"plaintext": encode(m).hex(), "frame": engineer.seal(m).hex()} for m in to_agent],
        "agent_to_engineer": [{"plaintext": encode(m).hex(), "frame": agent.seal(m).hex()} for m in to_engineer],
    }


def chat() -> dict[str, Any]:
    """The messages of a stream that follows a session, as they are before they are sealed; two lines in a recording;
    and lines that are none."""
    to_agent = (FollowSession(after=0), FollowSession(after=41), Say(text="I restart it now.\n现在重启。"))
    to_engineer = (
        SessionMoved(paused_by=(), newest_line=0),
        SessionMoved(paused_by=("customer", "question"), newest_line=41),
        Said(number=42, participant=0, name="", said_at_ms=NOW_MS, text="谢谢 \u202e\x1b[2J", mine=False),
        Said(number=43, participant=2, name="Wei Example", said_at_ms=NOW_MS, text="👩\u200d🔧", mine=True),
        SayTaken(number=43),
        SayRefused(reason="too-fast"),
    )
    return {
        "to_agent": [encode(message).hex() for message in to_agent],
        "to_engineer": [encode(message).hex() for message in to_engineer],
        "events": encode_events([ChatSaid(1500, 0, "谢谢"), ChatSaid(2500, 1, "one\ntwo")]).hex(),
        "longest_line": "\U00020000" * LINE_LIMIT_CHARACTERS,
        "no_lines": ["", "\x1b[2J", "a\tb", "a\rb", "\x7f", "\x9b", "x" * (LINE_LIMIT_CHARACTERS + 1)],
    }


def certificates(der: bytes | None = None) -> dict[str, Any]:
    """A certificate, and what its key signs. The serial number is random: an existing certificate is kept."""
    ca, engineer, agent = (Ed25519PrivateKey.from_private_bytes(s) for s in (CA_SEED, ENGINEER_SEED, AGENT_SEED))
    der = der or issue_certificate(
        ca,
        name="工程师 One",
        staff_number="E-17",
        organisation="Example Help",
        public_key=engineer.public_key().public_bytes_raw(),
        max_scopes=frozenset({Scope.SHELL, Scope.FILES_READ}),
        now_ms=NOW_MS,
        lifetime_ms=12 * 60 * 60 * 1000,
    )
    ca_key = ca.public_key().public_bytes_raw()
    certificate = read_certificate(der, ca_key, NOW_MS)
    transcript_hash = bytes.fromhex(pairing()["keys"]["transcript_hash"])
    request, place = (
        sign_access_request(
            engineer,
            transcript_hash,
            certificate=der,
            reason="The printer is silent",
            ticket="T-1",
            scopes=(Scope.SHELL, Scope.FILES_READ),
            minutes=30,
            ssh_user_key=IDENTITY.ssh_host_keys[0],
            client="ssh",
            takes_over=takes_over,
        )
        for takes_over in (None, "E-18")
    )
    attestation = sign_attestation(engineer, CONTEXT.session_id, STREAM_ID, 12345, b"\x99" * 32)
    rating = sign_rating(agent, CONTEXT.session_id, stars=4, solved=None, comment="很快", rated_at_ms=NOW_MS)
    return {
        "ca_seed": CA_SEED.hex(),
        "ca_key": ca_key.hex(),
        "engineer_seed": ENGINEER_SEED.hex(),
        "agent_seed": AGENT_SEED.hex(),
        "certificate": der.hex(),
        "certificate_hash": certificate_hash(der).hex(),
        "fields": {
            "name": certificate.name,
            "staff_number": certificate.staff_number,
            "organisation": certificate.organisation,
            "public_key": certificate.public_key.hex(),
            "max_scopes": sorted(certificate.max_scopes),
            "not_before_ms": certificate.not_before_ms,
            "not_after_ms": certificate.not_after_ms,
        },
        "transcript_hash": transcript_hash.hex(),
        "access_request": {"message": encode(request).hex(), "signature": request.signature.hex()},
        "request_place": {"message": encode(place).hex(), "signature": place.signature.hex()},
        "attestation": {
            "signed": attestation_bytes(CONTEXT.session_id, STREAM_ID, 12345, b"\x99" * 32).hex(),
            "signature": attestation.signature.hex(),
        },
        "rating": {
            "signed": rating_bytes(CONTEXT.session_id, 4, None, "很快", NOW_MS).hex(),
            "signature": rating.signature.hex(),
        },
    }


def stream() -> dict[str, Any]:
    """Frames of a resumable stream: an opening with the agent's answer, and those without a mac."""
    stream_key, pairing_id, stream_id = bytes(range(32)), b"p" * 16, b"s" * 16
    opening = StreamOpening.signed(stream_key, StreamKind.SSH, pairing_id, stream_id, 2, 5)
    return {
        "stream_key": stream_key.hex(),
        "pairing_id": pairing_id.hex(),
        "stream_id": stream_id.hex(),
        "kind": StreamKind.SSH.value,
        "generation": 2,
        "received": 5,
        "opening": opening.encode().hex(),
        "accept": {"received": 7, "frame": accept_frame(stream_key, opening, 7).hex()},
        "ack": {"offset": 2**40 + 1, "frame": ack_frame(2**40 + 1).hex()},
        "close": {"code": CloseCode.DONE.value, "offset": 9, "frame": close_frame(CloseCode.DONE, 9).hex()},
    }


def profile() -> dict[str, Any]:
    """A small profile, signed by its root."""
    root, ca = (Ed25519PrivateKey.from_private_bytes(seed) for seed in (ROOT_SEED, CA_SEED))
    signed = Profile(
        version=3,
        organisation="Example Help +1",
        broker_origin=CONTEXT.broker_origin,
        engineer_ca_key=ca.public_key().public_bytes_raw(),
        audit_recipients=(),
        max_minutes=60,
        browser_allowed=False,
    )
    return {
        "root_key": root.public_key().public_bytes_raw().hex(),
        "note": sign_profile(signed, root).decode(),
        "fields": {
            "version": signed.version,
            "organisation": signed.organisation,
            "broker_origin": signed.broker_origin,
            "engineer_ca_key": signed.engineer_ca_key.hex(),
            "max_minutes": signed.max_minutes,
            "resume_window_seconds": signed.resume_window_seconds,
            "browser_allowed": signed.browser_allowed,
        },
    }


def _text(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


MAKERS: dict[str, Callable[[], dict[str, Any]]] = {
    "codes": codes,
    "cpace": cpace_run,
    "pairing": pairing,
    "control_channel": control_channel,
    "chat": chat,
    "stream": stream,
    "profile": profile,
    "certificates": lambda: certificates(_kept_certificate()),
}


def _kept_certificate() -> bytes | None:
    path = FOLDER / "certificates.json"
    return bytes.fromhex(json.loads(path.read_text())["certificate"]) if path.exists() else None


def as_text(name: str) -> str:
    """The contents of one file."""
    return json.dumps(MAKERS[name](), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in MAKERS:
        (FOLDER / f"{name}.json").write_text(as_text(name), encoding="utf-8")
