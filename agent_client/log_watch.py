"""The agent's side of the organisation's log: no session without a proof that it was entered.

Asks the broker for the proof of an entry, again after every cut, and believes nothing that does not hold: not what is
in the entry, not the log's signature without its witnesses', and no log that is not the one that was seen here before.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from protocol.checkpoint import Checkpoint
from protocol.errors import ConsentryError, UnavailableError
from protocol.log_leaves import CloseLeaf, Leaf, LeafError, OpenLeaf, decode_leaf
from protocol.messages.agent import LogEntry, ProofReady, ProofWanted
from protocol.profile import Profile
from tunnel.log_memory import LogMemory

log = structlog.get_logger(__name__)

PROOF_WITHIN_SECONDS = 15.0
"""Between the first record on the broker's disk and the log's proof; a witness that is up answers in milliseconds."""

CLOSE_PROOF_WITHIN_SECONDS = 5.0
"""At the end, when somebody is waiting to go."""


class NoLog(UnavailableError):
    """The profile names no log, so that nothing could be proved later."""

    sentence = (
        "This organisation keeps no public log of its sessions, so nothing was allowed. Ask your support organisation "
        "to bring its broker up to date."
    )


class NoProof(UnavailableError):
    """The log, or the witness that it needs, did not answer in time."""

    sentence = (
        "The organisation's log did not prove within {seconds} seconds that this session was entered, so nothing was "
        "allowed. Try again in a minute; if it stays so, tell your support organisation."
    )


@dataclass(frozen=True)
class Proved:
    """An entry and its proof, as they go into the receipt."""

    leaf: bytes
    proof: str


class LogWatch:
    """For one session. `send` hands a message to the broker and never blocks."""

    def __init__(self, profile: Profile, state: Path, session_id: bytes, send: Callable[[ProofWanted], None]) -> None:
        self._memory = LogMemory(state, profile.log.policy) if profile.log is not None else None
        self._session_id = session_id
        self._send = send
        self._waiting: dict[LogEntry, asyncio.Future[ProofReady]] = {}
        self._known: Checkpoint | None = None

    async def prove_open(self, *, manifest_commitment: bytes, agent_key: bytes) -> Proved:
        """That the session with this manifest was entered. Raises NoLog, NoProof, or why a proof was not believed."""

        def is_ours(leaf: Leaf) -> bool:
            ours = (self._session_id, manifest_commitment, agent_key)
            return isinstance(leaf, OpenLeaf) and (leaf.session_id, leaf.manifest_commitment, leaf.agent_key) == ours

        return await self._prove("open", is_ours, PROOF_WITHIN_SECONDS)

    async def prove_close(
        self, *, record_count: int, chain_hash: bytes, within_seconds: float = CLOSE_PROOF_WITHIN_SECONDS
    ) -> Proved | None:
        """That the end was entered. None if that cannot be had now: the receipt says so, nothing else hangs on it."""

        def is_ours(leaf: Leaf) -> bool:
            if not isinstance(leaf, CloseLeaf) or leaf.session_id != self._session_id:
                return False
            return leaf.next_seq < record_count or (leaf.next_seq, leaf.chain_hash) == (record_count, chain_hash)

        try:
            return await self._prove("close", is_ours, within_seconds)
        except ConsentryError as error:
            log.warning("log_close_not_proved", problem=str(error))
            return None

    def receive(self, answer: ProofReady) -> None:
        """From the broker; what was not asked for is dropped."""
        waiting = self._waiting.get(answer.entry)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def attached_again(self) -> None:
        """After a cut: whatever was asked on the old connection is asked again."""
        for entry in self._waiting:
            self._ask(entry)

    async def _prove(self, entry: LogEntry, is_ours: Callable[[Leaf], bool], within_seconds: float) -> Proved:
        memory = self._memory
        if memory is None:
            raise NoLog
        self._known = memory.known()
        self._waiting[entry] = asyncio.get_running_loop().create_future()
        self._ask(entry)
        try:
            async with asyncio.timeout(within_seconds):
                answer = await self._waiting[entry]
        except TimeoutError:
            raise NoProof(seconds=int(within_seconds)) from None
        finally:
            del self._waiting[entry]
        if not is_ours(decode_leaf(answer.leaf)):
            raise LeafError(problem="it is about something else than this session")
        memory.accept(answer, self._known)
        return Proved(answer.leaf, answer.proof)

    def _ask(self, entry: LogEntry) -> None:
        self._send(ProofWanted(entry=entry, known_size=self._known.size if self._known is not None else 0))
