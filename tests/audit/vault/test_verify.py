"""Verify: every lie that a recording can tell has a line of its own, and only the whole truth is intact."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.session_files import RATING_FILE, SessionRating
from audit.vault.keys import AuditKey
from audit.vault.library import Recording, RecordingState
from audit.vault.verify import Outcome, Report, verify_recording
from protocol.attestation import sign_attestation
from protocol.certificates import EngineerCa
from protocol.events import (
    ChannelClosed,
    ChannelOpened,
    ChannelTotal,
    ClockCompared,
    ConsentAnswered,
    Event,
    FileTotal,
    FinalSummary,
    ManifestRecorded,
    OutputAttested,
    Redacted,
    SessionClosing,
    TerminalOutput,
)
from protocol.ratings import sign_rating
from protocol.record_sealing import RecordSealer
from tests.helpers import recordings
from tests.helpers.recordings import (
    START_MS,
    STREAM_ID,
    SealedRecording,
    closing_events,
    make_key,
    make_recording,
    make_session,
    opening_events,
    seal_session,
)

ROOM = b"$ hello\r\n"


def verify(
    recording: SealedRecording,
    tmp_path: Path,
    *,
    keys: list[AuditKey] | None = None,
    ca: bytes | None = None,
    **how: object,
) -> Report:
    folder = recording.write(tmp_path / "records", **how)  # type: ignore[arg-type]  # options of `write`
    used = recording.keys if keys is None else keys
    return verify_recording(
        Recording.read(folder), used, cas=[EngineerCa(ca or recording.ca_public_key)], now_ms=START_MS
    )


def failed(report: Report) -> set[str]:
    return {check.name for check in report.checks if check.outcome is Outcome.FAILED}


def outcome(report: Report, name: str) -> Outcome:
    return next(check.outcome for check in report.checks if check.name == name)


def simple(change: Callable[[SealedRecording, list[Event]], list[Event]] | None = None) -> SealedRecording:
    """A short session, its events changed before they are sealed: what a dishonest agent would sign."""
    session = make_session()
    events = [*opening_events(session), TerminalOutput(5000, 0, ROOM), *closing_events(session, ROOM, 6000)]
    return seal_session(session, [change(session, events) if change else events])


def replaced(events: list[Event], kind: type[Event], **fields: object) -> list[Event]:
    return [msgspec.structs.replace(event, **fields) if isinstance(event, kind) else event for event in events]


def test_an_honest_recording_is_intact(tmp_path: Path) -> None:
    """Everything is checked, and everything holds."""
    report = verify(make_recording(), tmp_path)
    assert report.intact
    assert report.verdict == "intact"
    assert {check.outcome for check in report.checks} == {Outcome.OK}
    assert len(report.checks) == 14


LIES: dict[str, Callable[[SealedRecording, list[Event]], list[Event]]] = {
    "manifest": lambda _, events: replaced(events, ManifestRecorded, salt=bytes(32)),
    "channels": lambda _, events: replaced(events, ChannelClosed, output_sha256=sha256(b"other").digest()),
    "attestations": lambda _, events: replaced(events, OutputAttested, signature=bytes(64)),
    "consent": lambda _, events: [event for event in events if not isinstance(event, ConsentAnswered)],
}


@pytest.mark.parametrize("name", LIES)
def test_each_lie_has_its_line(tmp_path: Path, name: str) -> None:
    """A signed, chained, sealed recording with one wrong fact fails in the check for that fact."""
    report = verify(simple(LIES[name]), tmp_path)
    assert name in failed(report)
    assert report.verdict == "broken"


def test_output_that_the_engineer_did_not_sign_is_found(tmp_path: Path) -> None:
    """The agent recorded something else than the engineer saw: their signature does not fit."""

    def forge(_: SealedRecording, events: list[Event]) -> list[Event]:
        other = b"$ rm -r\r\n"
        changed = [TerminalOutput(5000, 0, other) if isinstance(event, TerminalOutput) else event for event in events]
        return replaced(changed, ChannelClosed, output_sha256=sha256(other).digest())

    assert failed(verify(simple(forge), tmp_path)) == {"attestations"}


@pytest.mark.parametrize(("seen", "verdict"), [(b"", "intact"), (b"$ ", "broken")])
def test_a_refused_shell_has_shown_nothing(tmp_path: Path, seen: bytes, verdict: str) -> None:
    """On a stream without a channel an engineer who saw nothing is right, and one who saw something is not."""
    refused = bytes(16)

    def add(session: SealedRecording, events: list[Event]) -> list[Event]:
        said = sign_attestation(session.engineer_key, session.session_id, refused, len(seen), sha256(seen).digest())
        word = OutputAttested(5500, 1, refused, len(seen), said.output_sha256, said.signature, True)
        return [*events[:-1], word, events[-1]]

    assert verify(simple(add), tmp_path).verdict == verdict


def test_an_attestation_by_somebody_else_is_found(tmp_path: Path) -> None:
    """Only the key of the engineer's certificate speaks for the engineer."""

    def forge(session: SealedRecording, _: list[Event]) -> list[Event]:
        session.engineer_key = Ed25519PrivateKey.generate()
        return [*opening_events(session), TerminalOutput(5000, 0, ROOM), *closing_events(session, ROOM, 6000)]

    assert failed(verify(simple(forge), tmp_path)) == {"attestations"}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("room", {"output_sha256": bytes(32)}),
        ("room", {"output_bytes": 1}),
        ("files", {"files": (FileTotal("/etc/passwd", "read", 1, bytes(32)),)}),
        ("channel-totals", {"channels": (ChannelTotal(1, STREAM_ID, 1, bytes(32)),)}),
    ],
)
def test_a_final_record_that_counts_otherwise_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: dict[str, object]
) -> None:
    """FINAL's totals are compared with what the events add up to."""
    real = recordings.summarise

    def lying(events: list[Event], sealer: RecordSealer) -> FinalSummary:
        return msgspec.structs.replace(real(events, sealer), **change)

    monkeypatch.setattr(recordings, "summarise", lying)
    assert failed(verify(simple(), tmp_path)) == {name}


