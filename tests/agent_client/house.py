"""A customer, an attendance, and what it told the session: everything about consent but broker and network."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from agent_client.attendance import Attendance
from agent_client.chat import Chat
from agent_client.faces.notices import CodeShown
from agent_client.freezer import Freezer
from agent_client.invitations import CodeNotToBeHad
from agent_client.live import LiveSession, SessionIdentity
from agent_client.participant import Participant
from agent_client.reception import Reception
from agent_client.recorder.errors import RecordingNotOpened
from agent_client.recorder.redaction import RedactionRules
from protocol.events import Event
from protocol.grants import Scope
from protocol.messages.agent import GrantReported, TakeOverReported
from protocol.messages.control import AgentToEngineer, Granted, RequestAccess, RequestMore, TakeOver
from protocol.messages.fields import EndReason
from tests.agent_client.collecting import CollectedRecording
from tests.agent_client.people import CustomerAtTest, EngineerAtTest, FakeClock, a_live_session
from wording import Wording


@dataclass
class House:
    """A customer, an attendance, and what it told the session."""

    identity: SessionIdentity
    folder: Path
    face: CustomerAtTest = field(default_factory=CustomerAtTest)
    clock: FakeClock = field(default_factory=FakeClock)
    recording: CollectedRecording = field(default_factory=CollectedRecording)
    reports: list[GrantReported] = field(default_factory=list)
    take_overs: list[TakeOverReported] = field(default_factory=list)
    ends: list[EndReason] = field(default_factory=list)
    may_open: asyncio.Event = field(default_factory=asyncio.Event)
    opening: asyncio.Event = field(default_factory=asyncio.Event)
    opened: int = 0
    refuses_to_open: bool = False
    offered: frozenset[Scope] = frozenset(Scope)
    codes_offered: int = 0
    tasks: "list[asyncio.Task[AgentToEngineer | None]]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.may_open.set()
        self.freezer = Freezer(self.face)
        self.chat = Chat(RedactionRules.load(), self.clock)
        self.attendance = Attendance(self.face, self.chat, report=self.report, end=self.ends.append, clock=self.clock)
        self.reception = Reception(
            self.identity,
            self.attendance,
            folders=(self.folder,),
            face=self.face,
            wording=Wording("en"),
            freezer=self.freezer,
            chat=self.chat,
            open_live=self.open_live,
            codes=self,
            offered=self.offered,
            clock=self.clock,
        )

    def report(self, message: GrantReported | TakeOverReported) -> None:
        if isinstance(message, GrantReported):
            self.reports.append(message)
        else:
            self.take_overs.append(message)

    def offer(self) -> None:
        self.codes_offered += 1

    def withdraw(self) -> None:
        self.codes_offered = 0

    async def invite(self) -> CodeShown:
        raise CodeNotToBeHad

    async def open_live(self, first: Participant) -> LiveSession:
        self.opening.set()
        await self.may_open.wait()
        if self.refuses_to_open:
            raise RecordingNotOpened
        self.opened += 1
        return await a_live_session(self.identity, self.recording, self.face, self.folder)

    def meet(self, engineer: EngineerAtTest) -> EngineerAtTest:
        self.attendance.somebody_paired(engineer.paired)
        return engineer

    def ask(
        self, engineer: EngineerAtTest, request: RequestAccess | RequestMore | TakeOver
    ) -> "asyncio.Task[AgentToEngineer | None]":
        match request:
            case RequestAccess():
                asking = self.reception.access_requested(engineer.paired, request)
            case RequestMore():
                asking = self.reception.more_requested(engineer.paired, request)
            case TakeOver():
                asking = self.reception.take_over_requested(engineer.paired, request)
        self.tasks.append(asyncio.create_task(asking))
        return self.tasks[-1]

    async def let_in(self, engineer: EngineerAtTest, *scopes: Scope, minutes: int = 30) -> Granted:
        """Asked, read, allowed."""
        asked = len(self.face.questions)
        asking = self.ask(engineer, engineer.request(*scopes, minutes=minutes))
        question = await self.face.asked(asked + 1)
        self.clock.advance(question.allow_not_before_ms - question.asked_at_ms)
        self.face.allow(question)
        granted = await asking
        assert isinstance(granted, Granted)
        return granted

    def recorded(self) -> list[type[Event]]:
        return [type(event) for event in self.recording.events]

    def pass_time(self, milliseconds: int) -> None:
        self.clock.advance(milliseconds)
        self.attendance.handle_time(self.clock.now_ms)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.attendance.live is not None:
            await self.attendance.live.kill()
