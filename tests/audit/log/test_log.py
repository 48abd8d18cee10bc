"""The log as the broker uses it: pools, proofs, witnesses that answer, stay away, or know better."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import pytest

from audit.log import cosigning
from audit.log.cosigning import WitnessUnreachable
from audit.log.errors import LogBroken, LogFailed
from audit.log.keeper import EntryKey
from audit.log.ledger import SqliteLedger
from audit.log.log import POOL_ENOUGH_ENTRIES, TransparencyLog
from audit.log.storage import FolderStorage
from protocol.checkpoint import Checkpoint, open_checkpoint
from protocol.cosignature import WitnessKey, cosign
from protocol.log_leaves import HeadLeaf, encode_leaf
from protocol.log_proof import verify_log_proof
from protocol.signed_note import split_note
from protocol.witness_messages import parse_add_checkpoint
from tests.audit.log.houses import LyingLedger, opened, pool
from tests.helpers.logs import ALONE, LOG, LOG_KEY, ORIGIN, TIME_S, WITNESS, WITNESS_KEY, WITNESSED
from tests.helpers.waiting import PATIENCE_SECONDS

SESSION = b"s" * 16


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start waits for the witnesses of this file, who answer, however long that takes here."""
    monkeypatch.setattr(cosigning, "FIRST_ANSWER_SECONDS", PATIENCE_SECONDS)


def entry_count(log: TransparencyLog) -> int:
    return open_checkpoint(log.checkpoint_note, LOG_KEY).size


def leaf(number: int) -> HeadLeaf:
    return HeadLeaf(1, SESSION, number, b"h" * 32)


class Witness:
    """Says what the test wants it to."""

    key: WitnessKey = WITNESS_KEY

    def __init__(self, answer: Callable[[int], tuple[int, bytes]] | None = None) -> None:
        self.asked: list[int] = []
        self.away = False
        self._answer = answer
        self._size = 0

    async def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        if self.away:
            raise WitnessUnreachable(name=self.key.name, problem="refused")
        request = parse_add_checkpoint(body)
        self.asked.append(request.old_size)
        if self._answer is not None:
            return self._answer(request.old_size)
        if request.old_size != self._size:
            return HTTPStatus.CONFLICT, f"{self._size}\n".encode()
        text, _ = split_note(request.checkpoint_note)
        self._size = open_checkpoint(request.checkpoint_note, LOG_KEY).size
        return HTTPStatus.OK, cosign(text, self.key.name, WITNESS, time_s=TIME_S).line


@asynccontextmanager
async def running(folder: Path, **options: object) -> AsyncIterator[TransparencyLog]:
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 (a test has nothing else to do)
    ledger = options.pop("ledger", None) or SqliteLedger(folder / "ledger.sqlite3")
    settings = {"pool_seconds": 0, **options}
    log = TransparencyLog(FolderStorage(folder / "files"), ledger, ORIGIN, LOG, **settings)  # type: ignore[arg-type]  # a log's own
    await log.start()
    try:
        yield log
    finally:
        await log.aclose()


async def test_what_comes_together_is_one_checkpoint(tmp_path: Path) -> None:
    """A hundred sessions at once wait for one signature, and each gets its own place and proof."""
    async with running(tmp_path) as log:
        places = await asyncio.gather(*(log.append(leaf(number)) for number in range(100)))
        assert places == list(range(100))
        assert entry_count(log) == 100
        proof = await log.prove(42)
        verify_log_proof(proof, encode_leaf(leaf(42)), ALONE)
        assert await log.entry(42) == encode_leaf(leaf(42))
        first, second = await asyncio.gather(*(log.append(leaf(1), EntryKey(2, SESSION)) for _ in range(2)))
        assert first == second == await log.place_of(EntryKey(2, SESSION)) == 100


async def test_many_do_not_wait_for_the_pause_between_two_checkpoints(tmp_path: Path) -> None:
    """An hour, here. Few of them do wait for more to come; when there are enough, all of them are one checkpoint."""
    async with running(tmp_path, pool_seconds=3600) as log, asyncio.timeout(PATIENCE_SECONDS):
        assert await log.append(leaf(0)) == 0
        few = [asyncio.create_task(log.append(leaf(number))) for number in range(1, POOL_ENOUGH_ENTRIES)]
        assert entry_count(log) == 1
        await asyncio.wait(few, timeout=0.05)
        assert not any(task.done() for task in few)
        assert await log.append(leaf(POOL_ENOUGH_ENTRIES)) == POOL_ENOUGH_ENTRIES
        assert [await task for task in few] == [*range(1, POOL_ENOUGH_ENTRIES)]
        assert entry_count(log) == POOL_ENOUGH_ENTRIES + 1


async def test_who_has_gone_does_not_stop_the_others(tmp_path: Path) -> None:
    """A session that ends while its entry is being written has its entry all the same."""
    async with running(tmp_path) as log:
        leaving = asyncio.create_task(log.append(leaf(0)))
        staying = asyncio.create_task(log.append(leaf(1)))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == 1


