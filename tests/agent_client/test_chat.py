"""A line of chat is recorded before anybody sees it, reaches everybody who is in, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agent_client import chat as chat_module
from agent_client import followers as followers_module
from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.recorder.redaction import BLOT
from protocol.chat import BURST_LINES, EVERY_MS
from protocol.control_channel import ControlChannel
from protocol.events import ChatSaid, Redacted
from protocol.messages.control import (
    EngineerToAgent,
    FollowSession,
    GrantMoved,
    PausedBy,
    Said,
    Say,
    SayRefused,
    SayTaken,
    SessionMoved,
)
from tests.agent_client.collecting import CollectedRecording
from tests.agent_client.house import House
from tests.agent_client.joined_streams import joined_streams
from tests.agent_client.people import EngineerAtTest, an_identity


class Program:
    """An engineer's program on a control stream of its own."""

    def __init__(self, house: House, engineer: EngineerAtTest) -> None:
        self._house = house
        self._engineer = engineer

    async def open(self) -> "Program":
        keys = self._engineer.keys
        self.stream, far = await joined_streams(keys.stream_key, keys.pairing_id)
        self.channel = ControlChannel("engineer", keys.control_key, self.stream.stream_id)
        self.conversation = Conversation(far, self._engineer.paired, self._house.reception)
        self.running = asyncio.create_task(self._house.attendance.converse(self.conversation))
        self._house.tasks.append(self.running)  # type: ignore[arg-type]  # only ever cancelled
        return self

    def say(self, *messages: EngineerToAgent) -> None:
        for message in messages:
            self.stream.write(self.channel.seal(message))

    async def hear(self, count: int = 1) -> list[object]:
        heard: list[object] = []
        while len(heard) < count:
            heard += self.channel.receive_data(await self.stream.read())
        return heard


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(an_identity(tmp_path), tmp_path)
    running = asyncio.create_task(house.chat.run())
    yield house
    running.cancel()
    await house.close()


async def following(house: House, engineer: EngineerAtTest, after: int = 0) -> Program:
    """A program that has asked what goes on, and has had the first answer."""
    program = await Program(house, engineer).open()
    program.say(FollowSession(after=after))
    return program


def standstill(*by: PausedBy, newest_line: int = 0) -> SessionMoved:
    return SessionMoved(paused_by=by, newest_line=newest_line)


def lines(house: House) -> list[tuple[int, str]]:
    return [(event.participant, event.text) for event in house.recording.of(ChatSaid)]


async def test_everybody_who_is_in_reads_every_line(house: House, engineer: EngineerAtTest) -> None:
    """The customer, the author and a colleague: the same lines in one order, each under one number, recorded once."""
    await house.let_in(engineer)
    colleague = house.meet(EngineerAtTest(name="Ann Example"))
    await house.let_in(colleague)
    first, second = await following(house, engineer), await following(house, colleague)
    assert await first.hear() == [standstill()]
    assert await second.hear() == [standstill()]
    first.say(Say(text="I restart it now."))
    now_ms = house.clock.now_ms
    theirs = Said(number=1, participant=1, name="Wei Example", said_at_ms=now_ms, text="I restart it now.", mine=True)
    assert await first.hear(2) == [theirs, SayTaken(number=1)]
    heard = await second.hear()
    assert [(line.number, line.text, line.mine) for line in heard if isinstance(line, Said)] == [
        (1, "I restart it now.", False)
    ]
    house.attendance.customer_says("谢谢")
    customers = Said(number=2, participant=0, name="", said_at_ms=now_ms, text="谢谢", mine=False)
    assert await first.hear() == [customers]
    assert await second.hear() == [customers]
    assert lines(house) == [(1, "I restart it now."), (0, "谢谢")]
    assert house.face.of(notices.ChatSaid) == [
        notices.ChatSaid(1, 1, "Wei Example", now_ms, "I restart it now."),
        notices.ChatSaid(2, 0, "", now_ms, "谢谢"),
    ]


