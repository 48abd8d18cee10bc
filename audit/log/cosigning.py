"""Asks every witness for its word on every new checkpoint, and keeps the newest one that enough of them vouched for.

One task per witness: a slow one holds up nobody but itself, and is asked only about the newest checkpoint when it comes
back. What a witness remembers is more than it is told here: one that knows a larger log than ours, or another one, has
seen that ours was rolled back or forked. Then the log stops.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

import structlog

from audit.log.errors import LogBroken
from protocol.checkpoint import CheckpointError, claimed_checkpoint, parse_number
from protocol.cosignature import WitnessKey, verify_cosignatures
from protocol.details import Detail
from protocol.errors import ConsentryError, UnavailableError
from protocol.signed_note import NoteError, NoteSignature, split_note
from protocol.witness_messages import AddCheckpoint, parse_signature_lines

log = structlog.get_logger(__name__)

FIRST_ANSWER_SECONDS = 5.0
"""How long the start waits for witnesses; one that answers later is heard later."""

RETRY_SECONDS = (0.5, 30.0)
"""First and longest pause after a witness did not answer; doubled in between."""

CONFLICTS_LIMIT = 3
"""Corrections of the old size in a row; then it is treated as one that does not answer."""


class WitnessUnreachable(UnavailableError):
    """No answer from a witness."""

    sentence = "The witness {name} cannot be reached ({problem})."


class WitnessDoor(Protocol):
    """One witness, as the log reaches it."""

    @property
    def key(self) -> WitnessKey: ...

    async def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """HTTP status and body of the answer to `POST /add-checkpoint`. Raises WitnessUnreachable."""


@dataclass
class _Witness:
    door: WitnessDoor
    known_size: int = 0
    """Of the checkpoint that it cosigned last, as far as we know."""


@dataclass
class _Newest:
    """The newest checkpoint and who has vouched for it."""

    note: bytes
    size: int
    cosignatures: dict[str, NoteSignature] = field(default_factory=dict)

    @property
    def cosigned_note(self) -> bytes:
        return self.note + b"".join(line.line for line in self.cosignatures.values())


class Cosigning:
    """One log's witnesses, asked side by side, and the newest checkpoint that enough of them have signed."""

    def __init__(
        self,
        doors: Sequence[WitnessDoor],
        needed: int,
        *,
        consistency: Callable[[int, int], Awaitable[tuple[bytes, ...]]],
        on_broken: Callable[[LogBroken], None],
    ) -> None:
        self._witnesses = [_Witness(door) for door in doors]
        self._needed = needed
        self._consistency = consistency
        self._on_broken = on_broken
        self._newest = _Newest(b"", 0)
        self._accepted = _Newest(b"", 0)
        """The newest checkpoint that enough witnesses have vouched for."""
        self._changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def newest(self) -> bytes:
        return self._newest.cosigned_note

    async def start(self, note: bytes) -> None:
        """Asks every witness once, and waits a moment for their answers. Raises LogBroken."""
        self._newest = _Newest(note, claimed_checkpoint(note).size)
        self._accept()
        asking = [asyncio.create_task(self._ask(witness), name="witness-first") for witness in self._witnesses]
        if asking:
            done, _ = await asyncio.wait(asking, timeout=FIRST_ANSWER_SECONDS)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            for task in done:
                task.result()
        for witness in self._witnesses:
            self._tasks.append(asyncio.create_task(self._follow(witness), name=f"witness {witness.door.key.name}"))

    async def aclose(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def checkpoint_signed(self, note: bytes) -> None:
        """A new checkpoint is published."""
        if note == self._newest.note:
            return
        self._newest = _Newest(note, claimed_checkpoint(note).size)
        self._accept()
        self._tell()

    async def holding(self, place: int) -> bytes:
        """An accepted checkpoint with the entry in it, as soon as there is one."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._accepted.size > place)
        return self._accepted.cosigned_note

    def _accept(self) -> None:
        if len(self._newest.cosignatures) >= self._needed:
            self._accepted = self._newest

    def _tell(self) -> None:
        async def tell() -> None:
            async with self._changed:
                self._changed.notify_all()

        self._tasks = [task for task in self._tasks if not task.done()]
        self._tasks.append(asyncio.create_task(tell(), name="checkpoint-changed"))

    async def _follow(self, witness: _Witness) -> None:
        """As long as the log lives: every newest checkpoint, until the witness has vouched for it."""
        pause = RETRY_SECONDS[0]
        name = witness.door.key.name
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: name not in self._newest.cosignatures)
            try:
                is_cosigned = await self._ask(witness)
            except LogBroken as error:
                self._on_broken(error)
                return
            if is_cosigned:
                pause = RETRY_SECONDS[0]
                continue
            await asyncio.sleep(pause)
            pause = min(2 * pause, RETRY_SECONDS[1])

    async def _ask(self, witness: _Witness) -> bool:
        """Whether it has vouched for what was newest when it was asked. Raises LogBroken."""
        newest, name = self._newest, witness.door.key.name
        for _ in range(CONFLICTS_LIMIT):
            try:
                status, body = await witness.door.add_checkpoint(await self._request(witness, newest))
            except ConsentryError as error:
                log.warning("witness_unreachable", witness=name, problem=str(error))
                return False
            match status:
                case HTTPStatus.OK:
                    return self._take(witness, newest, body)
                case HTTPStatus.CONFLICT:
                    if not self._corrected(witness, newest, body):
                        return False
                case HTTPStatus.UNPROCESSABLE_ENTITY:
                    raise LogBroken(
                        problem=Detail(
                            "the witness {name} has seen another log under its name: it was forked", name=name
                        )
                    )
                case _:
                    log.error("witness_refused", witness=name, status=status)
                    return False
        return False

    async def _request(self, witness: _Witness, newest: _Newest) -> bytes:
        proof: tuple[bytes, ...] = ()
        if 0 < witness.known_size < newest.size:
            proof = await self._consistency(witness.known_size, newest.size)
        return AddCheckpoint(witness.known_size, proof, newest.note).encode()

    def _corrected(self, witness: _Witness, newest: _Newest, body: bytes) -> bool:
        """Whether another try makes sense. Raises LogBroken where the witness knows more than we have."""
        name = witness.door.key.name
        try:
            size = parse_number(body.decode("ascii", "replace").removesuffix("\n"))
        except CheckpointError:
            log.error("witness_malformed", witness=name)
            return False
        if size > self._newest.size:
            raise LogBroken(
                problem=Detail(
                    "the witness {name} has seen {size} entries, and here are {own_size}: it was rolled back",
                    name=name,
                    size=size,
                    own_size=self._newest.size,
                )
            )
        witness.known_size = size
        return size <= newest.size  # else it has been asked about a newer one already

    def _take(self, witness: _Witness, newest: _Newest, body: bytes) -> bool:
        key = witness.door.key
        try:
            text, _ = split_note(newest.note)
            lines = [line for line in parse_signature_lines(body) if (line.name, line.key_id) == (key.name, key.key_id)]
            if not verify_cosignatures(text, lines, [key]):
                raise NoteError(problem="nobody whom we know has signed it")
        except NoteError as error:
            log.error("witness_malformed", witness=key.name, problem=str(error))
            return False
        witness.known_size = newest.size
        newest.cosignatures[key.name] = lines[0]
        if newest.size >= self._accepted.size and len(newest.cosignatures) >= self._needed:
            self._accepted = newest
        self._tell()
        return True
