"""Audit events for others' tools: the right words, at least once, and nothing that should stay."""

import errno
import hashlib
import http.server
import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.siem import outlets
from audit.siem import shipper as shipping
from audit.siem.decisions import KINDS, DecisionEvent
from audit.siem.events import CODES, AuditEvent, audit_events
from audit.siem.formats import DECISION_FORMATS, FORMATS, cef, ecs, ocsf
from audit.siem.outlets import (
    DELIVERY_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    Delivery,
    FileOutlet,
    NotDelivered,
    OutletUnusable,
    SyslogOutlet,
    WebhookOutlet,
    open_outlet,
    sign,
    syslog_frame,
)
from audit.siem.shipper import CursorBroken, Shipper
from protocol.events import ConsentAnswered, Event, FileOperation, ParticipantJoined, TakenOver
from protocol.grants import Scope
from serving.identity.events import EventKind
from tests.helpers.recordings import (
    START_MS,
    SealedRecording,
    closing_events,
    make_key,
    make_recording,
    make_session,
    opening_events,
)

SECRET = b"0123456789abcdef"
LATER_MS = START_MS + 3_600_000


def told(*extra: Event) -> list[AuditEvent]:
    session = make_session()
    events = [*opening_events(session), *extra, *closing_events(session, b"", 9000)]
    return list(audit_events(session.session_id.hex(), events))


def file(action: str, outcome: str = "ok") -> FileOperation:
    return FileOperation(5000, 2, 1, action, "/etc/hosts", "", outcome, 3, b"\x01" * 32, ((0, 3),))  # type: ignore[arg-type]  # literals by name


def test_a_session_becomes_events_in_order() -> None:
    """Who, whose machine, when; each numbered within its session."""
    events = told(file("read"))
    assert [event.name for event in events] == ["session.start", "consent.grant", "file.read", "session.end"]
    assert [event.uid for event in events] == [f"{'11' * 16}:{number}" for number in range(4)]
    assert {(event.engineer, event.staff_number) for event in events} == {("Mei Example", "E-17")}
    assert events[2].t_ms == START_MS + 5000


def test_a_take_over_names_both() -> None:
    """Whose event it is, is who has the place; from whom stands in its reason."""
    found = told(ParticipantJoined(1, 2, "Li Example", "E-18", b"", "ssh"), TakenOver(1, 2, 1))[2]
    assert (found.name, found.engineer, found.staff_number) == ("session.takeover", "Li Example", "E-18")
    assert found.reason == "from Mei Example (E-17)"


@pytest.mark.parametrize(
    ("event", "code", "class_uid", "activity", "action"),
    [
        (ConsentAnswered(1, 1, "allowed", (Scope.SHELL,), 0), "CS1200I", 3003, 1, "consent"),
        (ConsentAnswered(1, 1, "denied", (), 0), "CS1200W", 3003, 1, "consent"),
        (ConsentAnswered(1, 1, "timeout", (), 0), "CS1200W", 3003, 1, "consent"),
        (TakenOver(1, 2, 1), "CS2006I", 3003, 1, "session-takeover"),
        (file("read"), "CS3001I", 1001, 2, "file-read"),
        (file("write"), "CS3002I", 1001, 3, "file-write"),
        (file("rename"), "CS3002I", 1001, 5, "file-write"),
        (file("remove"), "CS3003I", 1001, 4, "file-delete"),
        (file("read", "refused"), "CS3009W", 1001, 2, "file-refused"),
    ],
)
def test_each_event_has_its_code_class_and_action(
    event: Event, code: str, class_uid: int, activity: int, action: str
) -> None:
    """OCSF's type is the class times a hundred and the activity; ECS names the outcome."""
    found = told(event)[2]
    record = json.loads(ocsf(found))
    assert (found.code, record["metadata"]["event_code"]) == (code, code)
    assert (record["class_uid"], record["type_uid"]) == (class_uid, class_uid * 100 + activity)
    other = json.loads(ecs(found))
    assert other["event"]["action"] == action
    assert (other["event"]["outcome"] == "failure") == (record["status_id"] == 2) == code.endswith("W")


