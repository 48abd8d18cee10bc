"""The append path of a real broker from its start to a closed session, with one system call that fails.

A prepared data folder holds one open session. The broker starts on a copy of it, under strace; an agent delivers the
records, rates and ends. Whatever goes wrong, the agent comes back, as agents do; a broker that has stopped is started
again. At the end everything must be there, and at every moment everything that was acknowledged.
"""

import contextlib
import shutil
import socket
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.sync.client import ClientConnection

from audit.log.keeper import LogKeeper
from audit.log.ledger import SqliteLedger
from audit.log.storage import FolderStorage
from audit.session_files import (
    CLOSING_FILE,
    OPENING_FILE,
    RATING_FILE,
    RECORDS_FILE,
    session_folder,
)
from audit.vault.library import Recording
from audit.vault.verify import verify_recording
from broker.config import load_settings
from broker.organisation.organisation import load_organisation
from broker.server import EXIT_DISK_FAILED
from consentry.failures import FAILED
from protocol.certificates import EngineerCa
from protocol.events import ROOM_CHANNEL, TerminalOutput
from protocol.log_leaves import CloseLeaf, KeyLeaf, OpenLeaf, decode_leaf
from protocol.messages.agent import AttachSession, BrokerToAgent, RatingKept, SessionAttached, SessionEnded
from protocol.messages.recorder import BrokerToRecorder, RecordsAcked, UploadReady, UploadRecords
from protocol.messages.wire import encode
from protocol.ratings import sign_rating
from tests.faults.forked import Forked, StillRuns
from tests.faults.strace import Fault, Tracer
from tests.faults.talk import ANSWER_WITHIN_SECONDS, Organisation, Unanswered, ask, dial, guarded, receive
from tests.helpers.deployment import plain_environment
from tests.helpers.ports import free_port
from tests.helpers.recordings import (
    START_MS,
    SealedRecording,
    closing_events,
    make_session,
    opening_events,
    seal_session,
)
from tests.helpers.waiting import wait_until

TRIES = 5
"""How often the agent comes back to one broker process. One fault spoils one try."""


