"""Everything that can be derived again, derived again from the bytes; one line per check.

Four witnesses must agree: the chain that the agent signed, the manifest that was committed to before the session
began, the totals of the FINAL record, and the engineer's own signed word about what they saw. Nothing here comes from
the code that wrote the recording, and nothing is opened that the chain does not prove.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import BinaryIO, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.vault.external_key import OpenerFailedError
from audit.vault.facts import OUTPUT_USES, Facts, Span, gather_facts, hash_spans
from audit.vault.inspection import Fault, FaultKind, Inspection
from audit.vault.library import Recording, RecordingState, scan_headers
from audit.vault.opening import Keys, OpenedRecord, SealedForOthersError, open_records
from protocol.attestation import NOTHING_SHOWN, AttestationForged, verify_attestation
from protocol.certificates import UNREADABLE_X509, CertificateError, EngineerCa, read_certificate_of
from protocol.errors import ConsentryError
from protocol.events import ChannelClosed, ChannelOpened, OutputAttested
from protocol.messages.control import AttestOutput
from protocol.ratings import RatingForged, verify_rating
from protocol.receipt_verification import ca_facts

CLOCK_LIMIT_MS = 5000
"""Clocks that differ by more are pointed out, never corrected."""


Fact = str | int | ConsentryError

Verdict = Literal["intact", "whole", "sealed", "erased", "arriving", "partial", "broken"]
"""What all checks of a recording come to."""


class Outcome(StrEnum):
    """What a check came to."""

    OK = "ok"
    FAILED = "failed"
    REMARK = "remark"
    """Nothing is wrong, and a reader should know."""
    UNCHECKED = "unchecked"
    """Something that the check needs is not there: a key, an end, a certificate authority."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line. Its sentence is `audit-check-<name>.<outcome>` of the wording, with these fields."""

    name: str
    outcome: Outcome
    fields: dict[str, Fact] = field(default_factory=dict)

    @property
    def plain_fields(self) -> dict[str, str | int]:
        """For programs: an error as its English sentence."""
        return {name: fact if isinstance(fact, int) else str(fact) for name, fact in self.fields.items()}


@dataclass(slots=True)
class Report:
    """`intact` means complete and without a failed check: the whole session is here as it was recorded."""

    session_id: bytes
    state: RecordingState
    checks: list[Check] = field(default_factory=list)
    fault: Fault | None = None
    erased: bool = False
    """What opens it was destroyed on purpose: intact then means that its chain is."""
    sealed: bool = False
    """The given keys do not open it: of what is inside nothing is known, and so it is not called intact."""
    without_key: bool = False
    """Nobody wanted it opened: intact then means that its chain is."""

    @property
    def intact(self) -> bool:
        return self.state is RecordingState.COMPLETE and not self.sealed and not self._failed

    @property
    def verdict(self) -> Verdict:
        """`arriving`, `partial`: what is here is right, and there is more to come, or there should have been.

        `whole`: nobody gave a key, and what can be checked without one is right. `sealed`: the same, and the keys that
        were given do not open it.
        """
        if self.intact:
            return "erased" if self.erased else "whole" if self.without_key else "intact"
        if not self._failed <= {"end", "fault-truncated"}:
            return "broken"
        if self._failed or self.state not in (RecordingState.COMPLETE, RecordingState.ARRIVING):
            return "partial"
        return "sealed" if self.sealed else "arriving"

    @property
    def _failed(self) -> set[str]:
        return {check.name for check in self.checks if check.outcome is Outcome.FAILED}

    def add(self, name: str, outcome: Outcome, **fields: Fact) -> None:
        self.checks.append(Check(name, outcome, fields))

    def decide_erased(self, is_noted: bool, count: int) -> None:
        self.erased = is_noted
        self.add("erased", Outcome.REMARK if is_noted else Outcome.FAILED, count=count)

    def decide_sealed(self, problem: ConsentryError) -> None:
        """That is a fact about the keys: of the recording, it proves nothing."""
        self.sealed = True
        self.add("key", Outcome.UNCHECKED, problem=problem)

    def decide(self, name: str, holds: bool, **fields: Fact) -> None:
        self.add(name, Outcome.OK if holds else Outcome.FAILED, **fields)


