"""Opening: an authentic record may still be hostile, for the agent is the customer's."""

import io
import secrets
import struct
from hashlib import sha256

import pytest
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.vault.inspection import inspect_chain
from audit.vault.opening import (
    INFLATED_LIMIT_BYTES,
    SealBrokenError,
    SealedForOthersError,
    inflate,
    open_records,
)
from protocol.errors import IntegrityError
from protocol.record_chain import chain_hash, genesis_hash, signed_bytes
from protocol.record_epochs import encode_epoch_body, parse_epoch_body
from protocol.record_sealing import CHAIN_KEY_LABEL, COMMIT_LABEL, EPOCH_LABEL, RECORD_KEY_LABEL, expand
from protocol.records import RecordHeader, RecordSuite, RecordType, split_record
from tests.helpers.recordings import SealedRecording, make_key, make_recording, make_session


def signed(session: SealedRecording, kind: RecordType, seq: int, prev: bytes, body: bytes, events: int) -> bytes:
    digest = sha256(body).digest()
    header = RecordHeader(
        kind, RecordSuite.X_WING, session.session_id, seq, 0, events, 0, 0, len(body), prev, digest
    ).encode()
    return header + body + session.signing_key.sign(signed_bytes(header))


def hostile_recording(session: SealedRecording, padded: bytes, *, events: int = 1) -> list[bytes]:
    """EPOCH and one DATA record whose sealed plaintext is what a dishonest agent chose."""
    secret = secrets.token_bytes(32)
    prev = genesis_hash(session.session_id, session.agent_key, session.commitment)
    info = EPOCH_LABEL + session.session_id + struct.pack(">QI", 0, 0) + prev
    sealer = session.sealer()
    entry = sealer._recipients[0].seal(secret, info)
    epoch = signed(session, RecordType.EPOCH, 0, prev, encode_epoch_body((entry,), expand(secret, COMMIT_LABEL)), 0)
    chain_key = expand(secret, CHAIN_KEY_LABEL + session.session_id + bytes(4))
    key = expand(chain_key, RECORD_KEY_LABEL + struct.pack(">Q", 1))
    prev = chain_hash(epoch[:128])
    blank = RecordHeader(
        RecordType.DATA, RecordSuite.X_WING, session.session_id, 1, 0, events, 0, 0, len(padded) + 16, prev, bytes(32)
    ).encode()
    body = AESGCM(key).encrypt(bytes(12), padded, blank[:96])
    return [epoch, signed(session, RecordType.DATA, 1, prev, body, events)]


def open_all(session: SealedRecording, records: list[bytes]) -> None:
    source = io.BytesIO(b"".join(records))
    found = inspect_chain(source, session.session_id, session.agent_key, session.commitment)
    assert len(found.offsets) == len(records)  # the chain is proved: only the content is wrong
    for _ in open_records(source, found.offsets, session.keys):
        pass


def pad(packed: bytes, *, claimed: int | None = None) -> bytes:
    data = struct.pack(">I", len(packed) if claimed is None else claimed) + packed
    return data + bytes(-len(data) % 512)


BOMB = zstandard.ZstdCompressor(level=19).compress(bytes(64 * INFLATED_LIMIT_BYTES))
UNSIZED = zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 100)


@pytest.mark.parametrize(
    "padded",
    [
        pad(BOMB),
        pad(UNSIZED),
        pad(b"not zstd at all"),
        pad(b"", claimed=2**32 - 1),
        pad(b"abc", claimed=600),
        pad(zstandard.compress(b"\x90"))[:-1] + b"\x01",
        pad(zstandard.compress(b"\x90")) + bytes(512),
        pad(zstandard.compress(b"\x90") + zstandard.compress(b"\x90")),
        pad(zstandard.compress(b"\x90"), claimed=3),
    ],
    ids=["bomb", "no size", "not zstd", "huge length", "long length", "padding used", "padding too long", "two", "cut"],
)
def test_hostile_plaintexts_are_refused(padded: bytes) -> None:
    """Signed, chained and sealed properly, yet made to harm the reader: refused before it is inflated or parsed."""
    session = make_session()
    with pytest.raises(SealBrokenError):
        open_all(session, hostile_recording(session, padded))


@pytest.mark.parametrize("content", [b"\x90", b"\xc1", b"\x91\x92\xa3out\x00", b"\xdd\xff\xff\xff\xff"])
def test_contents_that_are_no_events_are_refused(content: bytes) -> None:
    """An empty list, broken msgpack, a half event, four billion events: each is an error, none a crash."""
    session = make_session()
    with pytest.raises(IntegrityError):
        open_all(session, hostile_recording(session, pad(zstandard.compress(content))))


def test_a_bomb_is_refused_by_its_claim() -> None:
    """64 MiB of nothing would fit into a few kilobytes; its size is read first."""
    assert len(BOMB) < 10_000
    with pytest.raises(SealBrokenError, match="more than is allowed"):
        inflate(BOMB, 1)


def test_two_secrets_for_two_auditors_are_found() -> None:
    """An agent that seals other secrets to other auditors is caught by the commitment."""
    one, two = make_key(), make_key()
    session = make_session(keys=[one, two])
    honest, other = session.sealer().seal_epoch(1_790_000_000_000), session.sealer().seal_epoch(1_790_000_000_000)
    (entry, _), commitment = parse_epoch_body(split_record(honest).body, 0)
    (_, second), _ = parse_epoch_body(split_record(other).body, 0)
    prev = split_record(honest).header.prev
    mixed = signed(session, RecordType.EPOCH, 0, prev, encode_epoch_body((entry, second), commitment), 0)
    session.keys = [one]
    open_all(session, [mixed])
    session.keys = [two]
    with pytest.raises(SealBrokenError, match="different secrets"):
        open_all(session, [mixed])


def test_a_secret_from_another_place_does_not_open() -> None:
    """The seal names session, number, epoch and predecessor: an epoch copied elsewhere is useless."""
    session = make_session()
    elsewhere = make_session(keys=session.keys, session_id=b"\x55" * 16)
    body = split_record(elsewhere.sealer().seal_epoch(1_790_000_000_000)).body
    prev = genesis_hash(session.session_id, session.agent_key, session.commitment)
    with pytest.raises(SealBrokenError, match="not sealed properly"):
        open_all(session, [signed(session, RecordType.EPOCH, 0, prev, body, 0)])


def test_another_key_is_told_whose_it_is() -> None:
    """A reader with the wrong key learns which keys would do."""
    recording = make_recording()
    right = recording.keys[0].recipient.key_id.hex()
    recording.keys = [make_key()]
    with pytest.raises(SealedForOthersError, match=right):
        open_all(recording, recording.records)
