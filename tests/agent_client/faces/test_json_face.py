"""The JSON face over real pipes, as a wrapper has it."""

import asyncio
import base64
import dataclasses
import json
import os
import re
import threading
import typing
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agent_client.faces import face as face_module
from agent_client.faces import json_lines, notices
from agent_client.faces.face import (
    DENIED,
    CancelCode,
    ConsentAnswer,
    ConsentQuestion,
    End,
    Face,
    Narrow,
    NewCode,
    Pause,
    Rating,
    Resized,
    Resume,
    Say,
    Typed,
)
from agent_client.faces.json_face import UNREAD_NOTICES_LIMIT_BYTES, UNREAD_OUTPUT_LIMIT_BYTES, JsonFace
from protocol.grants import Scope

QUESTION = ConsentQuestion(
    participant=1,
    name="Ann\x1b[2J\u202eOther",
    staff_number="1042",
    organisation="Example",
    reason="receipts\nnever arrive",
    ticket="8841",
    scopes=frozenset({Scope.VIEW, Scope.SHELL}),
    minutes=30,
    folders=("/home/ann",),
    client="cli",
    is_raise=False,
    asked_at_ms=1_000,
    allow_not_before_ms=4_000,
    expires_at_ms=121_000,
)


class Wrapper:
    """The other ends of the pipes."""

    def __init__(self) -> None:
        self.now_ms = 5_000
        read_fd, self.to_face = os.pipe()
        self.from_face, write_fd = os.pipe()
        self.face = JsonFace(read_fd=read_fd, write_fd=write_fd, now_ms=lambda: self.now_ms)
        self._inner = [read_fd, write_fd]
        self._rest = b""

    def send(self, line: object) -> None:
        self.send_raw(json.dumps(line).encode() + b"\n")

    def send_raw(self, data: bytes) -> None:
        os.write(self.to_face, data)

    async def line(self) -> dict[str, Any]:
        while b"\n" not in self._rest:
            self._rest += await asyncio.to_thread(os.read, self.from_face, 65536)
        line, self._rest = self._rest.split(b"\n", 1)
        assert line.isascii()
        assert line.decode().isprintable()
        parsed: dict[str, Any] = json.loads(line)
        return parsed

    def close_input(self) -> None:
        if self.to_face >= 0:
            os.close(self.to_face)
            self.to_face = -1

    async def close(self) -> None:
        """The face's own ends last, when none of its threads has them in its hands: numbers are soon used again."""
        self.close_input()
        os.close(self.from_face)
        for thread in [one for one in threading.enumerate() if one.name in ("read json lines", "write json lines")]:
            await asyncio.to_thread(thread.join)
        for descriptor in self._inner:
            os.close(descriptor)


@pytest.fixture
async def wrapper() -> AsyncIterator[Wrapper]:
    wrapper = Wrapper()
    as_face: Face = wrapper.face
    async with as_face:
        yield wrapper
        wrapper.close_input()
        async for _ in wrapper.face.commands():
            pass
    await wrapper.close()


async def test_question_and_answer(wrapper: Wrapper) -> None:
    """The whole question goes out escaped; a narrower answer comes back."""
    deciding = asyncio.create_task(wrapper.face.decide(QUESTION))
    asked = await wrapper.line()
    assert asked["event"] == "consent-question"
    assert asked["scopes"] == ["shell", "view"]
    assert asked["name"] == QUESTION.name
    wrapper.send({"command": "answer", "question": asked["question"], "allow": True, "scopes": ["view"], "minutes": 10})
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset({Scope.VIEW}), minutes=10)


async def test_plain_allow_means_all_that_was_asked(wrapper: Wrapper) -> None:
    """Scopes and minutes left out are those of the question."""
    deciding = asyncio.create_task(wrapper.face.decide(QUESTION))
    await wrapper.line()
    wrapper.send({"command": "answer", "question": 1, "allow": True})
    assert await deciding == ConsentAnswer(allowed=True, scopes=QUESTION.scopes, minutes=30)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scopes": ["root"]}, "more-than-asked"),
        ({"minutes": 31}, "more-than-asked"),
        ({"scopes": []}, "nothing-allowed"),
        ({"question": 7}, "no-such-question"),
        ({"scopes": ["everything"]}, "not-understood"),
        ({"allow": "yes"}, "not-understood"),
        ({"minutes": 0}, "not-understood"),
        ({"extra": 1}, "not-understood"),
    ],
)
async def test_wrong_answers_leave_the_question_open(wrapper: Wrapper, change: dict[str, Any], code: str) -> None:
    """An answer that cannot be meant so grants nothing; a later no still counts."""
    deciding = asyncio.create_task(wrapper.face.decide(QUESTION))
    await wrapper.line()
    wrapper.send({"command": "answer", "question": 1, "allow": True, **change})
    assert (await wrapper.line())["code"] == code
    wrapper.send({"command": "answer", "question": 1, "allow": False})
    assert await deciding == DENIED


