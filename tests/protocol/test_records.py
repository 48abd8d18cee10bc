"""The sealed record's layout and chain: what a keyless verifier accepts, and the name of everything that it refuses."""

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.record_chain import (
    EPOCH_LIMIT_RECORDS,
    ChainVerifier,
    RecordBodyChangedError,
    RecordChainError,
    RecordEpochError,
    RecordForeignError,
    RecordMissingError,
    RecordRepeatedError,
    RecordSignatureError,
    chain_hash,
    genesis_hash,
    signed_bytes,
)
from protocol.record_epochs import parse_epoch_body
from protocol.records import (
    HEADER_BYTES,
    RECORD_LIMIT_BYTES,
    RecordHeader,
    RecordMalformedError,
    RecordSuite,
    RecordTooLargeError,
    RecordType,
    iter_record_spans,
    split_record,
)
from tests.helpers.recordings import SealedRecording, make_recording


@pytest.fixture(scope="module")
def recording() -> SealedRecording:
    return make_recording()


def verifier(recording: SealedRecording) -> ChainVerifier:
    return ChainVerifier(recording.session_id, recording.agent_key, recording.commitment)


def accepted(recording: SealedRecording, count: int) -> ChainVerifier:
    found = verifier(recording)
    for record in recording.records[:count]:
        found.accept(record)
    return found


def resign(recording: SealedRecording, record: bytes, **changes: object) -> bytes:
    """The same record with other header fields, signed again by the agent: what a dishonest agent could send."""
    parts = split_record(record)
    body = changes.pop("body", parts.body)
    assert isinstance(body, bytes)
    digest = sha256(body).digest()
    header = replace(parts.header, body_bytes=len(body), body_sha256=digest, **changes)  # type: ignore[arg-type]
    header_bytes = header.encode()
    return header_bytes + body + recording.signing_key.sign(signed_bytes(header_bytes))


def test_a_whole_recording_is_accepted(recording: SealedRecording) -> None:
    """Every record of an honest agent fits, and the last one closes the chain."""
    found = accepted(recording, len(recording.records))
    assert found.finished
    assert found.next_seq == len(recording.records)
    assert found.chain_hash == chain_hash(recording.records[-1][:HEADER_BYTES])


def test_the_header_is_128_bytes_and_reads_back() -> None:
    """Encoding and parsing are each other's reverse."""
    header = RecordHeader(
        RecordType.DATA, RecordSuite.X25519, bytes(16), 2**63, 7, 3, 10, 20, 528, b"p" * 32, b"b" * 32
    )
    assert len(header.encode()) == HEADER_BYTES
    assert RecordHeader.parse(header.encode()) == header


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_a_record_error(data: bytes) -> None:
    """Whatever comes from outside, the parser answers with its own error."""
    with pytest.raises(RecordMalformedError):
        split_record(data)


@given(st.binary(max_size=3000))
def test_any_epoch_body_is_refused_with_a_record_error(body: bytes) -> None:
    """An epoch's list of recipients has one valid reading; everything else has a name."""
    with pytest.raises(RecordMalformedError):
        parse_epoch_body(body, 0)


def test_each_changed_byte_of_a_record_is_refused(recording: SealedRecording) -> None:
    """No byte of a record can be changed without an error, and the error leaves the verifier where it was."""
    record = recording.records[1]
    found = accepted(recording, 1)
    before = found.next_seq, found.chain_hash
    for at in [*range(HEADER_BYTES), HEADER_BYTES, len(record) - 65, *range(len(record) - 64, len(record))]:
        changed = record[:at] + bytes([record[at] ^ 1]) + record[at + 1 :]
        with pytest.raises((RecordMalformedError, RecordBodyChangedError, RecordSignatureError)):
            found.accept(changed)
    assert (found.next_seq, found.chain_hash) == before
    found.accept(record)


def test_a_missing_record_is_named(recording: SealedRecording) -> None:
    """A later record in an earlier one's place says which one is missing."""
    with pytest.raises(RecordMissingError) as caught:
        accepted(recording, 1).accept(recording.records[2])
    assert caught.value.fields == {"seq": 2, "expected": 1}


def test_a_repeated_record_is_named(recording: SealedRecording) -> None:
    """A record that was accepted is not accepted again."""
    with pytest.raises(RecordRepeatedError):
        accepted(recording, 2).accept(recording.records[1])


def test_another_past_is_named(recording: SealedRecording) -> None:
    """A record that is signed and numbered right, but continues something else, is refused as such."""
    other = resign(recording, recording.records[1], prev=b"x" * 32)
    with pytest.raises(RecordChainError):
        accepted(recording, 1).accept(other)