async def test_nobody_reads_a_line_before_it_is_on_the_brokers_disk(tmp_path: Path) -> None:
    """Where the organisation's policy is `strict`; elsewhere, not before it is recorded."""
    house = House(an_identity(tmp_path), tmp_path, recording=CollectedRecording(strict=True))
    running = asyncio.create_task(house.chat.run())
    engineer = house.meet(EngineerAtTest())
    await house.let_in(engineer)
    house.attendance.customer_says("hello")
    await house.recording.first(ChatSaid)
    assert house.face.of(notices.ChatSaid) == []
    house.recording.acknowledge()
    await house.face.shown(notices.ChatSaid)
    running.cancel()
    await house.close()


async def test_a_recording_without_room_holds_lines_back(house: House, engineer: EngineerAtTest) -> None:
    """Like everything; and more than some are not taken meanwhile."""
    await house.let_in(engineer)
    house.recording.set_room(False)
    for at in range(chat_module.WAITING_LIMIT_LINES + 5):
        house.clock.advance(EVERY_MS)
        house.attendance.customer_says(f"line {at}")
        await asyncio.sleep(0)
    assert lines(house) == []
    assert {refused.reason for refused in house.face.of(notices.ChatRefused)} == {"too-fast"}
    house.recording.set_room(True)
    await house.face.shown(notices.ChatSaid, chat_module.WAITING_LIMIT_LINES)
    assert [text for _, text in lines(house)][:3] == ["line 0", "line 1", "line 2"]


async def test_before_anybody_is_in_there_is_no_chat(house: House, engineer: EngineerAtTest) -> None:
    """No recording, no line; and who is asking may not talk the customer into a yes this way."""
    house.attendance.customer_says("hello?")
    assert house.face.of(notices.ChatRefused) == [notices.ChatRefused("not-in")]
    program = await following(house, engineer)
    program.say(Say(text="press a"))
    assert await program.hear(2) == [standstill(), SayRefused(reason="not-in")]
    assert house.face.of(notices.ChatSaid) == []


async def test_who_is_out_neither_writes_nor_reads(house: House, engineer: EngineerAtTest) -> None:
    """Narrowed to nothing: the same stream hears no line any more, and is told why its own is not taken."""
    await house.let_in(engineer)
    colleague = house.meet(EngineerAtTest())
    await house.let_in(colleague)
    program = await following(house, engineer)
    await program.hear()
    house.attendance.narrow(1, frozenset())
    house.attendance.customer_says("now we are alone")
    await house.face.shown(notices.ChatSaid)
    program.say(Say(text="hello?"))
    heard = await program.hear(2)
    assert heard == [GrantMoved(scopes=(), expires_at_ms=0), SayRefused(reason="not-in")]


async def test_who_comes_later_reads_what_was_written_before(house: House, engineer: EngineerAtTest) -> None:
    """Up to what is remembered; a program that says where it stopped reads on from there."""
    await house.let_in(engineer)
    for text in ("one", "two", "three"):
        house.attendance.customer_says(text)
    await house.face.shown(notices.ChatSaid, 3)
    expert = house.meet(EngineerAtTest(name="Ann Example"))
    early = await following(house, expert)
    assert await early.hear() == [standstill()]
    await house.let_in(expert)
    heard = await early.hear(3)
    assert [line.text for line in heard if isinstance(line, Said)] == ["one", "two", "three"]
    back = await following(house, expert, after=2)
    heard = await back.hear(2)
    assert [line.text for line in heard if isinstance(line, Said)] == ["three"]


async def test_nobody_writes_faster_than_others_read(house: House, engineer: EngineerAtTest) -> None:
    """Each person has their own pace; what is refused is neither recorded nor shown."""
    await house.let_in(engineer)
    program = await following(house, engineer)
    await program.hear()
    for _ in range(BURST_LINES):
        program.say(Say(text="x"))
        await program.hear(2)
    program.say(Say(text="x"))
    assert await program.hear() == [SayRefused(reason="too-fast")]
    house.attendance.customer_says("slowly, please")
    await house.face.shown(notices.ChatSaid, BURST_LINES + 1)
    house.clock.advance(EVERY_MS)
    await program.hear()
    program.say(Say(text="sorry"))
    assert [type(message) for message in await program.hear(2)] == [Said, SayTaken]
    assert len(lines(house)) == BURST_LINES + 2