async def test_allow_too_early_does_not_count(wrapper: Wrapper) -> None:
    """Powerful scopes cannot be allowed before the pause is over; after it they can."""
    wrapper.now_ms = 3_999
    deciding = asyncio.create_task(wrapper.face.decide(QUESTION))
    await wrapper.line()
    wrapper.send({"command": "answer", "question": 1, "allow": True})
    assert (await wrapper.line())["code"] == "too-early"
    wrapper.now_ms = 4_000
    wrapper.send({"command": "answer", "question": 1, "allow": True})
    assert (await deciding).allowed


async def test_more_time_alone_can_be_allowed(wrapper: Wrapper) -> None:
    """A raise without new scopes is answered with none."""
    deciding = asyncio.create_task(
        wrapper.face.decide(dataclasses.replace(QUESTION, scopes=frozenset(), is_raise=True))
    )
    await wrapper.line()
    wrapper.send({"command": "answer", "question": 1, "allow": True})
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset(), minutes=30)


async def test_withdrawn_question(wrapper: Wrapper) -> None:
    """A question that the session takes back is announced as such and cannot be answered any more."""
    deciding = asyncio.create_task(wrapper.face.decide(QUESTION))
    await wrapper.line()
    deciding.cancel()
    assert await wrapper.line() == {"event": "consent-question-withdrawn", "question": 1}
    wrapper.send({"command": "answer", "question": 1, "allow": True})
    assert (await wrapper.line())["code"] == "no-such-question"


async def test_closed_input_answers_no(wrapper: Wrapper) -> None:
    """When nobody is there any more, open questions are answered with no, and so are later ones."""
    deciding = asyncio.create_task(wrapper.face.decide(QUESTION))
    await wrapper.line()
    wrapper.close_input()
    assert await deciding == DENIED
    assert await wrapper.face.decide(QUESTION) == DENIED
    assert await wrapper.face.rate() is None
    assert [command async for command in wrapper.face.commands()] == []


async def test_commands(wrapper: Wrapper) -> None:
    """Each command line becomes one command, in order; the last one may lack its newline."""
    wrapper.send({"command": "watch", "columns": 80, "rows": 24})
    wrapper.send({"command": "type", "data": base64.b64encode(b"ls\r\x00").decode()})
    for name in ("pause", "resume", "new-code", "cancel-code"):
        wrapper.send({"command": name})
    wrapper.send({"command": "narrow", "participant": 2, "scopes": ["view"]})
    wrapper.send({"command": "say", "text": "谢谢\nthank you"})
    wrapper.send_raw(b'\n  \n{"command":"end"}')
    wrapper.close_input()
    assert [command async for command in wrapper.face.commands()] == [
        Resized(80, 24),
        Typed(b"ls\r\x00"),
        Pause(),
        Resume(),
        NewCode(),
        CancelCode(),
        Narrow(2, frozenset({Scope.VIEW})),
        Say("谢谢\nthank you"),
        End(),
    ]
    assert wrapper.face.room_size == (80, 24)


async def test_rating(wrapper: Wrapper) -> None:
    """A rating is asked once and taken once."""
    rating = asyncio.create_task(wrapper.face.rate())
    assert await wrapper.line() == {"event": "rating-question"}
    wrapper.send({"command": "rate", "stars": 6})
    assert (await wrapper.line())["code"] == "not-understood"
    wrapper.send({"command": "rate", "stars": 5, "solved": True, "comment": "谢谢"})
    assert await rating == Rating(5, True, "谢谢")
    wrapper.send({"command": "skip-rating"})
    assert (await wrapper.line())["code"] == "no-such-question"


@pytest.mark.parametrize(
    "junk",
    [
        b"hello\n",
        b"\xff\xfe\n",
        b"[" * 50_000 + b"\n",
        b'{"command":"launch"}\n',
        b'{"command":["end"]}\n',
        b"null\n",
        b'{"command":"type","data":"%%%"}\n',
        b'{"command":"watch","columns":1e9,"rows":3}\n',
        b'{"command":"say","text":"\\u001b[2J"}\n',
        b'{"command":"say","text":"' + b"x" * 1001 + b'"}\n',
        b"x" * 200_000 + b"\n",
    ],
)
async def test_hostile_lines_get_one_error_line(wrapper: Wrapper, junk: bytes) -> None:
    """Whatever comes in: one error line out, and the next command still works."""
    taking = asyncio.create_task(anext(wrapper.face.commands()))
    await asyncio.to_thread(wrapper.send_raw, junk)
    wrapper.send({"command": "pause"})
    assert (await wrapper.line())["event"] == "input-error"
    assert await taking == Pause()