def test_a_certificate_of_another_organisation_is_found(tmp_path: Path) -> None:
    """With the CA's key it is checked who issued the certificate; without, the report says that it was not."""
    recording = make_recording()
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert failed(verify(recording, tmp_path, ca=stranger)) == {"certificate"}
    folder = Recording.read(recording.write(tmp_path / "records"))
    report = verify_recording(folder, recording.keys, now_ms=START_MS)
    assert outcome(report, "certificate") is Outcome.UNCHECKED
    assert report.intact


def test_a_certificate_that_names_somebody_else_is_found(tmp_path: Path) -> None:
    """The name that the customer saw must be the certificate's, also where no CA key is at hand."""
    session = make_session()
    engineer = msgspec.structs.replace(session.manifest.engineer, name="Somebody Else")
    session.manifest = msgspec.structs.replace(session.manifest, engineer=engineer)
    seal_session(session, [[*opening_events(session), SessionClosing(9, "engineer-ended")]])
    folder = Recording.read(session.write(tmp_path / "records"))
    assert failed(verify_recording(folder, session.keys, now_ms=START_MS)) == {"certificate"}


@pytest.mark.parametrize("certificate", [b"", b"0", b"\x30\x03\x02\x01\x00", bytes(100)])
def test_a_certificate_that_is_none_is_found(tmp_path: Path, certificate: bytes) -> None:
    """Whatever stands in its place, reading it is an answer, not a crash."""
    session = make_session()
    engineer = msgspec.structs.replace(session.manifest.engineer, certificate=certificate)
    session.manifest = msgspec.structs.replace(session.manifest, engineer=engineer)
    events = [*opening_events(session), TerminalOutput(5000, 0, ROOM), *closing_events(session, ROOM, 6000)]
    seal_session(session, [events])
    assert failed(verify(session, tmp_path)) == {"certificate", "attestations"}


def test_a_late_joiner_is_checked_from_where_they_came_in(tmp_path: Path) -> None:
    """A second engineer saw the room from an offset on, and left before its end: exactly that part is hashed."""

    def second(session: SealedRecording, _: list[Event]) -> list[Event]:
        seen = b"BCD"
        return [
            *opening_events(session),
            ConsentAnswered(4500, 2, "allowed", (), 0),
            TerminalOutput(5000, 0, b"A"),
            ChannelOpened(5001, 0, 2, "room", b"2" * 16, "", 80, 24, 1),
            TerminalOutput(5002, 0, b"BC"),
            TerminalOutput(5003, 0, b"DE"),
            ChannelClosed(5004, 0, 2, b"2" * 16, None, 0, b"", len(seen), sha256(seen).digest()),
            TerminalOutput(5005, 0, b"F"),
            *closing_events(session, b"ABCDEF", 6000),
        ]

    assert verify(simple(second), tmp_path).intact


def test_claims_beyond_the_recording_are_found(tmp_path: Path) -> None:
    """A channel that is said to have given more than was recorded fails, however it is hashed."""
    report = verify(simple(lambda _, events: replaced(events, ChannelClosed, output_bytes=10**12)), tmp_path)
    assert "channels" in failed(report)


def test_a_recording_without_key_is_checked_as_far_as_it_goes(tmp_path: Path) -> None:
    """Anybody can check the chain; only the vault can check the contents, and the report says so."""
    report = verify(make_recording(), tmp_path, keys=[])
    assert outcome(report, "chain") is Outcome.OK
    assert outcome(report, "contents") is Outcome.UNCHECKED
    assert (report.verdict, report.intact) == ("whole", True)


def test_a_key_that_does_not_open_it_proves_nothing_and_disproves_nothing(tmp_path: Path) -> None:
    """What can be seen from outside was checked and holds; that is neither intact nor broken."""
    report = verify(make_recording(), tmp_path, keys=[make_key()])
    assert (report.verdict, report.intact, failed(report)) == ("sealed", False, set())
    assert (outcome(report, "chain"), outcome(report, "key")) == (Outcome.OK, Outcome.UNCHECKED)


