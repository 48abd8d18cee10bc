"""No session without the log's proof: what the agent believes, what it remembers, and when it says stop."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from agent_client import log_watch
from agent_client.log_watch import LogWatch, NoLog, NoProof, Proved
from protocol.errors import ConsentryError
from protocol.log_leaves import CloseLeaf, HeadLeaf, LeafError, OpenLeaf, encode_leaf
from protocol.log_proof import LogForked, LogProof, LogRolledBack, WitnessMissing
from protocol.merkle import MerkleError, consistency_proof, leaf_hash, subtrees_of
from protocol.messages.agent import ProofReady, ProofWanted
from protocol.profile import ProfileLog, ProfileWitness
from tests.agent_client.people import a_profile
from tests.helpers.logs import LOG_KEY, WITNESS_KEY, proof_of
from tests.helpers.waiting import until

P = TypeVar("P")

SESSION, COMMITMENT, AGENT_KEY, CHAIN = b"s" * 16, b"m" * 32, b"a" * 32, b"c" * 32
OPEN = encode_leaf(OpenLeaf(1, SESSION, COMMITMENT, AGENT_KEY))
PROFILE_LOG = ProfileLog(LOG_KEY.vkey, (ProfileWitness(WITNESS_KEY.vkey, "https://witness.example.org"),))


@dataclass
class Broker:
    """A log of `entries`, and the agent's watch over it. What is asked is answered when the test says so."""

    state: Path
    entries: list[bytes] = field(default_factory=lambda: [b"one", b"two", OPEN])
    asked: list[ProofWanted] = field(default_factory=list)
    has_log: bool = True

    def __post_init__(self) -> None:
        profile = a_profile(log=PROFILE_LOG if self.has_log else None)
        self.watch = LogWatch(profile, self.state, SESSION, self.asked.append)

    def answer(self, place: int, *, witnessed: bool = True, consistency: tuple[bytes, ...] | None = None) -> ProofReady:
        known_size = self.asked[-1].known_size
        if consistency is None:
            subtree = subtrees_of([leaf_hash(entry) for entry in self.entries])
            is_known = 0 < known_size <= len(self.entries)
            consistency = consistency_proof(known_size, len(self.entries), subtree) if is_known else ()
        proof: LogProof = proof_of(place, self.entries, witnessed=witnessed)
        return ProofReady(self.asked[-1].entry, self.entries[place], proof.encode(), consistency)

    async def proved(self, place: int = 2, **options: bool) -> Proved:
        proving = await self.asking(self.watch.prove_open(manifest_commitment=COMMITMENT, agent_key=AGENT_KEY))
        if not proving.done():
            self.watch.receive(self.answer(place, **options))  # type: ignore[arg-type]
        return await proving

    async def asking(self, prove: Coroutine[None, None, P]) -> "asyncio.Task[P]":
        """What proves, once it has asked, or has ended without."""
        before, proving = len(self.asked), asyncio.create_task(prove)
        await until(lambda: len(self.asked) > before or proving.done())
        return proving


async def test_a_proof_that_holds_is_kept_for_the_receipt(tmp_path: Path) -> None:
    """About this session, this manifest and this key, in a log that its witness vouched for."""
    proved = await Broker(tmp_path).proved()
    assert proved.leaf == OPEN
    assert proved.proof.startswith("c2sp.org/tlog-proof@v1\nindex 2\n")


async def test_a_log_that_grew_is_the_same_log(tmp_path: Path) -> None:
    """The next session asks from where this one ended, and is content with a proof from there."""
    await Broker(tmp_path).proved()
    broker = Broker(tmp_path, [b"one", b"two", OPEN, b"three", b"four"])
    await broker.proved()
    assert broker.asked[0].known_size == 3
    await broker.proved()  # nothing was appended since
    assert broker.asked[-1].known_size == 5


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ([b"one", OPEN], LogRolledBack),
        ([b"two", b"one", OPEN, b"three"], LogForked),
        ([b"one", b"zwei", OPEN, b"three"], LogForked),
        ([b"one", b"zwei", OPEN], LogForked),
        ([b"two", OPEN, b"three"], LogForked),
    ],
    ids=["rolled back", "reordered", "altered", "forked at one size", "dropped"],
)
async def test_a_log_that_is_not_the_one_of_before_is_refused_loudly(
    tmp_path: Path, entries: list[bytes], error: type[ConsentryError]
) -> None:
    """Whoever rewrites the log has to hope that nobody comes a second time; both checkpoints stay as evidence."""
    await Broker(tmp_path).proved()
    before = {path.name: path.read_bytes() for path in (tmp_path / "logs").iterdir()}
    with pytest.raises(error, match="Do not go on"):
        await Broker(tmp_path, entries).proved(entries.index(OPEN))
    after = {path.name: path.read_bytes() for path in (tmp_path / "logs").iterdir()}
    assert before.items() <= after.items()
    assert any(f".conflict-{len(entries)}" in name for name in after)
    await Broker(tmp_path).proved()  # the log of before is still believed