async def test_room_output_only_when_watched(wrapper: Wrapper) -> None:
    """Nobody who did not ask gets the terminal's bytes; who asked gets them as they are."""
    wrapper.face.room_output(b"unseen")
    wrapper.send({"command": "watch", "columns": 80, "rows": 24})
    await anext(wrapper.face.commands())
    wrapper.face.room_output(b"\x1b[31mred\xff")
    line = await wrapper.line()
    assert base64.b64decode(line["data"]) == b"\x1b[31mred\xff"


async def test_slow_wrapper_skips_output_and_is_told(wrapper: Wrapper) -> None:
    """Output beyond the bound is skipped, counted and announced; the session never waits."""
    wrapper.send({"command": "watch", "columns": 80, "rows": 24})
    await anext(wrapper.face.commands())
    for _ in range(3 * UNREAD_OUTPUT_LIMIT_BYTES // 32_768):
        wrapper.face.room_output(bytes(32_768))
    sent = 0
    while sent < UNREAD_OUTPUT_LIMIT_BYTES // 2:
        sent += len(base64.b64decode((await wrapper.line())["data"]))
    wrapper.face.room_output(b"again")
    line = await wrapper.line()
    while line["event"] == "room-output":
        line = await wrapper.line()
    assert line["event"] == "room-output-skipped"
    assert line["bytes"] > 0


async def test_wrapper_that_never_reads_is_gone(wrapper: Wrapper) -> None:
    """Notices are not skipped: a wrapper far behind on them does not watch, and the session hears that nobody does."""
    touched = notices.FileTouched(1, "/" + "x" * 60_000, "read", 1)
    for _ in range(UNREAD_NOTICES_LIMIT_BYTES // 60_000 + 3):
        wrapper.face.show(touched)
    assert [command async for command in wrapper.face.commands()] == []
    assert await wrapper.face.decide(QUESTION) == DENIED


async def test_progress_is_not_chatty(wrapper: Wrapper) -> None:
    """Of many progress notices within a moment the first one is written, and the one that says that all is safe."""
    for acked in range(100):
        wrapper.face.show(notices.RecorderProgress(100, acked))
    wrapper.face.show(notices.RecorderProgress(100, 100))
    assert (await wrapper.line())["acked_bytes"] == 0
    assert (await wrapper.line())["acked_bytes"] == 100


EXAMPLES: list[notices.Notice] = [
    notices.SessionLive((notices.Present(1, "Ann", "7", frozenset({Scope.SHELL}), 9),)),
    notices.SessionSummary(("Ann",), 1, 2, "expired", 0, (notices.FileTouched(1, "/a", "read", 3),), 4, True),
    notices.ConnectionState("broker", False, 12),
    notices.GrantChanged(1, frozenset(), 5),
    notices.ChatSaid(3, 1, "Ann", 7, "one\n\x1b[2Jtwo \u202e"),
    notices.ChatRefused("too-fast"),
]


@pytest.mark.parametrize("notice", EXAMPLES, ids=lambda notice: type(notice).__name__)
async def test_notices_go_out_whole(wrapper: Wrapper, notice: notices.Notice) -> None:
    """Every field of a notice stands in its line, nested ones too."""
    wrapper.face.show(notice)
    line = await wrapper.line()
    assert set(line) - {"event"} == {field.name for field in dataclasses.fields(notice)}


def test_every_event_and_command_is_documented() -> None:
    """docs/json_face.md names each notice, each field of it, and each command."""
    text = (Path(__file__).parents[3] / "docs" / "json_face.md").read_text()
    for notice in typing.get_args(notices.Notice):
        name = re.sub(r"(?<!^)(?=[A-Z])", "-", notice.__name__).lower()
        assert f"`{name}`" in text
        for field in dataclasses.fields(notice):
            assert f"`{field.name}`" in text, f"{name}.{field.name}"
    for field in dataclasses.fields(face_module.ConsentQuestion):
        assert f'"{field.name}":' in text
    for line in json_lines.Line.__subclasses__():
        assert f"`{line.__struct_config__.tag}`" in text