def test_start_end_and_a_broken_recording() -> None:
    """The last is an alert: OCSF's Detection Finding."""
    events = list(audit_events("11" * 16, opening_events(make_session()), problem="partial"))
    first, last = json.loads(ocsf(events[0])), json.loads(ocsf(events[-1]))
    assert (first["type_uid"], last["type_uid"], last["severity_id"]) == (400701, 200401, 4)
    assert events[-1].code == "CS9001E"
    end = json.loads(ocsf(told()[-1]))
    assert (end["type_uid"], end["session"]["expiration_reason"]) == (400702, "engineer-ended")
    assert len(set(CODES.values())) == len(CODES)


def test_cef_escapes_what_could_end_a_field() -> None:
    """Bars and backslashes in the header, equals signs in the extension, no line breaks anywhere."""
    event = AuditEvent(session_id="11" * 16, number=1, name="file.read", t_ms=1, path="a=b\\c\nd|e", engineer="x y")
    line = cef(event)
    assert line.startswith("CEF:0|Consentry|Consentry|0.1|CS3001I|file.read|3|")
    assert "fname=a\\=b\\\\c?d|e" in line
    assert "suser=x y" in line


@given(st.text(), st.text(), st.sampled_from(sorted(FORMATS)), st.integers(0, 2**60))
def test_whatever_a_name_holds_it_is_one_printable_line(path: str, name: str, format_name: str, t_ms: int) -> None:
    """Hostile file names cannot forge a second event."""
    event = AuditEvent(session_id="11" * 16, number=1, name="file.write", t_ms=t_ms, path=path, engineer=name)
    line = FORMATS[format_name](event)  # type: ignore[index]  # sampled from its keys
    assert line.isprintable()
    if format_name != "cef":
        assert path in (json.loads(line)["file"]["path"] if path else "")


def test_syslog_frames_count_their_bytes() -> None:
    """RFC 5424 behind RFC 6587's length, in bytes and not in characters; facility 13, warning."""
    frame = syslog_frame("票", "CS1200W", "vault", 1_790_000_000_123)
    length, _, message = frame.partition(b" ")
    assert int(length) == len(message)
    assert message.decode() == "<108>1 2026-09-21T14:13:20.123Z vault consentry - CS1200W - 票"


DELIVERY = Delivery("d" * 32, ["one", "two"], ["CS2000I", "CS1200W"])


