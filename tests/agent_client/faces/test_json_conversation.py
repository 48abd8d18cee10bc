"""What every JSON conversation does, over the pipes of a wrapper and at the customer's local page alike."""

import asyncio
import base64
import dataclasses
import re
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
from agent_client.screens.request_screen import SETTLE_MS
from protocol.grants import Scope
from tests.agent_client.faces.carriers import Carrier, LocalPage, Pipes

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


@pytest.fixture(params=[Pipes, LocalPage])
async def carrier(request: pytest.FixtureRequest) -> AsyncIterator[Carrier]:
    carrier: Carrier = request.param()
    as_face: Face = carrier.face
    assert as_face.room_size is None
    await carrier.open()
    yield carrier
    await carrier.close()


async def ask(
    carrier: Carrier, question: ConsentQuestion = QUESTION
) -> tuple["asyncio.Task[ConsentAnswer]", dict[str, Any]]:
    """The question stands, and has stood for a moment."""
    deciding = asyncio.create_task(carrier.face.decide(question))
    asked = await carrier.line()
    carrier.now_ms += SETTLE_MS
    return deciding, asked


async def test_question_and_answer(carrier: Carrier) -> None:
    """The whole question goes out escaped; a narrower answer comes back."""
    deciding, asked = await ask(carrier)
    assert asked["event"] == "consent-question"
    assert asked["scopes"] == ["shell", "view"]
    assert asked["name"] == carrier.shown(QUESTION.name)
    await carrier.send(
        {"command": "answer", "question": asked["question"], "allow": True, "scopes": ["view"], "minutes": 10}
    )
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset({Scope.VIEW}), minutes=10)


async def test_plain_allow_means_all_that_was_asked(carrier: Carrier) -> None:
    """Scopes and minutes left out are those of the question."""
    deciding, _ = await ask(carrier)
    await carrier.send({"command": "answer", "question": 1, "allow": True})
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
        ({"minutes": 0}, "nothing-allowed"),
        ({"minutes": -1}, "not-understood"),
        ({"extra": 1}, "not-understood"),
    ],
)
async def test_wrong_answers_leave_the_question_open(carrier: Carrier, change: dict[str, Any], code: str) -> None:
    """An answer that cannot be meant so grants nothing; a later no still counts."""
    deciding, _ = await ask(carrier)
    await carrier.send({"command": "answer", "question": 1, "allow": True, **change})
    assert (await carrier.line())["code"] == code
    await carrier.send({"command": "answer", "question": 1, "allow": False})
    assert await deciding == DENIED


async def test_allow_too_early_does_not_count(carrier: Carrier) -> None:
    """Powerful scopes cannot be allowed before the pause is over; after it they can."""
    carrier.now_ms = 2_000
    deciding = asyncio.create_task(carrier.face.decide(QUESTION))
    asked = await carrier.line()
    assert asked["allow_not_before_ms"] == QUESTION.allow_not_before_ms
    carrier.now_ms = 3_999
    await carrier.send({"command": "answer", "question": 1, "allow": True})
    assert (await carrier.line())["code"] == "too-early"
    carrier.now_ms = 4_000
    await carrier.send({"command": "answer", "question": 1, "allow": True})
    assert (await deciding).allowed


async def test_more_time_alone_can_be_allowed(carrier: Carrier) -> None:
    """A raise without new scopes is answered with none."""
    deciding, _ = await ask(carrier, dataclasses.replace(QUESTION, scopes=frozenset(), is_raise=True))
    await carrier.send({"command": "answer", "question": 1, "allow": True})
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset(), minutes=30)


@pytest.mark.parametrize(("scopes", "minutes"), [(["view"], 0), ([], 10), (["view", "shell"], 10)])
async def test_of_a_raise_either_can_be_allowed_alone(carrier: Carrier, scopes: list[str], minutes: int) -> None:
    """The new scopes for the time that is left, or time for what is allowed already; nothing of both is no answer."""
    deciding, _ = await ask(carrier, dataclasses.replace(QUESTION, is_raise=True))
    await carrier.send({"command": "answer", "question": 1, "allow": True, "scopes": [], "minutes": 0})
    assert (await carrier.line())["code"] == "nothing-allowed"
    await carrier.send({"command": "answer", "question": 1, "allow": True, "scopes": scopes, "minutes": minutes})
    answer = await deciding
    assert answer == ConsentAnswer(allowed=True, scopes=frozenset(map(Scope, scopes)), minutes=minutes)


