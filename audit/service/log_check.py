"""Asks the broker's log about each session that was pulled, and keeps the answers beside the recording.

What the log proves is judged again from those answers at every look (audit/vault/log_evidence.py). What only the moment
can tell is judged here: that the log which answers continues the one that was seen before, and that enough witnesses
vouch for it (tunnel/log_memory.py). A log that was caught is evidence of its own, and is kept.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

import msgspec
import structlog

from audit.durability import Durability
from audit.service.broker_feed import BrokerFeed
from audit.session_files import LOG_FILE, SessionLogEvidence, read_small_file, session_folder
from audit.vault.badge import Badge, badge_of
from audit.vault.library import Recording
from audit.vault.log_evidence import LogBadge
from protocol.errors import ConsentryError
from protocol.log_proof import LogForked, LogPolicy, LogRolledBack
from protocol.messages.agent import LogEntry
from protocol.receipts import ReceiptEntry
from tunnel.log_memory import LogMemory

log = structlog.get_logger(__name__)


class LogCheck:
    """For one event loop; one answer of the log at a time, for each has to continue the one before."""

    def __init__(self, feed: BrokerFeed, data_folder: Path) -> None:
        self._feed = feed
        self._data_folder = data_folder
        self._durability = Durability()
        self._asking = asyncio.Lock()
        self._collecting: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    @property
    def policy(self) -> LogPolicy | None:
        """Whose word counts, once the broker's signed profile was read."""
        profile = self._feed.profile
        return profile.log.policy if profile is not None and profile.log is not None else None

    def is_another_log(self) -> bool:
        """Whether the organisation has another log than the one that was asked about here before. Blocks shortly."""
        return self.policy is not None and LogMemory(self._data_folder, self.policy).is_first_of_another()

    def badge(self, session_id: bytes) -> LogBadge:
        """What the log proves. Blocks. Raises as `Recording.read`."""
        return self.whole_badge(session_id).log or self._without_log

    def whole_badge(self, session_id: bytes) -> Badge:
        """Derived again from the recording and what was kept. Blocks. Raises as `Recording.read`."""
        recording = Recording.read(session_folder(self._data_folder / "records", session_id))
        with recording.open_file() as source:
            inspection = recording.inspect(source)
        badge = badge_of(recording, inspection, self.policy)
        return replace(badge, log=badge.log or self._without_log)

    @property
    def _without_log(self) -> LogBadge:
        """That there is no log stands in the signed profile; before that was read, nobody knows."""
        return "not-asked" if self._feed.profile is None else "no-log"

    async def checked(self, session_id: bytes, *, ended: bool) -> LogBadge:
        """The badge; where it is not decided, the log is asked once more, if the broker answers. Raises as `badge`."""
        badge = await asyncio.to_thread(self.badge, session_id)
        if badge in ("verified", "no-log", "log-contradicts"):
            return badge
        with suppress(ConsentryError):
            await self.collect(session_id, ended=ended)
        return await asyncio.to_thread(self.badge, session_id)

    async def collect(self, session_id: bytes, *, ended: bool) -> None:
        """Asks for what is not kept yet: the opening, and once the session has `ended`, its end.

        Raises as `BrokerFeed.proof`.
        """
        if (policy := self.policy) is None:
            return
        # Who pulls the session and who looks at it may ask at once: neither must write over what the other was told.
        async with self._collecting.setdefault(session_id, asyncio.Lock()):
            await self._collect(session_id, policy, ended=ended)

    async def _collect(self, session_id: bytes, policy: LogPolicy, *, ended: bool) -> None:
        path = session_folder(self._data_folder / "records", session_id) / LOG_FILE
        kept = await asyncio.to_thread(read_small_file, path, SessionLogEvidence) or SessionLogEvidence()
        found = kept if kept.refusal == "log-contradicts" else msgspec.structs.replace(kept, refusal="")
        if found.opened is None:
            found = await self._ask(session_id, "open", found, policy)
        if ended and found.closed is None and not found.refusal:
            found = await self._ask(session_id, "close", found, policy)
        if found != kept:
            await asyncio.to_thread(self._durability.write_small_file, path, msgspec.msgpack.encode(found))

    async def _ask(
        self, session_id: bytes, entry: LogEntry, kept: SessionLogEvidence, policy: LogPolicy
    ) -> SessionLogEvidence:
        memory = LogMemory(self._data_folder, policy)
        missing = tuple(one for one in kept.missing if one != entry)
        async with self._asking:
            known = memory.known()
            answer = await self._feed.proof(session_id, entry, known.size if known is not None else 0)
            if answer is None:
                return msgspec.structs.replace(kept, missing=(*missing, entry))
            try:
                memory.accept(answer, known)
            except (LogRolledBack, LogForked) as caught:
                log.critical("log_contradicts", session=session_id.hex(), problem=str(caught))
                return msgspec.structs.replace(kept, refusal="log-contradicts")
            except ConsentryError as refused:
                log.error("log_proof_refused", session=session_id.hex(), problem=str(refused))
                return msgspec.structs.replace(kept, refusal="not-proved")
        proved = ReceiptEntry(answer.leaf, answer.proof)
        if entry == "open":
            return msgspec.structs.replace(kept, opened=proved, missing=missing)
        return msgspec.structs.replace(kept, closed=proved, missing=missing)
