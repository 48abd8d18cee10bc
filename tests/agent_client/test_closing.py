"""The last minute: what was recorded is sealed off, certified to the customer, and rated once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent_client import closing
from agent_client.broker_link import BrokerLink
from agent_client.closing import ClosedSession, close_session
from agent_client.completing import replace_receipt
from agent_client.faces.face import Rating
from agent_client.faces.notices import Failed, ReceiptWritten, SessionSummary
from agent_client.host import unix_ms
from agent_client.live import LiveSession, SessionIdentity, open_live_session
from agent_client.log_watch import LogWatch, Proved
from agent_client.participant import Participant
from agent_client.recorder.recorded_session import RecorderCallbacks
from agent_client.recorder.redaction import RedactionRules
from protocol.certificates import read_certificate
from protocol.events import FileOperation
from protocol.grants import GrantMachine, Scope
from protocol.messages.agent import RateSession, SessionEnded
from protocol.ratings import verify_rating
from protocol.receipts import Receipt, ReceiptEntry, ReceiptError, open_receipt
from tests.agent_client.conftest import Support
from tests.agent_client.people import CA_KEY, CustomerAtTest, EngineerAtTest, a_profile, proved_at_once
from wording import Wording


@dataclass
class Ending:
    """A live session that nothing runs in any more."""

    identity: SessionIdentity
    link: BrokerLink
    live: LiveSession
    face: CustomerAtTest
    participant: Participant
    receipts: Path
    rating_kept: asyncio.Event

    async def close(self, log_watch: LogWatch | None = None) -> ClosedSession:
        return await close_session(
            "customer-ended",
            self.identity,
            self.live,
            [self.participant],
            face=self.face,
            wording=Wording("en"),
            link=self.link,
            rating_kept=self.rating_kept,
            receipts=self.receipts,
            log_watch=log_watch or proved_at_once(),
        )

    @property
    def said(self) -> list[object]:
        """What the broker is told, in order."""
        return list(self.link._outbox)


@pytest.fixture
async def ending(support: Support, tmp_path: Path) -> AsyncIterator[Ending]:
    engineer = EngineerAtTest(issued_at_ms=unix_ms())
    certificate = read_certificate(engineer.certificate, CA_KEY.public_key().public_bytes_raw(), unix_ms())
    machine = GrantMachine(1, max_scopes=certificate.max_scopes, max_minutes=60)
    participant = Participant(1, certificate, engineer.request(), machine, (tmp_path,))
    participant.ask(engineer.request())
    machine.allow({Scope.FILES_READ}, 30, unix_ms())
    participant.admit()
    link, identity, _ = await support.open()
    face = CustomerAtTest()
    live = await open_live_session(
        identity,
        participant,
        state=tmp_path / "state",
        face=face,
        wording=Wording("en"),
        rules=RedactionRules.load(),
        clock_offset_ms=0,
        callbacks=RecorderCallbacks(),
        log_watch=proved_at_once(),
    )
    yield Ending(identity, link, live, face, participant, tmp_path / "state" / "receipts", asyncio.Event())
    await live.kill()
    await live.recorder.aclose()
    await link.close()


async def test_the_receipt_proves_what_was_recorded(ending: Ending) -> None:
    """Signed by the session key: who, why, what was allowed, which files, and the head of the chain."""
    ending.live.recording.record(
        FileOperation(1, 1, 1, "read", "/home/mei/receipts.log", "", "ok", 5, b"\x05" * 32, ((0, 5),))
    )
    closed = await ending.close()
    assert closed.receipt is not None
    receipt = open_receipt(closed.receipt.read_text())
    assert (receipt.session_id, receipt.agent_key) == (ending.identity.opened.session_id, ending.identity.agent_key)
    assert [(one.name, one.staff_number) for one in receipt.engineers] == [("Wei Example", "E-7")]
    assert receipt.scopes == (Scope.FILES_READ,)
    assert [(one.path, one.action, one.byte_count) for one in receipt.files] == [("/home/mei/receipts.log", "read", 5)]
    assert len(receipt.chain_hash) == 32
    assert ending.said[0] == SessionEnded(reason="customer-ended", records=receipt.record_count)
    with pytest.raises(ReceiptError):
        open_receipt(closed.receipt.read_text().replace("receipts.log", "receipts.doc"))


async def test_the_customer_reads_a_summary_and_where_the_receipt_is(ending: Ending) -> None:
    """In this order, before they are asked how it was; the folder is theirs alone."""
    closed = await ending.close()
    summary, written = ending.face.notices[-2:]
    assert isinstance(summary, SessionSummary)
    assert (summary.engineers, summary.reason, summary.delivered) == (("Wei Example",), "customer-ended", True)
    assert written == ReceiptWritten(str(closed.receipt))
    assert ending.receipts.stat().st_mode & 0o777 == 0o700


async def test_a_scope_that_was_taken_back_is_in_the_receipt(ending: Ending) -> None:
    """What an engineer could do at any time is what the customer's paper has to say."""
    ending.participant.machine.revoke(unix_ms())
    ending.participant.changed()
    closed = await ending.close()
    assert closed.receipt is not None
    assert open_receipt(closed.receipt.read_text()).scopes == (Scope.FILES_READ,)


