"""Sealing: one secret per epoch for every valid auditor, one key per record, never fewer or weaker keys than asked."""

import io
from dataclasses import replace

import msgspec
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from audit.vault.opening import SealedForOthersError, open_records
from protocol.events import TerminalOutput
from protocol.record_chain import EPOCH_LIMIT_MS, EPOCH_LIMIT_RECORDS
from protocol.record_epochs import parse_epoch_body
from protocol.record_sealing import AuditRecipientError, NoAuditRecipientError, RecordSealer, SealTooLargeError
from protocol.records import PADDING_BYTES, RecordSuite, split_record
from tests.helpers.recordings import START_MS, SealedRecording, make_key, make_session, summarise


def output(data: bytes, t_ms: int = 1) -> TerminalOutput:
    return TerminalOutput(t_ms, 0, data)


@pytest.fixture
def session() -> SealedRecording:
    return make_session()


def open_all(records: list[bytes], session: SealedRecording) -> list[object]:
    offsets, position = [], 0
    for record in records:
        offsets.append(position)
        position += len(record)
    return [
        event
        for opened in open_records(io.BytesIO(b"".join(records)), offsets, session.keys)
        for event in opened.events
    ]


def test_what_is_sealed_is_what_opens(session: SealedRecording) -> None:
    """The auditor gets the very events that the agent sealed, byte for byte, over several epochs."""
    sealer = session.sealer()
    first, second = output(b"one \xff\x00"), output(b"two", 2)
    records = [
        sealer.seal_epoch(START_MS),
        sealer.seal_events([first], 1, 1),
        sealer.seal_epoch(START_MS + 1),
        sealer.seal_events([second], 2, 2),
    ]
    assert open_all(records, session) == [first, second]


@pytest.mark.parametrize("suites", [("x-wing",), ("x25519",), ("x-wing", "x25519"), ("x-wing",) * 4])
def test_each_recipient_alone_opens_a_recording(suites: tuple[str, ...]) -> None:
    """An epoch is sealed to every recipient; any of their keys is enough, and no other one is."""
    keys = [make_key(suite) for suite in suites]  # type: ignore[arg-type]  # the suites above
    session = make_session(keys=keys)
    sealer = session.sealer()
    records = [sealer.seal_epoch(START_MS), sealer.seal_events([output(b"x")], 1, 1)]
    for key in keys:
        session.keys = [key]
        assert open_all(records, session) == [output(b"x")]
    session.keys = [make_key()]
    with pytest.raises(SealedForOthersError):
        open_all(records, session)


def test_the_weakest_recipient_names_the_suite() -> None:
    """One recipient without a post-quantum key makes the whole epoch one without, and the header says so."""
    session = make_session(keys=[make_key("x-wing"), make_key("x25519")])
    sealer = session.sealer()
    assert split_record(sealer.seal_epoch(START_MS)).header.suite is RecordSuite.X25519
    assert split_record(sealer.seal_events([output(b"x")], 1, 1)).header.suite is RecordSuite.X25519


def test_lengths_tell_only_512_byte_steps(session: SealedRecording) -> None:
    """A keystroke and a short line cannot be told apart by their records' lengths."""
    sealer = session.sealer()
    sealer.seal_epoch(START_MS)
    sizes = {len(sealer.seal_events([output(b"x" * count)], 1, 1)) for count in (1, 8, 60)}
    assert len(sizes) == 1
    assert (split_record(sealer.seal_events([output(b"y")], 1, 1)).header.body_bytes - 16) % PADDING_BYTES == 0


def test_equal_events_never_seal_to_equal_bodies(session: SealedRecording) -> None:
    """Every record has a key of its own."""
    sealer = session.sealer()
    sealer.seal_epoch(START_MS)
    bodies = {split_record(sealer.seal_events([output(b"same")], 1, 1)).body for _ in range(8)}
    assert len(bodies) == 8


def test_only_valid_recipients_are_sealed_to() -> None:
    """A key that is not valid yet, or no longer, gets nothing; with none valid there is no recording."""
    now, old = make_key(), make_key()
    expired = msgspec.structs.replace(old.recipient, not_after_ms=START_MS - 1)
    session = make_session(keys=[now, replace(old, recipient=expired)])
    entries, _ = parse_epoch_body(split_record(session.sealer().seal_epoch(START_MS)).body, 0)
    assert [entry.key_id for entry in entries] == [now.recipient.key_id]
    with pytest.raises(NoAuditRecipientError):
        session.sealer().seal_epoch(now.recipient.not_after_ms + 1)