def test_syslog_over_tcp_arrives_whole() -> None:
    """Until the receiver has read everything and hung up; nobody there is a sentence."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def receive() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(4096):
                    got.append(data)

        thread = threading.Thread(target=receive)
        thread.start()
        port = server.getsockname()[1]
        SyslogOutlet("127.0.0.1", port, None, host_name="vault", now_ms=lambda: 0).deliver(DELIVERY)
        thread.join(10)
    assert re.findall(rb" - (\w+) - (one|two)", b"".join(got)) == [(b"CS2000I", b"one"), (b"CS1200W", b"two")]
    with pytest.raises(NotDelivered, match="sent again"):
        SyslogOutlet("127.0.0.1", port, None, host_name="vault", now_ms=lambda: 0).deliver(DELIVERY)


@contextmanager
def receiver(statuses: Sequence[int]) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A webhook that answers with these statuses, one after the other, and remembers what it got."""
    waiting, got = list(statuses), []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(waiting.pop(0) if waiting else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook?x=1", got
        finally:
            server.shutdown()
            thread.join(10)


def webhook(url: str, slept: list[float]) -> WebhookOutlet:
    return WebhookOutlet(url, SECRET, tls=None, now_ms=lambda: 1_790_000_000_000, sleep=slept.append)


def test_a_webhook_is_signed_and_tried_again_under_the_same_id() -> None:
    """Waits grow twofold; each attempt is the same delivery."""
    slept: list[float] = []
    with receiver([503, 429]) as (url, got):
        webhook(url, slept).deliver(DELIVERY)
    assert slept == [1.0, 2.0]
    assert [(headers[DELIVERY_HEADER], body) for headers, body in got] == [("d" * 32, b"one\ntwo\n")] * 3
    headers, body = got[-1]
    assert headers[SIGNATURE_HEADER] == sign(SECRET, headers[TIME_HEADER], "d" * 32, body)
    assert headers[SIGNATURE_HEADER] != sign(b"x" * 16, headers[TIME_HEADER], "d" * 32, body)


def test_a_webhook_gives_up_with_a_sentence() -> None:
    """At once where the receiver will say the same again, else after six attempts."""
    for statuses, attempts in (([401], 1), ([500] * 9, 6)):
        slept: list[float] = []
        with receiver(statuses) as (url, got), pytest.raises(NotDelivered, match="sent again"):
            webhook(url, slept).deliver(DELIVERY)
        assert len(got) == attempts
        assert slept == [2.0**n for n in range(attempts - 1)]


@pytest.mark.parametrize(
    "target",
    ["ftp://h/x", "http://example.org/x", "https://u@h/x", "https:///x", "syslog+tcp://h:99999", "https://h/x"],
)
def test_a_target_that_cannot_be_used_gets_a_sentence(target: str) -> None:
    """Also a webhook without a secret, and one over plain HTTP to another machine."""
    with pytest.raises(OutletUnusable):
        open_outlet(target, secret=b"", host_name="vault", now_ms=lambda: 0, sleep=lambda _: None)


class Memory:
    """An outlet that loses a delivery, or does it and reports it lost, when told to."""

    def __init__(self) -> None:
        self.got: list[Delivery] = []
        self.fault = ""

    def deliver(self, delivery: Delivery) -> None:
        fault, self.fault = self.fault, ""
        if fault != "lost":
            self.got.append(delivery)
        if fault:
            raise NotDelivered(target="test", problem=fault)

    @property
    def uids(self) -> list[str]:
        return [json.loads(line)["metadata"]["uid"] for delivery in self.got for line in delivery.lines]


@pytest.fixture
def recording(tmp_path: Path) -> SealedRecording:
    made = make_recording(keys=[make_key()])
    made.write(tmp_path / "records")
    return made


Ship = Callable[[], Any]


def shipping_to(memory: Memory, tmp_path: Path, recording: SealedRecording) -> Ship:
    """A run of its own each time, as after a crash."""

    def ship() -> Any:
        shipper = Shipper(tmp_path / "cursor.json", memory, "ocsf")
        return shipper.ship(tmp_path / "records", recording.keys, LATER_MS)

    return ship


def test_what_was_sent_is_not_sent_again(tmp_path: Path, recording: SealedRecording) -> None:
    """A second run has nothing to do; another session later has its own."""
    memory = Memory()
    ship = shipping_to(memory, tmp_path, recording)
    assert ship().events == len(memory.uids) == 4
    assert ship().events == 0
    make_recording(keys=recording.keys, session_id=b"\x22" * 16).write(tmp_path / "records")
    assert ship().events == 4
    assert len(set(memory.uids)) == 8


@pytest.mark.parametrize("fault", ["lost", "done but reported lost"])
def test_every_event_arrives_at_least_once_and_keeps_its_ids(
    tmp_path: Path, recording: SealedRecording, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """After a fault at any delivery the same lines come again under the same delivery id."""
    monkeypatch.setattr(shipping, "BATCH_EVENTS", 2)
    memory = Memory()
    ship = shipping_to(memory, tmp_path, recording)
    for _ in range(4):
        memory.fault = fault
        try:
            ship()
        except NotDelivered:
            monkeypatch.setattr(shipping, "BATCH_EVENTS", 3)  # another version, other batches: a pending one stays
            ship()
    by_id = {delivery.delivery_id: tuple(delivery.lines) for delivery in memory.got}
    assert all(by_id[delivery.delivery_id] == tuple(delivery.lines) for delivery in memory.got)
    assert list(dict.fromkeys(memory.uids)) == [f"{'11' * 16}:{number}" for number in range(4)]


def test_a_recording_that_is_not_whole_is_an_alert(tmp_path: Path, recording: SealedRecording) -> None:
    """Once, after everything that could be proved."""
    recording.write(tmp_path / "records", data=b"".join(recording.records[:-2]))
    memory = Memory()
    ship = shipping_to(memory, tmp_path, recording)
    ship()
    ship()
    codes = [code for delivery in memory.got for code in delivery.codes]
    assert codes.count("CS9001E") == 1
    assert codes[-1] == "CS9001E"


def test_no_contents_leave(tmp_path: Path) -> None:
    """What was on the terminal is nowhere in any format."""
    made = make_recording([b"$ ", b"the-secret-words\r\n"], keys=[make_key()])
    made.write(tmp_path / "records")
    for format_name in FORMATS:
        memory = Memory()
        Shipper(tmp_path / f"{format_name}.json", memory, format_name).ship(tmp_path / "records", made.keys, LATER_MS)
        assert "the-secret-words" not in "".join(line for delivery in memory.got for line in delivery.lines)


def test_a_broken_cursor_is_a_sentence(tmp_path: Path) -> None:
    """Never a silent start from the beginning."""
    (tmp_path / "cursor.json").write_text("{")
    with pytest.raises(CursorBroken, match="Restore it"):
        Shipper(tmp_path / "cursor.json", Memory(), "ocsf")


def test_a_delivery_id_is_of_its_events() -> None:
    """And of nothing else."""
    assert shipping.delivery_id("a", 0, 2) == hashlib.sha256(b"a:0:2").hexdigest()[:32]


@pytest.mark.parametrize("kind", [*KINDS, "something_of_a_later_version"])
def test_each_decision_has_its_code_and_words_in_every_format(kind: str) -> None:
    """Who did what to whom, from where; one line, whatever a reason holds; the event's own id is the same in all."""
    event = DecisionEvent(
        source="broker", source_key="7@1", kind=kind, t_ms=1, actor="ana", subject="mei", address="192.0.2.1",
        session_id="11" * 16, facts={"reason": "a=b\n|c"},
    )  # fmt: skip
    record, other = (json.loads(DECISION_FORMATS[name](event)) for name in ("ocsf", "ecs"))
    line = DECISION_FORMATS["cef"](event)
    assert (record["metadata"]["event_code"], record["metadata"]["uid"]) == (event.code, "broker:7@1")
    assert record["type_uid"] == record["class_uid"] * 100 + record["activity_id"]
    assert (record["status_id"] == 2) == (other["event"]["outcome"] == "failure") == event.about.failed
    assert (other["event"]["code"], other["event"]["action"], other["event"]["id"]) == (event.code, kind, "broker:7@1")
    assert (record["actor"]["user"]["name"], other["user"]["name"]) == ("ana", "ana")
    assert line.startswith(f"CEF:0|Consentry|Consentry|0.1|{event.code}|{kind}|")
    assert "reason=reason: a\\=b?|c" in line
    assert line.isprintable()


def test_every_decision_about_people_has_a_code_of_its_own() -> None:
    """A kind that is added to the servers' list is added here, too."""
    assert set(get_args(EventKind)) <= set(KINDS)


def test_codes_of_decisions_name_one_kind_each() -> None:
    """And none that a recording's event has, but for the alarm that both can raise."""
    codes = [kind.code for kind in KINDS.values()]
    assert len(codes) == len(set(codes))
    assert set(codes) & set(CODES.values()) == {"CS9001E"}


def test_a_line_that_was_torn_is_ended_and_a_full_disk_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power went in the middle of a line: it does not become part of the next one. A disk that takes half of a
    delivery keeps nothing of it, so that the next attempt does not follow on half a line."""
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"whole":1}\n{"tor')
    outlet = FileOutlet(path)
    outlet.deliver(Delivery("1", ["second"], ["CS2000I"]))
    assert path.read_bytes() == b'{"whole":1}\n{"tor\nsecond\n'

    def half(file: io.FileIO, data: bytes, size_bytes: int) -> None:
        append(HalfFull(file), data, size_bytes)  # type: ignore[arg-type]  # what is asked of a file here

    append = outlets._append
    monkeypatch.setattr(outlets, "_append", half)
    with pytest.raises(NotDelivered, match="No space left"):
        outlet.deliver(Delivery("2", ["third"], ["CS2000I"]))
    assert path.read_bytes() == b'{"whole":1}\n{"tor\nsecond\n'


class HalfFull:
    """A file on a disk that takes three bytes more."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._left = 3

    def write(self, data: memoryview) -> int:
        if not self._left:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._file.write(data[: self._left])
        self._left -= written
        return written

    def truncate(self, size_bytes: int) -> int:
        return self._file.truncate(size_bytes)