def test_another_sessions_record_is_named(recording: SealedRecording) -> None:
    """The same agent key does not carry a record from one session into another."""
    other = resign(recording, recording.records[1], session_id=b"z" * 16)
    with pytest.raises(RecordForeignError):
        accepted(recording, 1).accept(other)


def test_another_agents_record_is_refused(recording: SealedRecording) -> None:
    """Only the session's key signs."""
    with pytest.raises(RecordSignatureError):
        verifier(recording).accept(make_recording().records[0])


def test_the_chain_begins_with_the_manifest(recording: SealedRecording) -> None:
    """A recording fits only to the manifest commitment that it was opened with."""
    other = ChainVerifier(recording.session_id, recording.agent_key, bytes(32))
    assert other.chain_hash == genesis_hash(recording.session_id, recording.agent_key, bytes(32))
    with pytest.raises(RecordChainError):
        other.accept(recording.records[0])


def test_a_recording_begins_with_an_epoch(recording: SealedRecording) -> None:
    """Without a sealed secret nothing could ever be opened."""
    first = resign(recording, recording.records[1], seq=0, prev=verifier(recording).chain_hash)
    with pytest.raises(RecordEpochError):
        verifier(recording).accept(first)


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": 1},
        {"suite": RecordSuite.X25519},
        {"type": RecordType.EPOCH, "event_count": 0, "epoch": 0},
        {"type": RecordType.EPOCH, "event_count": 0, "epoch": 2},
    ],
)
def test_epochs_are_counted_and_kept(recording: SealedRecording, changes: dict[str, object]) -> None:
    """A record belongs to the current epoch and its suite; a new epoch has the next number."""
    with pytest.raises(RecordEpochError):
        accepted(recording, 1).accept(resign(recording, recording.records[1], **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"event_count": 0},
        {"t_first_ms": 9, "t_last_ms": 8},
        {"body": bytes(100)},
        {"type": RecordType.FINAL},
    ],
)
def test_senseless_headers_are_refused_although_signed(recording: SealedRecording, changes: dict[str, object]) -> None:
    """An agent's signature does not make up for fields that contradict each other."""
    with pytest.raises(RecordMalformedError):
        accepted(recording, 1).accept(resign(recording, recording.records[1], **changes))


def test_nothing_comes_after_final(recording: SealedRecording) -> None:
    """The end is the end, even for the agent itself."""
    found = accepted(recording, len(recording.records))
    more = resign(recording, recording.records[1], seq=found.next_seq, prev=found.chain_hash)
    with pytest.raises(RecordEpochError):
        found.accept(more)


def test_an_epoch_ends_after_4096_records(recording: SealedRecording) -> None:
    """A chain key seals so many records and no more; the verifier holds the agent to it."""
    found = accepted(recording, 1)
    body = split_record(recording.records[1]).body
    for seq in range(1, EPOCH_LIMIT_RECORDS):
        found.accept(resign(recording, recording.records[1], seq=seq, prev=found.chain_hash, body=body))
    with pytest.raises(RecordEpochError):
        found.accept(resign(recording, recording.records[1], seq=found.next_seq, prev=found.chain_hash))


def test_a_suite_that_the_body_does_not_use_is_refused(recording: SealedRecording) -> None:
    """A header cannot claim a stronger or weaker seal than its recipients have."""
    with pytest.raises(RecordEpochError):
        verifier(recording).accept(resign(recording, recording.records[0], suite=RecordSuite.X25519))


def test_records_longer_than_the_limit_are_refused(recording: SealedRecording) -> None:
    """Size is checked before anything else is believed."""
    with pytest.raises(RecordTooLargeError):
        verifier(recording).accept(bytes(RECORD_LIMIT_BYTES + 1))
    with pytest.raises(RecordTooLargeError):
        RecordHeader.parse(resign(recording, recording.records[1], body=bytes(16 + 512 * 512)))


def test_spans_walk_whole_records_and_stop(recording: SealedRecording) -> None:
    """A row of records is cut by the lengths in it, up to where no whole record follows."""
    data = recording.data
    spans = list(iter_record_spans(data))
    assert [data[start:end] for start, end in spans] == recording.records
    assert list(iter_record_spans(data[:-1])) == spans[:-1]
    assert list(iter_record_spans(b"no record" * 100)) == []


def test_a_foreign_key_never_verifies() -> None:
    """A verifier made for one key refuses what any other signed."""
    recording = make_recording()
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(RecordSignatureError):
        ChainVerifier(recording.session_id, other, recording.commitment).accept(recording.records[0])