def test_no_recipients_no_sealer() -> None:
    """There is no way to record for nobody."""
    with pytest.raises(NoAuditRecipientError):
        make_session(keys=[]).sealer()


@pytest.mark.parametrize("public_key", [b"", bytes(32), bytes(1216), b"\xff" * 1216])
def test_a_broken_key_is_refused_before_anything_is_sealed(public_key: bytes) -> None:
    """A recipient that cannot be sealed to stops the session, even beside a good one."""
    good, bad = make_key(), make_key()
    broken = msgspec.structs.replace(bad.recipient, public_key=public_key)
    session = make_session(keys=[good, replace(bad, recipient=broken)])
    with pytest.raises(AuditRecipientError):
        session.sealer()


def test_a_library_without_ml_kem_is_refused_not_downgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where X-Wing cannot be computed, no weaker seal takes its place."""

    def unsupported(_data: bytes) -> MLKEM768PublicKey:
        raise UnsupportedAlgorithm("no ML-KEM here")

    session = make_session()
    monkeypatch.setattr(MLKEM768PublicKey, "from_public_bytes", unsupported)
    with pytest.raises(AuditRecipientError, match="lacks ML-KEM"):
        session.sealer()


def test_a_new_epoch_is_due_by_time_count_or_clock(session: SealedRecording) -> None:
    """An epoch lasts an hour or 4,096 records, and no longer than the clock can be trusted."""
    sealer = session.sealer()
    assert sealer.needs_new_epoch(START_MS)
    sealer.seal_epoch(START_MS)
    assert not sealer.needs_new_epoch(START_MS + EPOCH_LIMIT_MS - 1)
    assert sealer.needs_new_epoch(START_MS + EPOCH_LIMIT_MS)
    assert sealer.needs_new_epoch(START_MS - 1)
    for _ in range(EPOCH_LIMIT_RECORDS - 1):
        sealer.seal_events([output(b"x")], 1, 1)
    assert sealer.needs_new_epoch(START_MS + 1)
    with pytest.raises(ValueError, match="epoch is full"):
        sealer.seal_events([output(b"x")], 1, 1)


def test_too_much_for_one_record_changes_nothing(session: SealedRecording) -> None:
    """Whoever gave too much may give less: the chain goes on as if nothing had been asked."""
    sealer = session.sealer()
    sealer.seal_epoch(START_MS)
    before = sealer.next_seq, sealer.chain_hash, sealer.event_count
    with pytest.raises(SealTooLargeError):
        sealer.seal_events([output(bytes(1024 * 1024))], 1, 1)
    noise = b"".join(i.to_bytes(4, "big") * 2 + (i * 2654435761 % 2**32).to_bytes(4, "little") for i in range(60_000))
    with pytest.raises(SealTooLargeError):
        sealer.seal_events([output(noise)], 1, 1)
    assert (sealer.next_seq, sealer.chain_hash, sealer.event_count) == before
    sealer.seal_events([output(b"less")], 1, 1)


def test_the_record_covers_at_least_its_events(session: SealedRecording) -> None:
    """The times in the header are widened to the events, so that none lies outside."""
    sealer = session.sealer()
    sealer.seal_epoch(START_MS)
    header = split_record(sealer.seal_events([output(b"b", 50), output(b"a", 40)], 45, 45)).header
    assert (header.t_first_ms, header.t_last_ms) == (40, 50)


def test_final_counts_what_was_sealed(session: SealedRecording) -> None:
    """A summary that counts otherwise is refused here, not found by an auditor."""
    sealer = session.sealer()
    sealer.seal_epoch(START_MS)
    sealer.seal_events([output(b"x")], 1, 1)
    right = summarise([output(b"x")], sealer)
    with pytest.raises(ValueError, match="counts other"):
        sealer.seal_final(msgspec.structs.replace(right, record_count=2))
    sealer.seal_final(right)
    assert sealer.finished
    with pytest.raises(ValueError, match="ends with FINAL"):
        sealer.seal_events([output(b"x")], 1, 1)


def test_nothing_is_sealed_before_the_first_epoch(session: SealedRecording) -> None:
    """There is no key yet."""
    sealer: RecordSealer = session.sealer()
    with pytest.raises(ValueError, match="begins with an epoch"):
        sealer.seal_events([output(b"x")], 1, 1)
    with pytest.raises(ValueError, match="at least one event"):
        sealer.seal_events([], 1, 1)