def verify_recording(
    recording: Recording, keys: Keys, *, cas: Sequence[EngineerCa] | None = None, now_ms: int
) -> Report:
    """Checks one session. Without keys, all that can be checked without reading.

    `cas` are the organisation's engineer CAs, `now_ms` Unix time. Raises SessionLostError or
    SessionFileError.
    """
    with recording.open_file() as source:
        inspection = recording.inspect(source)
        report = Report(recording.session_id, recording.state(scan_headers(source), now_ms))
        report.fault = _find_fault(recording, inspection, report.state)
        _check_chain(report, recording, inspection)
        if inspection.withheld_epochs:
            # Destroyed on purpose, which is noted; or somebody took what opens it, and noted nothing.
            report.decide_erased(recording.erasure is not None, inspection.withheld_epochs)
        elif not keys:
            report.without_key = True
            report.add("contents", Outcome.UNCHECKED)
        elif inspection.offsets:
            _check_contents(report, recording, inspection, _Contents(source, inspection, keys), cas)
    _check_rating(report, recording)
    return report


@dataclass(frozen=True, slots=True)
class _Contents:
    """The proved records, openable as often as needed."""

    source: BinaryIO
    inspection: Inspection
    keys: Keys

    def __iter__(self) -> Iterator[OpenedRecord]:
        return open_records(self.source, self.inspection.offsets, self.keys)


def _find_fault(recording: Recording, inspection: Inspection, state: RecordingState) -> Fault | None:
    """The fault in the file; a whole file that stops before FINAL is truncated too, once the session is over."""
    if inspection.fault is None and not inspection.finished and state is not RecordingState.ARRIVING:
        return Fault(FaultKind.TRUNCATED, len(inspection.offsets), inspection.size_bytes)
    torn = inspection.fault is not None and inspection.fault.kind is FaultKind.TRUNCATED
    if torn and state is RecordingState.ARRIVING and recording.closing is None:
        return None  # the broker is writing it at this moment
    return inspection.fault


def _check_chain(report: Report, recording: Recording, inspection: Inspection) -> None:
    count = len(inspection.offsets)
    fault = report.fault
    if fault is not None:
        place: dict[str, str | int] = {"record": fault.record, "offset": fault.offset, "count": count}
        report.add(f"fault-{fault.kind}", Outcome.FAILED, **place)
    else:
        report.add("chain", Outcome.OK, count=count, epochs=inspection.epochs, hash=inspection.chain_hash.hex())
    if inspection.finished:
        report.add("end", Outcome.OK)
    else:
        report.add("end", Outcome.UNCHECKED if report.state is RecordingState.ARRIVING else Outcome.FAILED)
    if recording.fork_count:
        report.add("forks", Outcome.FAILED, count=recording.fork_count)
    if recording.tail_count:
        report.add("tails", Outcome.REMARK, count=recording.tail_count)


def _check_contents(
    report: Report, recording: Recording, inspection: Inspection, contents: _Contents, cas: Sequence[EngineerCa] | None
) -> None:
    try:
        facts = gather_facts(contents)
        report.add("contents", Outcome.OK, count=facts.event_count)
        _check_manifest(report, recording, facts)
        _check_certificates(report, facts, cas)
        _check_order(report, facts)
        _check_totals(report, inspection, facts)
        _check_outputs(report, recording, facts, contents)
    except (SealedForOthersError, OpenerFailedError) as error:
        report.decide_sealed(error)
    except ConsentryError as error:
        report.add("contents", Outcome.FAILED, problem=error)