async def test_a_disk_that_takes_no_receipt_gets_one_clear_sentence(ending: Ending) -> None:
    """The recording is whole, the broker hears of the end, and the rating is asked all the same."""
    ending.receipts.write_text("a file stands where the folder should be")
    ending.face.rating = Rating(5, True, "")
    ending.rating_kept.set()
    closed = await ending.close()
    assert closed.receipt is None
    assert "could not be written" in ending.face.of(Failed)[0].sentence
    assert ending.face.of(SessionSummary)[0].delivered
    assert [type(message) for message in ending.said] == [SessionEnded, RateSession]


async def test_a_rating_is_signed_by_the_session(ending: Ending) -> None:
    """Nobody else could have given it."""
    ending.face.rating = Rating(2, False, "it still jams")
    ending.rating_kept.set()
    await ending.close()
    rating = ending.said[-1]
    assert isinstance(rating, RateSession)
    assert (rating.stars, rating.solved, rating.comment) == (2, False, "it still jams")
    verify_rating(ending.identity.agent_key, ending.identity.opened.session_id, rating)


async def test_who_does_not_rate_says_nothing(ending: Ending) -> None:
    """It is asked once, and not again."""
    await ending.close()
    assert [type(message) for message in ending.said] == [SessionEnded]


async def test_a_rating_that_nobody_confirms_keeps_nobody_waiting(
    ending: Ending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The customer gets their prompt back whether the broker answers or not."""
    monkeypatch.setattr(closing, "RATING_CONFIRMED_WITHIN_SECONDS", 0.01)
    ending.face.rating = Rating(5, True, "")
    assert (await ending.close()).receipt is not None


class _ProvedLater(LogWatch):
    """The network is away at the end, and comes back while the customer looks at their receipt."""

    def __init__(self, back: asyncio.Event) -> None:
        super().__init__(a_profile(), Path("nowhere"), bytes(16), lambda _: None)
        self._back = back
        self.asked = 0

    async def prove_close(self, *, record_count: int, chain_hash: bytes, within_seconds: float = 0) -> Proved | None:
        self.asked += 1
        if self.asked == 1:
            return None
        await self._back.wait()
        return Proved(b"leaf", "proof")


@pytest.mark.parametrize("comes_back", [True, False])
async def test_a_receipt_is_completed_while_the_customer_is_still_there(
    ending: Ending, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    """It is written at once, without the end; with it as soon as the log answers. Nobody waits for that."""
    back, there = asyncio.Event(), asyncio.Event()
    watch = _ProvedLater(back)

    def replaced(path: Path, receipt: Receipt) -> None:
        replace_receipt(path, receipt)
        loop.call_soon_threadsafe(there.set)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(closing, "replace_receipt", replaced)

    async def rate() -> None:
        assert open_receipt((await asyncio.to_thread(_only, ending.receipts)).read_text()).evidence is not None
        if comes_back:
            back.set()
            await there.wait()

    monkeypatch.setattr(ending.face, "rate", rate)
    closed = await ending.close(watch)
    assert closed.receipt is not None
    evidence = open_receipt(closed.receipt.read_text()).evidence
    assert evidence is not None
    assert evidence.closed == (ReceiptEntry(b"leaf", "proof") if comes_back else None)
    assert watch.asked == 2


def _only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path
