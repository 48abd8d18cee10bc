"""Sealed records: what the broker takes from an agent, and what audit opens of it."""

import io
import struct
from collections.abc import Iterable
from functools import cache
from hashlib import sha256

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.vault.inspection import inspect_chain
from audit.vault.keys import AuditKey
from audit.vault.narrator import Narrator
from audit.vault.opening import inflate, open_records
from audit.vault.transcript import read_transcript
from fuzz.target import target
from protocol import events
from protocol.errors import ConsentryError, IntegrityError
from protocol.events import ROOM_CHANNEL, decode_events, encode_events
from protocol.profile import AuditRecipient
from protocol.record_chain import ChainVerifier, signed_bytes
from protocol.record_epochs import parse_epoch_body
from protocol.record_sealing import RecordSealer
from protocol.records import HEADER_BYTES, SIGNATURE_BYTES, RecordHeader, iter_record_spans, split_record
from wording import Wording

SESSION_ID, COMMITMENT = bytes(16), bytes(32)
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AGENT_KEY = SIGNING_KEY.public_key().public_bytes_raw()
_AUDIT_PRIVATE = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
AUDIT_KEY = AuditKey(
    AuditRecipient(bytes(8), "x25519", _AUDIT_PRIVATE.public_key().public_bytes_raw(), 0, 2**50), _AUDIT_PRIVATE
)
NOW_MS = 1_795_000_000_000

EXAMPLES: list[events.Event] = [
    events.ChannelOpened(0, ROOM_CHANNEL, 1, "room", bytes(16), "", 80, 24, 0),
    events.TerminalOutput(1, ROOM_CHANNEL, b"$ ls\r\n\x1b[1mfile\x1b[0m\r\n"),
    events.TerminalInput(2, ROOM_CHANNEL, 1, b"ls\n"),
    events.InputHidden(3, ROOM_CHANNEL, 1, 9),
    events.TerminalResized(4, ROOM_CHANNEL, 132, 50),
    events.FileOperation(5, 2, 1, "read", "/etc/hosts", "", "ok", 3, bytes(32), ((0, 3),)),
    events.ConnectionForwarded(6, 3, 1, "127.0.0.1:80", "ok"),
    events.ChannelClosed(7, ROOM_CHANNEL, 1, bytes(16), 0, 3, bytes(32), 20, bytes(32)),
    events.SessionClosing(8, "engineer-ended"),
]


@cache
def records_row() -> tuple[bytes, ...]:
    """The beginning of a recording: EPOCH and two DATA records."""
    sealer = RecordSealer(SESSION_ID, SIGNING_KEY, [AUDIT_KEY.recipient], COMMITMENT)
    return (sealer.seal_epoch(NOW_MS), sealer.seal_events(EXAMPLES[:4], 0, 4), sealer.seal_events(EXAMPLES[4:], 4, 8))


@target(
    "record", seeds=lambda: [bytes([n]) + record for n in (0, 1) for record in records_row()], words=(b"CSR1", b"CSR2")
)
def record(data: bytes) -> None:
    """One record at ingest: first byte 1 signs whatever its header says, so that the rules behind are reached."""
    taken = data[1:]
    if data[:1] == b"\x01" and len(taken) > HEADER_BYTES + SIGNATURE_BYTES:
        body = taken[HEADER_BYTES:-SIGNATURE_BYTES]
        head = taken[:88] + len(body).to_bytes(4, "big") + taken[64:96][:0] + taken[92:96] + sha256(body).digest()
        head = taken[: HEADER_BYTES - 32] + sha256(body).digest() if len(head) != HEADER_BYTES else head
        taken = head + body + SIGNING_KEY.sign(signed_bytes(head))
    for before in (0, 1):
        verifier = ChainVerifier(SESSION_ID, AGENT_KEY, COMMITMENT)
        for earlier in records_row()[:before]:
            verifier.accept(earlier)
        position = (verifier.next_seq, verifier.chain_hash)
        try:
            verifier.accept(taken)
        except IntegrityError:
            assert (verifier.next_seq, verifier.chain_hash) == position
            continue
        assert verifier.next_seq == position[0] + 1
        assert split_record(taken).header.encode() == taken[:HEADER_BYTES]


@target("record-header", seeds=lambda: [record[:HEADER_BYTES] for record in records_row()])
def record_header(data: bytes) -> None:
    """The 128 bytes: what is read is what was written."""
    try:
        header = RecordHeader.parse(data)
    except IntegrityError:
        return
    assert header.encode() == data[:HEADER_BYTES]


@target("epoch-body", seeds=lambda: [records_row()[0][HEADER_BYTES:-SIGNATURE_BYTES]])
def epoch_body(data: bytes) -> None:
    """The list of recipients of an epoch."""
    try:
        entries, commitment = parse_epoch_body(data, 0)
    except IntegrityError:
        return
    assert bytes([len(entries)]) + b"".join(entry.encode() for entry in entries) + commitment == data


@target(
    "recording",
    seeds=lambda: [b"".join(records_row()), b"".join(records_row()[:2]), records_row()[1]],
    words=(b"CSR1", bytes(64)),
)
def recording(data: bytes) -> None:
    """A file of records, as audit finds it on the broker's disk: inspected, and opened as far as it is proved."""
    spans = list(iter_record_spans(data))
    assert all(end > start for start, end in spans)
    source = io.BytesIO(data)
    inspection = inspect_chain(source, SESSION_ID, AGENT_KEY, COMMITMENT)
    if data != b"".join(records_row())[: len(data)]:
        assert inspection.fault is not None or not inspection.finished
    for opened in open_records(source, inspection.offsets, [AUDIT_KEY]):
        assert opened.final is None


def _plaintexts() -> Iterable[bytes]:
    yield b"\x00" + zstandard.ZstdCompressor(level=1).compress(encode_events(EXAMPLES))
    for event in EXAMPLES:
        yield b"\x01" + encode_events([event])
    yield b"\x01" + encode_events(EXAMPLES)
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(8 * 1024 * 1024))
    yield b"\x00" + bomb
    yield b"\x00" + struct.pack("<IBB", 0xFD2FB528, 0xE0, 0xFF) + b"\xff" * 8


@target("record-content", seeds=_plaintexts, words=(b"\x93\xa3out", b"\xa6resize", b"\xcf" + b"\xff" * 8, b"\xc6\x7f"))
def record_content(data: bytes) -> None:
    """What a customer's own program may have sealed: inflated (0) or as it is (1), decoded, told, and drawn."""
    try:
        plaintext = inflate(data[1:], 1) if data[:1] == b"\x00" else data[1:]
        found = decode_events(plaintext)
    except IntegrityError:
        return
    assert len(plaintext) <= max(len(data), 1024 * 1024)
    assert decode_events(encode_events(found)) == found
    narrator = Narrator(Wording("en"))
    try:
        for event in found:
            narrator.tell(event)
        for line in read_transcript(found):
            str(line)
    except ConsentryError:
        return