def _check_manifest(report: Report, recording: Recording, facts: Facts) -> None:
    manifest, opening = facts.manifest, recording.opening
    assert opening is not None  # without it the chain could not have been proved
    if manifest is None or facts.manifest_count != 1 or not facts.manifest_is_first:
        if report.state is not RecordingState.COMPLETE and not facts.event_count:
            report.add("manifest", Outcome.UNCHECKED)
        else:
            report.add("manifest", Outcome.FAILED)
        return
    committed = sha256(facts.salt + facts.manifest_bytes).digest() == opening.manifest_commitment
    ours = (manifest.session_id, manifest.agent_key) == (opening.session_id, opening.agent_key)
    report.decide("manifest", committed and ours, organisation=manifest.organisation)


def _check_certificates(report: Report, facts: Facts, cas: Sequence[EngineerCa] | None) -> None:
    if facts.manifest is None:
        return
    first = facts.manifest.engineer
    shown = {(who.name, who.staff_number, who.certificate) for who in facts.participants.values()}
    shown.add((first.name, first.staff_number, first.certificate))
    for name, staff_number, der in sorted(shown):
        fields: dict[str, str | int] = {"engineer": name, "number": staff_number}
        if cas is None:
            subject = _subject_of(der)
            holds = subject is not None and (subject.name, subject.staff_number) == (name, staff_number)
            report.add("certificate", Outcome.UNCHECKED if holds else Outcome.FAILED, **fields)
            continue
        try:
            certificate, ca = read_certificate_of(der, cas, facts.manifest.started_at_ms)
            if (certificate.name, certificate.staff_number) != (name, staff_number):
                raise CertificateError(problem="the certificate names somebody else")
            report.add("certificate", Outcome.OK, **fields, **ca_facts(ca))
        except CertificateError as error:
            report.add("certificate", Outcome.FAILED, **fields, problem=error)