async def test_a_take_over_is_asked_with_whoever_leaves(carrier: Carrier) -> None:
    """The whole of them goes out; an answer gives scopes, all or a part, and has no minutes to give."""
    bob = notices.Present(2, "Bob", "1043", QUESTION.scopes, 900_000)
    taking_over = dataclasses.replace(QUESTION, minutes=0, is_raise=False, takes_over=bob)
    deciding, asked = await ask(carrier, taking_over)
    assert asked["takes_over"] == {
        "participant": 2, "name": "Bob", "staff_number": "1043", "scopes": ["shell", "view"], "expires_at_ms": 900_000,
    }  # fmt: skip
    for wrong, code in (({"minutes": 5}, "more-than-asked"), ({"scopes": []}, "nothing-allowed")):
        await carrier.send({"command": "answer", "question": 1, "allow": True, **wrong})
        assert (await carrier.line())["code"] == code
    await carrier.send({"command": "answer", "question": 1, "allow": True, "scopes": ["view"]})
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset({Scope.VIEW}), minutes=0)


async def test_withdrawn_question(carrier: Carrier) -> None:
    """A question that the session takes back is announced as such and cannot be answered any more."""
    deciding, _ = await ask(carrier)
    deciding.cancel()
    assert await carrier.line() == {"event": "consent-question-withdrawn", "question": 1}
    await carrier.send({"command": "answer", "question": 1, "allow": True})
    assert (await carrier.line())["code"] == "no-such-question"


async def test_commands(carrier: Carrier) -> None:
    """Each command becomes one command, in order."""
    await carrier.send({"command": "watch", "columns": 80, "rows": 24})
    await carrier.send({"command": "type", "data": base64.b64encode(b"ls\r\x00").decode()})
    for name in ("pause", "resume", "new-code", "cancel-code"):
        await carrier.send({"command": name})
    await carrier.send({"command": "narrow", "participant": 2, "scopes": ["view"]})
    await carrier.send({"command": "say", "text": "谢谢\nthank you"})
    await carrier.send({"command": "end"})
    commands = carrier.face.commands()
    assert [await anext(commands) for _ in range(9)] == [
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


async def test_rating(carrier: Carrier) -> None:
    """A rating is asked once and taken once."""
    rating = asyncio.create_task(carrier.face.rate())
    assert await carrier.line() == {"event": "rating-question"}
    await carrier.send({"command": "rate", "stars": 6})
    assert (await carrier.line())["code"] == "not-understood"
    await carrier.send({"command": "rate", "stars": 5, "solved": True, "comment": "谢谢"})
    assert await rating == Rating(5, True, "谢谢")
    await carrier.send({"command": "skip-rating"})
    assert (await carrier.line())["code"] == "no-such-question"


@pytest.mark.parametrize(
    "junk",
    [
        b"hello",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"command":"launch"}\n',
        b'{"command":["end"]}\n',
        b"null",
        b'{"command":"type","data":"%%%"}\n',
        b'{"command":"watch","columns":1e9,"rows":3}\n',
    ],
)
async def test_hostile_lines_get_one_error_line(carrier: Carrier, junk: bytes) -> None:
    """Whatever comes in: one error line out, and the next command still works."""
    taking = asyncio.create_task(anext(carrier.face.commands()))
    await carrier.send_raw(junk)
    await carrier.send({"command": "pause"})
    assert (await carrier.line())["event"] == "input-error"
    assert await taking == Pause()


async def test_progress_is_not_chatty(carrier: Carrier) -> None:
    """Of many progress notices within a moment the first one is written, and the one that says that all is safe."""
    for acked in range(100):
        carrier.face.show(notices.RecorderProgress(100, acked))
    carrier.face.show(notices.RecorderProgress(100, 100))
    assert (await carrier.line())["acked_bytes"] == 0
    assert (await carrier.line())["acked_bytes"] == 100


EXAMPLES: list[notices.Notice] = [
    notices.SessionLive((notices.Present(1, "Ann", "7", frozenset({Scope.SHELL}), 9),)),
    notices.SessionSummary(("Ann",), 1, 2, "expired", 0, (notices.FileTouched(1, "/a", "read", 3),), 4, True),
    notices.ConnectionState("broker", False, 12),
    notices.GrantChanged(1, frozenset(), 5),
    notices.ChatSaid(3, 1, "Ann", 7, "one\n\x1b[2Jtwo \u202e"),
    notices.ChatRefused("too-fast"),
    notices.TakenOver(2, "Bob", 1, "Ann"),
]


@pytest.mark.parametrize("notice", EXAMPLES, ids=lambda notice: type(notice).__name__)
async def test_notices_go_out_whole(carrier: Carrier, notice: notices.Notice) -> None:
    """Every field of a notice stands in its line, nested ones too."""
    carrier.face.show(notice)
    line = await carrier.line()
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