def test_a_change_is_found_whatever_the_key(tmp_path: Path) -> None:
    """A key that does not fit hides no damage that can be seen without one."""
    recording = make_recording()
    data = bytearray(recording.data)
    data[len(recording.records[0]) + 300] ^= 1
    for number, keys in enumerate(([make_key()], [])):
        assert verify(recording, tmp_path / str(number), keys=keys, data=bytes(data)).verdict == "broken"
    half = b"".join(recording.records[:4])
    assert verify(recording, tmp_path / "half", keys=[make_key()], data=half).verdict == "partial"


def test_a_recording_that_arrives_is_right_so_far(tmp_path: Path) -> None:
    """Half of a live session is not an error, also while the broker writes the next record; nor is it intact."""
    recording = make_recording()
    half = b"".join(recording.records[:4]) + recording.records[4][:77]
    report = verify(recording, tmp_path, data=half, closed=False, rated=False)
    folder = tmp_path / "records" / recording.session_id.hex()
    now_ms = Recording.read(folder).changed_at_ms()
    report = verify_recording(
        Recording.read(folder), recording.keys, cas=[EngineerCa(recording.ca_public_key)], now_ms=now_ms
    )
    assert report.state is RecordingState.ARRIVING
    assert report.verdict == "arriving"
    assert not report.intact


def test_an_agent_that_died_leaves_a_partial_recording(tmp_path: Path) -> None:
    """What is there is right, the end is missing, and that is what the verdict says."""
    recording = make_recording()
    report = verify(recording, tmp_path, data=b"".join(recording.records[:4]))
    assert failed(report) == {"fault-truncated", "end"}
    assert report.verdict == "partial"


def test_a_forged_rating_is_found(tmp_path: Path) -> None:
    """A polished answer does not carry the customer's signature."""
    recording = make_recording()
    folder = recording.write(tmp_path / "records")
    rating = sign_rating(
        Ed25519PrivateKey.generate(), recording.session_id, stars=5, solved=True, comment="", rated_at_ms=START_MS
    )
    (folder / RATING_FILE).write_bytes(msgspec.msgpack.encode(SessionRating(rating, START_MS)))
    report = verify_recording(Recording.read(folder), recording.keys, now_ms=START_MS)
    assert failed(report) == {"rating"}


def test_forks_and_cut_tails_are_told(tmp_path: Path) -> None:
    """What ingest set aside is not forgotten: a contradiction fails, a cut tail is remarked."""
    recording = make_recording()
    folder = recording.write(tmp_path / "records")
    (folder / "tail-100.csr").write_bytes(b"torn")
    report = verify_recording(Recording.read(folder), recording.keys, now_ms=START_MS)
    assert outcome(report, "tails") is Outcome.REMARK
    assert report.intact
    (folder / "fork-3.csr").write_bytes(recording.records[3])
    report = verify_recording(Recording.read(folder), recording.keys, now_ms=START_MS)
    assert failed(report) == {"forks"}


def test_clocks_and_redactions_are_remarked(tmp_path: Path) -> None:
    """Neither is wrong; a reader should know both."""

    def remarkable(session: SealedRecording, events: list[Event]) -> list[Event]:
        return [
            *events[:5],
            ClockCompared(4200, START_MS + 86_400_000, START_MS),
            Redacted(4300, 0, "aws", 20),
            *events[5:],
        ]

    report = verify(simple(remarkable), tmp_path)
    assert outcome(report, "clocks") is Outcome.REMARK
    assert outcome(report, "redacted") is Outcome.REMARK
    assert report.intact


def test_one_connection_may_open_the_room_twice(tmp_path: Path) -> None:
    """With ControlMaster two shells share a stream; each is checked from its own offset."""

    def twice(session: SealedRecording, _: list[Event]) -> list[Event]:
        return [
            *opening_events(session),
            TerminalOutput(5000, 0, b"AB"),
            ChannelOpened(5001, 0, 1, "room", STREAM_ID, "", 80, 24, 2),
            TerminalOutput(5002, 0, b"CD"),
            ChannelClosed(5003, 0, 1, STREAM_ID, None, 0, b"", 2, sha256(b"CD").digest()),
            *closing_events(session, b"ABCD", 6000),
        ]

    assert verify(simple(twice), tmp_path).intact


def test_a_final_record_may_list_the_first_of_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FINAL is one record; what it leaves out stands in the events, and the report says that it did."""
    real = recordings.summarise

    def shortened(events: list[Event], sealer: RecordSealer) -> FinalSummary:
        return msgspec.structs.replace(real(events, sealer), files=())

    monkeypatch.setattr(recordings, "summarise", shortened)
    report = verify(make_recording(), tmp_path)
    assert outcome(report, "files") is Outcome.REMARK
    assert report.intact
