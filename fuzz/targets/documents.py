"""Signed documents: profile, note, certificate, receipt, manifest. Whoever cannot sign them can still send bytes."""

from collections.abc import Iterable

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fuzz.target import target
from protocol.certificates import CertificateError, issue_certificate, read_certificate, read_certificate_of
from protocol.errors import InputError, IntegrityError
from protocol.events import Manifest, Participant, decode_manifest, encode_manifest
from protocol.grants import Scope
from protocol.log_leaves import CloseLeaf, LeafError, decode_leaf, encode_leaf
from protocol.log_proof import accept_checkpoint, parse_log_proof, verify_log_proof
from protocol.profile import (
    AuditRecipient,
    FormerCa,
    Profile,
    ProfileError,
    decode_recipient,
    open_profile,
    sign_profile,
)
from protocol.receipts import Receipt, ReceiptError, open_receipt, sign_receipt, write_receipt
from protocol.share_url import ShareUrl, ShareUrlError, parse_share_url
from protocol.signed_note import NoteError, NoteKey, add_signature, open_note, parse_vkey, sign_note
from protocol.witness_messages import AddCheckpoint, WitnessRequestMalformed, parse_add_checkpoint
from tests.helpers.logs import WITNESSED, proof_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = KEY.public_key().public_bytes_raw()
NOW_MS = 1_795_000_000_000
NAME = "Example-Support"

ENTRIES = [b"one", b"two", b"three"]
PROOF = proof_of(1, ENTRIES)

PROFILE = Profile(
    version=3,
    organisation="Example",
    broker_origin="https://help.example.org:8443",
    broker_certificate_pem="",
    engineer_ca_key=PUBLIC_KEY,
    audit_recipients=(AuditRecipient(bytes(8), "x25519", bytes(32), 0, 2**50),),
)
REPLACED = msgspec.structs.replace(
    PROFILE,
    engineer_ca_key=bytes(32),
    former_engineer_cas=(FormerCa(PUBLIC_KEY, NOW_MS + 1), FormerCa(b"\x01" * 32, NOW_MS)),
)
"""Of an organisation that has changed its engineer CA twice."""


@target("note", seeds=lambda: [sign_note("hello\n", NAME, KEY)], words=("\n— ".encode(), b"\n\n", NAME.encode()))
def note(data: bytes) -> None:
    """A signed note: what opens is signed, and may be signed again."""
    try:
        opened = open_note(data, [NoteKey(NAME, PUBLIC_KEY)])
    except NoteError:
        return
    assert opened.signers == (NAME,)
    assert open_note(add_signature(data, NAME, KEY), [NoteKey(NAME, PUBLIC_KEY)]).text == opened.text


@target("vkey", seeds=lambda: [NoteKey(NAME, PUBLIC_KEY).vkey.encode()])
def vkey(data: bytes) -> None:
    """A verifier key as text."""
    try:
        key = parse_vkey(data.decode("utf-8", "replace"))
    except NoteError:
        return
    assert parse_vkey(key.vkey) == key


@target(
    "log-proof",
    seeds=lambda: [PROOF.encode().encode()],
    words=(b"c2sp.org/tlog-proof@v1\n", b"index ", b"extra ", b"\n\n", b"A" * 43 + b"=\n"),
)
def log_proof(data: bytes) -> None:
    """A log's proof as text: what reads is written as it was read, and what holds is about the one entry."""
    try:
        proof = parse_log_proof(data.decode("utf-8", "surrogateescape"))
        verify_log_proof(proof, ENTRIES[1], WITNESSED)
    except IntegrityError:
        return
    assert parse_log_proof(proof.encode()) == proof
    assert proof.index == 1


@target("checkpoint", seeds=lambda: [PROOF.checkpoint_note], words=(b"\n\n", "\n— ".encode()))
def checkpoint(data: bytes) -> None:
    """A log's signed root, and what a witness added."""
    try:
        accepted = accept_checkpoint(data, WITNESSED)
    except IntegrityError:
        return
    assert (accepted.checkpoint.size, len(accepted.cosigned)) == (len(ENTRIES), 1)


@target(
    "add-checkpoint",
    seeds=lambda: [AddCheckpoint(1, PROOF.hashes, PROOF.checkpoint_note).encode()],
    words=(b"old 0\n", b"\n\n"),
)
def add_checkpoint(data: bytes) -> None:
    """What a log asks of a witness."""
    try:
        request = parse_add_checkpoint(data)
    except WitnessRequestMalformed:
        return
    assert parse_add_checkpoint(request.encode()) == request


@target("log-leaf", seeds=lambda: [encode_leaf(CloseLeaf(1, bytes(16), 2, bytes(32), "lost"))], words=(b"CLL1",))
def log_leaf(data: bytes) -> None:
    """An entry of the log: it has one meaning, and one form."""
    try:
        leaf = decode_leaf(data)
    except LeafError:
        return
    assert encode_leaf(leaf) == data


def _profiles() -> Iterable[bytes]:
    for one in (PROFILE, REPLACED):
        signed = sign_profile(one, KEY)
        yield b"\x00" + signed
        yield b"\x01" + signed.partition(b"\n\n")[0]


@target(
    "profile",
    seeds=_profiles,
    words=(
        b'"version":',
        b'"audit_recipients":[',
        b"https://",
        b'"organisation":"',
        b'"former_engineer_cas": [{"public_key": "',
        b'"until_ms": ',
    ),
)
def profile(data: bytes) -> None:
    """An organisation's profile: first byte 1 signs the rest, so that its fields are read."""
    document = data[1:]
    if data[:1] == b"\x01":
        try:
            document = sign_note(document.decode("utf-8", "replace") + "\n", "Example", KEY)
        except NoteError:
            return
    try:
        opened = open_profile(document, PUBLIC_KEY)
    except ProfileError:
        return
    assert open_profile(sign_profile(opened, KEY), PUBLIC_KEY) == opened
    assert opened.engineer_cas[0].public_key not in [one.public_key for one in opened.engineer_cas[1:]]


