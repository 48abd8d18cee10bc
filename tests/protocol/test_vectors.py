"""Our own vectors, for whoever writes another agent: the files say what the code does."""

import json
from contextlib import nullcontext

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.access_requests import verify_access_request
from protocol.certificates import CertificateError, EngineerCa, read_certificate, read_certificate_of
from protocol.messages.control import EngineerToAgent, RequestAccess
from protocol.messages.wire import MessageDecoder
from protocol.profile import ProfileError, open_profile
from tests.helpers.pairing import NOW_MS
from tests.vectors import make_profile_vectors
from tests.vectors.make_pairing_vectors import FOLDER, MAKERS, as_text


@pytest.mark.parametrize("name", MAKERS)
def test_vectors_are_what_the_code_makes(name: str) -> None:
    """A change that alters a byte on any wire shows here; then it needs a new version of the protocol."""
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == as_text(name)


def test_profiles_with_former_cas_are_what_the_code_makes() -> None:
    """The root signs them whatever they say: what is wrong in them, a reader finds."""
    assert make_profile_vectors.FILE.read_text(encoding="utf-8") == make_profile_vectors.as_text()


def test_former_cas_are_read_and_refused_as_the_vectors_say() -> None:
    """Every reader takes the same ones, and believes the same certificate at the same times."""
    vectors = json.loads(make_profile_vectors.FILE.read_text(encoding="utf-8"))
    root_key, present = bytes.fromhex(vectors["root_key"]), bytes.fromhex(vectors["engineer_ca_key"])
    for case in vectors["accepted"]:
        named = [EngineerCa(bytes.fromhex(one["public_key"]), one["until_ms"]) for one in case["former"]]
        assert open_profile(case["note"].encode(), root_key).engineer_cas == (EngineerCa(present), *named), case
    for case in vectors["refused"]:
        with pytest.raises(ProfileError):
            open_profile(case["note"].encode(), root_key)
    der = bytes.fromhex(json.loads((FOLDER / "certificates.json").read_text())["certificate"])
    for case in vectors["certificate"]:
        cas = [EngineerCa(present), EngineerCa(bytes.fromhex(vectors["former_ca_key"]), case["until_ms"])]
        with nullcontext() if case["believed"] else pytest.raises(CertificateError):
            assert read_certificate_of(der, cas, case["at_ms"])[1] == cas[1]


def test_control_frames_open_with_nothing_but_aes_gcm() -> None:
    """Keys, counters and lengths as documented, without our own channel."""
    vectors = json.loads((FOLDER / "control_channel.json").read_text())
    for direction in ("engineer_to_agent", "agent_to_engineer"):
        cipher = AESGCM(bytes.fromhex(vectors[f"{direction}_key"]))
        for counter, entry in enumerate(vectors[direction]):
            frame = bytes.fromhex(entry["frame"])
            assert int.from_bytes(frame[:4], "big") == len(frame) - 4
            assert cipher.decrypt(counter.to_bytes(12, "big"), frame[4:], frame[:4]).hex() == entry["plaintext"]


def test_the_certificate_in_the_file_verifies() -> None:
    """With the request, the attestation and the rating that go with it."""
    vectors = json.loads((FOLDER / "certificates.json").read_text())
    der, ca_key = bytes.fromhex(vectors["certificate"]), bytes.fromhex(vectors["ca_key"])
    certificate = read_certificate(der, ca_key, NOW_MS)
    assert certificate.public_key.hex() == vectors["fields"]["public_key"]
    decoder: MessageDecoder[RequestAccess] = MessageDecoder(EngineerToAgent, limit_bytes=16384)
    request = decoder.decode(bytes.fromhex(vectors["access_request"]["message"]))
    verify_access_request(
        request,
        transcript_hash=bytes.fromhex(vectors["transcript_hash"]),
        paired_certificate_hash=bytes.fromhex(vectors["certificate_hash"]),
        cas=[EngineerCa(ca_key)],
        organisation="Example Help",
        now_ms=NOW_MS,
    )
    attestation = vectors["attestation"]
    Ed25519PublicKey.from_public_bytes(certificate.public_key).verify(
        bytes.fromhex(attestation["signature"]), bytes.fromhex(attestation["signed"])
    )


def test_chat_in_a_recording_is_read_by_its_tag() -> None:
    """`[chat, t_ms, participant, text]`, for whoever writes another reader."""
    vectors = json.loads((FOLDER / "chat.json").read_text(encoding="utf-8"))
    events = msgspec.msgpack.decode(bytes.fromhex(vectors["events"]))
    assert events == [["chat", 1500, 0, "谢谢"], ["chat", 2500, 1, "one\ntwo"]]