async def test_a_forged_consistency_is_a_fork(tmp_path: Path) -> None:
    """No hashes, or wrong ones, prove nothing."""
    await Broker(tmp_path).proved()
    for consistency in ((), (b"x" * 32, b"y" * 32)):
        broker = Broker(tmp_path, [b"one", b"two", OPEN, b"three"])
        with pytest.raises(LogForked):
            await broker.proved(consistency=consistency)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "leaf",
    [
        OpenLeaf(1, b"t" * 16, COMMITMENT, AGENT_KEY),
        OpenLeaf(1, SESSION, b"n" * 32, AGENT_KEY),
        OpenLeaf(1, SESSION, COMMITMENT, b"b" * 32),
        HeadLeaf(1, SESSION, 3, CHAIN),
    ],
)
async def test_an_entry_about_something_else_is_no_proof(tmp_path: Path, leaf: OpenLeaf | HeadLeaf) -> None:
    """Another session, another manifest, another key, another kind: well proved, and of no use."""
    with pytest.raises(LeafError, match="something else"):
        await Broker(tmp_path, [b"one", encode_leaf(leaf)]).proved(1)


async def test_what_does_not_hold_is_refused(tmp_path: Path) -> None:
    """A log without its witness, and an entry that is not in the log."""
    with pytest.raises(WitnessMissing):
        await Broker(tmp_path).proved(witnessed=False)
    broker = Broker(tmp_path)
    proving = await broker.asking(broker.watch.prove_open(manifest_commitment=COMMITMENT, agent_key=AGENT_KEY))
    other = broker.answer(1)
    broker.watch.receive(ProofReady("open", OPEN, other.proof, ()))
    with pytest.raises(MerkleError):
        await proving
    assert not (tmp_path / "logs").exists()


async def test_no_answer_is_no_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After fifteen seconds at most; after a cut it is asked again."""
    monkeypatch.setattr(log_watch, "PROOF_WITHIN_SECONDS", 0.01)
    broker = Broker(tmp_path)
    proving = asyncio.create_task(broker.watch.prove_open(manifest_commitment=COMMITMENT, agent_key=AGENT_KEY))
    await asyncio.sleep(0)
    broker.watch.attached_again()
    assert broker.asked == [ProofWanted("open", 0)] * 2
    with pytest.raises(NoProof):
        await proving
    broker.watch.receive(broker.answer(2))  # too late: nobody waits
    broker.watch.attached_again()
    assert len(broker.asked) == 2


async def test_an_organisation_without_a_log_gets_no_session(tmp_path: Path) -> None:
    """A profile of before there was one is readable, and nothing is allowed under it."""
    with pytest.raises(NoLog):
        await Broker(tmp_path, has_log=False).proved()


@pytest.mark.parametrize(
    ("next_seq", "chain", "is_proved"),
    [(5, CHAIN, True), (4, b"x" * 32, True), (5, b"x" * 32, False), (6, CHAIN, False)],
)
async def test_the_end_is_proved_or_the_receipt_goes_without(
    tmp_path: Path, next_seq: int, chain: bytes, *, is_proved: bool
) -> None:
    """An entry with these records, or with fewer; one that contradicts them is not taken, and nobody is kept."""
    closing = encode_leaf(CloseLeaf(1, SESSION, next_seq, chain, "customer-ended"))
    broker = Broker(tmp_path, [OPEN, closing])
    proving = await broker.asking(broker.watch.prove_close(record_count=5, chain_hash=CHAIN))
    broker.watch.receive(broker.answer(1))
    assert (await proving is not None) is is_proved