@target("audit-recipient", seeds=lambda: [msgspec.json.encode(PROFILE.audit_recipients[0])])
def audit_recipient(data: bytes) -> None:
    """An audit key's public half, as an administrator hands it over."""
    try:
        decode_recipient(data)
    except ProfileError:
        return


def _certificates() -> Iterable[bytes]:
    der = issue_certificate(
        KEY,
        name="Wei Example",
        staff_number="E-1",
        organisation="Example",
        public_key=PUBLIC_KEY,
        max_scopes=frozenset(Scope),
        now_ms=NOW_MS,
        lifetime_ms=3_600_000,
    )
    yield b"\x00" + der
    yield b"\x01" + der


@target(
    "certificate", seeds=_certificates, words=(b"\x30\x80", b"\x06\x03\x2b\x65\x70", b"\x02\x01\x00", b"\x18\x0f9999")
)
def certificate(data: bytes) -> None:
    """An engineer's certificate: first byte 1 has the organisation's key sign whatever it says."""
    der = data[1:]
    if data[:1] == b"\x01":
        der = _signed_again(der)
    try:
        engineer = read_certificate(der, PUBLIC_KEY, NOW_MS)
    except CertificateError:
        return
    assert engineer.not_before_ms <= NOW_MS < engineer.not_after_ms
    assert engineer.max_scopes
    assert read_certificate_of(der, REPLACED.engineer_cas, NOW_MS) == (engineer, REPLACED.engineer_cas[1])


def _signed_again(der: bytes) -> bytes:
    """The same content with a signature that fits, if the outer structure can be read."""
    try:
        tbs = x509.load_der_x509_certificate(der).tbs_certificate_bytes
    except (ValueError, x509.InvalidVersion):
        return der
    rest = tbs + b"\x30\x05\x06\x03\x2b\x65\x70" + b"\x03\x41\x00" + KEY.sign(tbs)
    return b"\x30\x82" + len(rest).to_bytes(2, "big") + rest if len(rest) < 1 << 16 else der


MANIFEST = Manifest(
    version=1,
    organisation="Example",
    broker_origin="https://help.example.org",
    session_id=bytes(16),
    agent_key=PUBLIC_KEY,
    ssh_host_keys=(b"a", b"b"),
    engineer=Participant("Wei", "E-1", b"", "ssh"),
    reason="printer",
    ticket="1",
    scopes=(Scope.SHELL,),
    expires_at_ms=NOW_MS,
    folders=("/srv",),
    consent_text="text",
    language="en",
    output_policy="bounded",
    host_label="till",
    user_name="mei",
    started_at_ms=NOW_MS,
    clock_offset_ms=-5,
)


@target("manifest", seeds=lambda: [encode_manifest(MANIFEST)], words=(b"\xaasession_id", b"\xa6scopes\x90"))
def manifest(data: bytes) -> None:
    """The manifest inside a recording or receipt, made by the customer's own program."""
    try:
        decoded = decode_manifest(data)
    except IntegrityError:
        return
    assert decode_manifest(encode_manifest(decoded)) == decoded


def _receipts() -> Iterable[bytes]:
    receipt = Receipt(
        version=1,
        organisation="Example",
        broker_origin="https://help.example.org",
        session_id=bytes(16),
        engineers=(),
        reason="printer",
        ticket="1",
        scopes=(Scope.SHELL,),
        started_at_ms=NOW_MS,
        ended_at_ms=NOW_MS,
        end_reason="engineer-ended",
        files=(),
        record_count=3,
        chain_hash=bytes(32),
        language="en",
        manifest_salt=bytes(32),
        manifest=encode_manifest(MANIFEST),
        consent_text="text",
        root_key=bytes(32),
        agent_key=PUBLIC_KEY,
        signature=bytes(64),
    )
    text = write_receipt(sign_receipt(receipt, KEY)).encode()
    yield b"\x00" + text
    yield b"\x01" + text


@target("receipt", seeds=_receipts, words=(b'"files":[', b'"record_count":', b"1e9", b"\\ud800", b"\\u0000"))
def receipt(data: bytes) -> None:
    """A customer's receipt: first byte 1 signs whatever it says."""
    text = data[1:]
    if data[:1] == b"\x01":
        try:
            claimed = msgspec.json.decode(text, type=Receipt)
            text = write_receipt(sign_receipt(claimed, KEY)).encode()
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ReceiptError):
            return
    try:
        opened = open_receipt(text)
    except ReceiptError:
        return
    assert open_receipt(write_receipt(opened)) == opened


@target(
    "share-url",
    seeds=lambda: [str(ShareUrl("https://help.example.org:8443", bytes(32))).encode(), b"[::1]:8443", b"host"],
    words=(b"https://", b"/#", b"@", b"[", b"]", b":65536", "。".encode(), b"%00"),
)
def share_url(data: bytes) -> None:
    """An address that a caller dictates: one reading, and back again."""
    try:
        parsed = parse_share_url(data.decode("utf-8", "replace"))
    except (ShareUrlError, InputError):
        return
    assert parse_share_url(str(parsed)) == parsed
    assert parsed.origin.startswith("https://")
    assert parsed.origin.isascii()