async def test_a_session_takes_only_so_many_lines(
    house: House, engineer: EngineerAtTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recording is not filled by chatting."""
    monkeypatch.setattr(chat_module, "SESSION_LIMIT_LINES", 2)
    await house.let_in(engineer)
    for text in ("one", "two", "three"):
        house.attendance.customer_says(text)
    assert house.face.of(notices.ChatRefused) == [notices.ChatRefused("full")]


async def test_a_secret_in_a_line_is_blotted_out_before_anybody_sees_it(house: House, engineer: EngineerAtTest) -> None:
    """By the rules for output; the recording says which rule it was."""
    await house.let_in(engineer)
    house.attendance.customer_says("it is password=hunter2hunter2")
    shown = await house.face.shown(notices.ChatSaid)
    assert BLOT.decode() in shown.text
    assert "hunter2" not in shown.text
    assert lines(house) == [(0, shown.text)]
    assert house.recording.of(Redacted) != []


async def test_who_leaves_while_their_line_waits_has_said_it(house: House, engineer: EngineerAtTest) -> None:
    """What was taken reaches the recording and everybody, whoever hangs up."""
    await house.let_in(engineer)
    program = await following(house, engineer)
    await program.hear()
    house.recording.set_room(False)
    program.say(Say(text="goodbye"))
    while not house.chat._waiting.qsize() and not house.chat._paces:
        await asyncio.sleep(0)
    program.stream.close()
    await program.running
    house.recording.set_room(True)
    assert (await house.face.shown(notices.ChatSaid)).text == "goodbye"


async def test_a_program_that_asks_twice_or_does_not_read_is_hung_up(
    house: House, engineer: EngineerAtTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither makes the customer's machine hold more and more; the session, and other programs, go on."""
    await house.let_in(engineer)
    patient = await following(house, engineer)
    await patient.hear()
    twice = await following(house, engineer)
    twice.say(FollowSession(after=0))
    await twice.hear()
    assert await twice.stream.read() == b""
    monkeypatch.setattr(followers_module, "UNHEARD_LIMIT_BYTES", 3_000)
    deaf = await following(house, engineer)
    await deaf.hear()
    monkeypatch.setattr(Conversation, "unheard_bytes", property(_unheard_by(deaf)))
    house.attendance.customer_says("hello")
    assert isinstance((await patient.hear())[0], Said)
    await deaf.running
    assert house.ends == []


def _unheard_by(deaf: Program) -> Callable[[Conversation], int]:
    """The transport of these tests delivers at once; a real one does not."""
    return lambda conversation: 4_000 if conversation is deaf.conversation else 0


async def test_after_the_end_nothing_more_is_written(house: House, engineer: EngineerAtTest) -> None:
    """What waits for the recording was not said: nothing stands behind the session's end."""
    await house.let_in(engineer)
    program = await following(house, engineer)
    await program.hear()
    house.recording.set_room(False)
    for text in ("too late", "much too late"):
        house.attendance.customer_says(text)
    program.say(Say(text="me too"))
    while len(house.chat._paces) < 2:
        await asyncio.sleep(0)
    house.attendance.end_all()
    house.recording.set_room(True)
    assert await program.hear() == [SayRefused(reason="not-in")]
    await house.face.shown(notices.ChatRefused, 2)
    house.attendance.customer_says("hello?")
    assert house.face.of(notices.ChatRefused) == 3 * [notices.ChatRefused("not-in")]
    assert lines(house) == []


async def test_programs_hear_at_once_that_everything_stands_still(house: House, engineer: EngineerAtTest) -> None:
    """The customer's pause, a question on their screen, a recording that is not delivered; each reason by itself."""
    await house.let_in(engineer)
    followers = house.attendance.followers
    house.freezer.on_reason = followers.paused
    program = await following(house, engineer)
    await program.hear()
    house.freezer.pause()
    assert await program.hear() == [standstill("customer")]
    followers.paused("recorder", True)
    assert await program.hear() == [standstill("customer", "recorder")]
    house.freezer.resume()
    assert await program.hear() == [standstill("recorder")]
    with house.freezer.while_asking():
        assert await program.hear() == [standstill("recorder", "question")]
    followers.paused("recorder", False)
    heard = await program.hear(2)
    assert heard == [standstill("recorder"), standstill()]