class BrokerStory:
    """An organisation whose broker knows one open session, and a recording that belongs to it."""

    def __init__(self, folder: Path, organisation: Organisation, *, torn: bool = False, log: bool = False) -> None:
        """With `torn`, the records folder is what a crash in the middle of an append leaves. With `log`, it is the
        transparency log's calls that fail, not the recording's."""
        self.name = "broker, torn recording" if torn else "broker, its log" if log else "broker"
        self._log_fails = log
        self._folder = folder
        self._torn = torn
        self.tls = organisation.tls
        self._data = organisation.data_at_rest
        self.opened = organisation.opened
        self.recording = _recording_of(self.opened.session_id, organisation.key)
        folder.mkdir(parents=True)

    def count_calls(self) -> Counter[str]:
        """The system calls of a run in which nothing goes wrong."""
        with self._laid_out("counting") as data:
            tracer = Tracer(data.with_name("strace.log"), self._watched(data))
            agent = _Agent(self, data)
            with _serving(data, tracer) as broker:
                assert broker.listens(), "the broker does not start under strace"
                agent.deliver(broker.port)
                assert broker.stop() == 0
            agent.check_all_is_there()
            agent.check_log_is_whole()
            return tracer.counted()

    def play(self, fault: Fault) -> bool:
        """One run with one fault. Whether there was such a call; AssertionError for a promise that was broken."""
        with self._laid_out(str(fault).replace(" ", "-")) as data:
            tracer = Tracer(data.with_name("strace.log"), self._watched(data), fault)
            agent = _Agent(self, data)
            with _serving(data, tracer) as broker:
                started = broker.listens()
                delivered = started and agent.keep_trying(broker)
                status = broker.stop() if delivered else broker.ended()
            if fault.name in ("EINTR", "short"):
                assert delivered, "the broker did not go on after what every program has to expect"
                assert agent.tries == 1, "somebody noticed"
            # A disk that is full at the start is no disk that failed, and no start either.
            full_at_start = fault.name == "ENOSPC" and not started
            expected = {0 if delivered else FAILED if full_at_start else EXIT_DISK_FAILED}
            if fault.name == "ENOSPC" and not delivered:
                expected.add(FAILED)  # its port is taken before the disk is looked at, so it may seem to have started
            if self._log_fails and delivered:
                expected.add(EXIT_DISK_FAILED)  # a session's end is entered behind the last answer to its agent
            assert status in expected, status
            agent.check_acked()
            with _serving(data, None) as broker:
                assert broker.listens(), "the broker does not start again"
                agent.deliver(broker.port)
                assert broker.stop() == 0
            agent.check_all_is_there()
            agent.check_log_is_whole()
            return tracer.hit

    @contextlib.contextmanager
    def _laid_out(self, name: str) -> Iterator[Path]:
        """A copy of the data folder for one run. What failed stays there to be looked at."""
        run = self._folder / name
        data = run / "data"
        shutil.copytree(self._data, data)
        if self._torn:
            whole, half = self.recording.records[:2], self.recording.records[2]
            torn = b"".join(whole) + half[: len(half) // 2]
            self.recording.write(data / "records", data=torn, closed=False, rated=False)
        yield data
        shutil.rmtree(run)

    def _watched(self, data: Path) -> list[Path]:
        """Every path that the append path touches. What is staged has a name that nobody knows beforehand: that it
        fails is for tests/audit/log/test_crashes.py."""
        if self._log_fails:
            log = data / "log"
            files = [log / "checkpoint"]
            for kind in ("0", "entries"):
                files += [log / "tile" / kind / "000.p" / str(width) for width in range(1, 5)]
            folders = {parent for file in files for parent in file.parents if parent.is_relative_to(log)}
            return [log / "staging", *sorted(folders), *files, *(file.with_name(f"{file.name}.new") for file in files)]
        session = session_folder(data / "records", self.opened.session_id)
        tail = f"tail-{sum(map(len, self.recording.records[:2]))}.csr"
        small = (OPENING_FILE, RATING_FILE, CLOSING_FILE, tail)
        files = (RECORDS_FILE, *small, *(f"{name}.new" for name in small))
        return [data / "records", session, *(session / name for name in files)]


def _recording_of(session_id: bytes, key: Ed25519PrivateKey) -> SealedRecording:
    session = make_session(session_id=session_id)
    session.signing_key = key
    session.manifest = msgspec.structs.replace(session.manifest, agent_key=key.public_key().public_bytes_raw())
    room = b"$ whoami\r\nshop\r\n"
    output = [TerminalOutput(5000, ROOM_CHANNEL, room)]
    return seal_session(session, [opening_events(session), output, closing_events(session, room, 9000)])


class TracedBroker:
    """`consentry serve` on a data folder, under strace if there is a tracer."""

    def __init__(self, data: Path, tracer: Tracer | None) -> None:
        self.port = free_port()
        self._process = Forked(
            "consentry.__main__",
            ["serve", "--data", str(data), "--host", "127.0.0.1", "--port", str(self.port)],
            environment=plain_environment(CONSENTRY_MIN_FREE_DISK_PERCENT="0", CONSENTRY_MIN_FREE_DISK_GIB="0"),
            stdout=data.with_suffix(".log"),
            stderr=data.with_suffix(".log"),
            tracer=tracer,
        )

    def listens(self) -> bool:
        """Waits until it does; false if it ended instead."""
        wait_until(lambda: not self._process.runs or self._answers(), "the broker listens or ends")
        return self._process.runs

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def goes_on(self) -> bool:
        """A broker whose disk failed takes a moment to end; one that refused goes on."""
        with contextlib.suppress(StillRuns):
            self._process.ended_within(1.0)
        return self._process.runs

    def ended(self) -> int:
        """Its exit status, once it has come to its end by itself."""
        return self._process.ended_within(ANSWER_WITHIN_SECONDS)

    def stop(self) -> int:
        self._process.terminate()
        return self.ended()

    def close(self) -> None:
        self._process.close()


@contextlib.contextmanager
def _serving(data: Path, tracer: Tracer | None) -> Iterator[TracedBroker]:
    broker = TracedBroker(data, tracer)
    try:
        yield broker
    finally:
        broker.close()


class _Agent:
    """Delivers, rates and ends; remembers what it was told is safe."""

    def __init__(self, story: BrokerStory, data: Path) -> None:
        self._story = story
        self._recording = story.recording
        self._data = data
        self._folder = session_folder(data / "records", story.opened.session_id)
        self._acked = 0
        self._rated = False
        self.tries = 0

    def keep_trying(self, broker: TracedBroker) -> bool:
        """False if the broker ended before everything was delivered."""
        for _ in range(TRIES):
            try:
                self.deliver(broker.port)
            except Unanswered:
                self.check_acked()
                if not broker.goes_on():
                    return False
            else:
                return True
        raise AssertionError(f"the broker lives and takes no records: {self._folder}")

    def deliver(self, port: int) -> None:
        """Raises Unanswered."""
        self.tries += 1
        opened = self._story.opened
        with dial(self._story.tls, port, "/v1/records") as upload:
            hello = UploadRecords(
                version=1,
                session_id=opened.session_id,
                session_token=opened.session_token,
                manifest_commitment=self._recording.commitment,
            )
            ready = ask(upload, hello, UploadReady, BrokerToRecorder)
            assert ready.next_seq >= self._acked, "the broker forgot what it had acknowledged"
            self._acked = ready.next_seq
            for upto in sorted({min(self._acked + 1, len(self._recording.records)), len(self._recording.records)}):
                self._send_up_to(upload, upto)
        with dial(self._story.tls, port, "/v1/agent") as agent:
            attach = AttachSession(version=1, session_id=opened.session_id, session_token=opened.session_token)
            ask(agent, attach, SessionAttached, BrokerToAgent)
            rating = sign_rating(
                self._recording.signing_key, opened.session_id, stars=5, solved=True, comment="", rated_at_ms=START_MS
            )
            agent.send(encode(SessionEnded(reason="engineer-ended", records=len(self._recording.records))))
            ask(agent, rating, RatingKept, BrokerToAgent)
            self._rated = True

    def _send_up_to(self, upload: ClientConnection, upto: int) -> None:
        for record in self._recording.records[self._acked : upto]:
            guarded(partial(upload.send, record))
        while self._acked < upto:
            self._acked = receive(upload, RecordsAcked, BrokerToRecorder).next_seq

    def check_acked(self) -> None:
        """What the agent was told is on the disk, now, whatever state the broker is in."""
        path = self._folder / RECORDS_FILE
        data = path.read_bytes() if path.exists() else b""
        assert data.startswith(b"".join(self._recording.records[: self._acked])), "an acknowledged record is gone"
        assert not self._rated or (self._folder / RATING_FILE).exists(), "a rating that was kept is gone"

    def check_log_is_whole(self) -> None:
        """It starts, and has the session's two entries, once each."""
        organisation = load_organisation(load_settings(data_folder=self._data))
        assert organisation.log_key is not None
        assert organisation.profile.log is not None
        keeper = LogKeeper(
            FolderStorage(self._data / "log"),
            SqliteLedger(self._data / "log.sqlite3"),
            organisation.profile.log.policy.log_key.name,
            organisation.log_key,
        )
        try:
            keeper.start()
            kinds = [type(decode_leaf(keeper.entry(place))) for place in range(keeper.size)]
        finally:
            keeper.close()
        assert [kinds.count(kind) for kind in (KeyLeaf, OpenLeaf, CloseLeaf)] == [1, 1, 1], kinds

    def check_all_is_there(self) -> None:
        assert (self._folder / RECORDS_FILE).read_bytes() == self._recording.data
        assert not list(self._folder.glob("*.new")), "something was left half done"
        recording = Recording.read(self._folder)
        assert recording.closing is not None, "the recording was never closed"
        assert recording.rating is not None, "the rating is gone"
        report = verify_recording(
            recording, self._recording.keys, cas=[EngineerCa(self._recording.ca_public_key)], now_ms=START_MS
        )
        assert report.intact, [check for check in report.checks if check.outcome != "ok"]