def _check_order(report: Report, facts: Facts) -> None:
    report.decide("consent", not facts.without_consent, count=len(facts.without_consent))
    report.decide("times", facts.outside_of_record == 0, count=facts.outside_of_record)
    if facts.clock_difference_ms > CLOCK_LIMIT_MS:
        report.add("clocks", Outcome.REMARK, seconds=facts.clock_difference_ms // 1000)
    if facts.redacted:
        report.add("redacted", Outcome.REMARK, count=facts.redacted.total(), rules=", ".join(sorted(facts.redacted)))


def _check_totals(report: Report, inspection: Inspection, facts: Facts) -> None:
    final = facts.final
    if final is None:
        report.add("totals", Outcome.UNCHECKED)
        return
    count = len(inspection.offsets)
    counted = (final.record_count, final.event_count) == (count, facts.event_count)
    report.decide("totals", counted, count=count, events=facts.event_count)
    room = (final.output_bytes, final.output_sha256) == (facts.room_bytes, facts.room_sha256)
    report.decide("room", room, bytes=facts.room_bytes)
    moved = Counter(
        (file.path, file.action, file.byte_count, file.sha256)
        for file in facts.files
        if file.action in ("read", "write") and file.outcome == "ok"
    )
    listed = Counter((file.path, file.action, file.byte_count, file.sha256) for file in final.files)
    if listed - moved:
        report.add("files", Outcome.FAILED, count=listed.total(), all=moved.total())
    else:  # FINAL is one record: of very many transfers it lists the first ones
        report.add("files", Outcome.OK if listed == moved else Outcome.REMARK, count=listed.total(), all=moved.total())


def _check_outputs(report: Report, recording: Recording, facts: Facts, contents: _Contents) -> None:
    """What each engineer got, and what they signed, against the bytes that the recording holds."""
    spans = _OutputSpans(facts)
    closings = [(closed, spans.of_closed(closed)) for closed in facts.closed]
    attested = [(said, spans.of_attested(said)) for said in facts.attested]
    wanted = {span for _, candidates in [*closings, *attested] for span in candidates}
    hashes = hash_spans(contents, wanted) if wanted else {}

    def shown(candidates: Sequence[Span], digest: bytes) -> bool:
        return any(hashes.get(span) == digest for span in candidates)

    checked = [(closed, candidates) for closed, candidates in closings if candidates]
    wrong = sum(not shown(candidates, closed.output_sha256) for closed, candidates in checked)
    report.decide("channels", wrong == 0, count=len(checked), wrong=wrong)
    if facts.final is not None:
        told = Counter((c.participant, c.stream_id, c.output_bytes, c.output_sha256) for c in facts.final.channels)
        seen = Counter((c.participant, c.stream_id, c.output_bytes, c.output_sha256) for c in facts.closed)
        report.decide("channel-totals", not told - seen, count=told.total())
    if not attested:
        report.add("attestations", Outcome.UNCHECKED)
    for said, candidates in attested:
        if candidates:
            is_true = shown(candidates, said.output_sha256)
        else:  # a shell that was refused, or could not be started
            is_true = (said.output_bytes, said.output_sha256) == NOTHING_SHOWN
        holds = is_true and _is_signed(recording.session_id, facts, said)
        joined = facts.participants.get(said.participant)
        engineer = joined.name if joined is not None else str(said.participant)
        report.decide("attestations", holds, engineer=engineer, bytes=said.output_bytes)


class _OutputSpans:
    """Which bytes of which output a channel or a statement can mean.

    Several: one ssh connection (ControlMaster) may open the room more than once, each time from another offset.
    """

    def __init__(self, facts: Facts) -> None:
        self._opened: dict[tuple[int, bytes], list[ChannelOpened]] = {}
        for opened in facts.opened:
            if opened.use in OUTPUT_USES:
                self._opened.setdefault((opened.participant, opened.stream_id), []).append(opened)

    def of_closed(self, closed: ChannelClosed) -> list[Span]:
        return [
            Span(opened.channel, opened.output_offset, closed.output_bytes)
            for opened in self._opened.get((closed.participant, closed.stream_id), ())
            if opened.channel == closed.channel
        ]

    def of_attested(self, said: OutputAttested) -> list[Span]:
        return [
            Span(opened.channel, opened.output_offset, said.output_bytes)
            for opened in self._opened.get((said.participant, said.stream_id), ())
        ]


def _is_signed(session_id: bytes, facts: Facts, said: OutputAttested) -> bool:
    joined = facts.participants.get(said.participant)
    subject = _subject_of(joined.certificate) if joined is not None else None
    if subject is None or (len(said.stream_id), len(said.output_sha256)) != (16, 32):
        return False
    message = AttestOutput(said.stream_id, said.output_bytes, said.output_sha256, said.signature)
    try:
        verify_attestation(subject.public_key, session_id, message)
    except AttestationForged:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Subject:
    """Who a certificate names, and its key. Nothing is proved: that is `read_certificate`'s, with the CA's key."""

    name: str
    staff_number: str
    public_key: bytes


def _subject_of(der: bytes) -> _Subject | None:
    try:
        certificate = x509.load_der_x509_certificate(der)
        subject = {attribute.oid: str(attribute.value) for attribute in certificate.subject}
        key = certificate.public_key()
    except UNREADABLE_X509:
        return None
    if not isinstance(key, Ed25519PublicKey):
        return None
    return _Subject(
        subject.get(x509.NameOID.COMMON_NAME, ""), subject.get(x509.NameOID.SERIAL_NUMBER, ""), key.public_bytes_raw()
    )


def _check_rating(report: Report, recording: Recording) -> None:
    if recording.rating is None or recording.opening is None:
        report.add("rating", Outcome.UNCHECKED)
        return
    rating = recording.rating.rating
    try:
        verify_rating(recording.opening.agent_key, recording.session_id, rating)
    except RatingForged:
        report.add("rating", Outcome.FAILED)
    else:
        report.add("rating", Outcome.OK, stars=rating.stars)