@pytest.mark.parametrize("afterwards", [False, True])
async def test_a_write_that_fails_ends_the_log(tmp_path: Path, *, afterwards: bool) -> None:
    """Nobody is told yes, the process hears of it, and nothing more is taken until the next start."""
    fatal: list[Exception] = []
    ledger = LyingLedger(tmp_path / "ledger.sqlite3", fail_at=3, afterwards=afterwards)
    async with running(tmp_path, ledger=ledger, on_fatal=fatal.append) as log:
        await log.append(leaf(0))
        with pytest.raises(LogFailed):
            await log.append(leaf(1))
        with pytest.raises(LogFailed):
            await log.append(leaf(2))
        with pytest.raises(LogFailed):
            await log.prove(0)
        assert [type(error) for error in fatal] == [sqlite3.OperationalError]
    async with running(tmp_path) as log:
        assert entry_count(log) == (2 if afterwards else 1)


async def test_a_broken_log_does_not_start(tmp_path: Path) -> None:
    """It says why, and lets go of its folder."""
    with opened(tmp_path) as keeper:
        keeper.append(pool(0, 3))
    (tmp_path / "files" / "checkpoint").unlink()
    for _ in range(2):
        with pytest.raises(LogBroken, match="rolled back"):
            async with running(tmp_path):
                pass


async def test_a_proof_waits_for_the_witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one is needed, nothing is proved without its word; when it is back, everything is."""
    monkeypatch.setattr(cosigning, "RETRY_SECONDS", (0.01, 0.01))
    witness = Witness()
    async with running(tmp_path, witnesses=(witness,), witnesses_needed=1) as log:
        place = await log.append(leaf(0))
        verify_log_proof(await log.prove(place), encode_leaf(leaf(0)), WITNESSED)
        witness.away = True
        place = await log.append(leaf(1))
        proving = asyncio.create_task(log.prove(place))
        done, _ = await asyncio.wait({proving}, timeout=0.05)
        assert not done
        witness.away = False
        async with asyncio.timeout(PATIENCE_SECONDS):
            verify_log_proof(await proving, encode_leaf(leaf(1)), WITNESSED)
        assert open_checkpoint(log.checkpoint_note, LOG_KEY).size == 2


async def test_without_need_of_a_witness_proofs_do_not_wait(tmp_path: Path) -> None:
    """Its word is added where it came in time."""
    witness = Witness()
    witness.away = True
    async with running(tmp_path, witnesses=(witness,)) as log:
        verify_log_proof(await log.prove(await log.append(leaf(0))), encode_leaf(leaf(0)), ALONE)


async def test_a_witness_that_remembers_is_asked_from_there(tmp_path: Path) -> None:
    """After a restart the log does not know what the witness knows: it is told once, and proves from there on."""
    witness = Witness()
    async with running(tmp_path, witnesses=(witness,), witnesses_needed=1) as log:
        await log.prove(await log.append(leaf(0)))
    witness.asked.clear()
    async with running(tmp_path, witnesses=(witness,), witnesses_needed=1) as log:
        await log.prove(await log.append(leaf(1)))
    assert witness.asked == [0, 1, 1]


async def test_a_log_behind_its_witness_does_not_start(tmp_path: Path) -> None:
    """Files and ledger were rolled back together: only somebody outside can know."""
    witness = Witness(lambda _: (HTTPStatus.CONFLICT, b"7\n"))
    with pytest.raises(LogBroken, match=r"has seen 7 entries, and here are 0: it was rolled back"):
        async with running(tmp_path, witnesses=(witness,)):
            pass


async def test_a_log_that_its_witness_calls_forked_stops(tmp_path: Path) -> None:
    """At the start it is refused; while it runs, the process hears of it."""
    forked = [False]
    honest = Witness()

    def answer(_: int) -> tuple[int, bytes]:
        return HTTPStatus.UNPROCESSABLE_ENTITY, b""

    class Turning(Witness):
        async def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
            return answer(0) if forked[0] else await honest.add_checkpoint(body)

    fatal: list[Exception] = []
    async with running(tmp_path, witnesses=(Turning(),), on_fatal=fatal.append) as log:
        await log.append(leaf(0))
        forked[0] = True
        with suppress(LogFailed):  # perhaps it has been asked about the first one only now
            await log.append(leaf(1))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not fatal:
                await asyncio.sleep(0.005)
        assert isinstance(fatal[0], LogBroken)
        with pytest.raises(LogFailed):
            await log.append(leaf(2))
    with pytest.raises(LogBroken, match="forked"):
        async with running(tmp_path, witnesses=(Turning(),)):
            pass


@pytest.mark.parametrize(
    "answer",
    [
        (HTTPStatus.OK, b""),
        (HTTPStatus.OK, "— witness.example.org AAAA\n".encode()),
        (HTTPStatus.OK, cosign(Checkpoint(ORIGIN, 1, b"x" * 32).text, WITNESS_KEY.name, WITNESS, time_s=1).line),
        (HTTPStatus.CONFLICT, b"many\n"),
        (HTTPStatus.CONFLICT, b"0\n"),
        (HTTPStatus.NOT_FOUND, b""),
        (HTTPStatus.INTERNAL_SERVER_ERROR, b"\xff"),
    ],
)
async def test_a_witness_that_talks_nonsense_is_one_that_is_away(tmp_path: Path, answer: tuple[int, bytes]) -> None:
    """Nothing of it is believed, and the log goes on without."""
    async with running(tmp_path, witnesses=(Witness(lambda _: answer),)) as log:
        await log.prove(await log.append(leaf(0)))
        assert log.checkpoint_note.count("— ".encode()) == 1
