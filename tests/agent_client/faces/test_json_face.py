"""The JSON face over real pipes, as a wrapper has it: what is not the same on every carrier."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator

import pytest

from agent_client.faces import notices
from agent_client.faces.face import DENIED, End, Pause
from agent_client.faces.json_conversation import UNREAD_NOTICES_LIMIT_BYTES, UNREAD_OUTPUT_LIMIT_BYTES
from tests.agent_client.faces.carriers import Pipes
from tests.agent_client.faces.test_json_conversation import QUESTION


@pytest.fixture
async def wrapper() -> AsyncIterator[Pipes]:
    wrapper = Pipes()
    await wrapper.open()
    yield wrapper
    await wrapper.close()


async def test_blank_lines_say_nothing_and_the_last_may_lack_its_end(wrapper: Pipes) -> None:
    """As files that people wrote have it."""
    os.write(wrapper.to_face, b'\n  \n{"command":"pause"}\n{"command":"end"}')
    wrapper.close_input()
    assert [command async for command in wrapper.face.commands()] == [Pause(), End()]


async def test_a_line_without_end_gets_one_error_line(wrapper: Pipes) -> None:
    """It does not fill the memory, and the next command still works."""
    await wrapper.send_raw(b"x" * 200_000)
    await wrapper.send({"command": "pause"})
    assert (await wrapper.line())["code"] == "too-long"
    assert await anext(wrapper.face.commands()) == Pause()


async def test_closed_input_answers_no(wrapper: Pipes) -> None:
    """When nobody is there any more, open questions are answered with no, and so are later ones."""
    deciding = asyncio.create_task(wrapper.face.decide(QUESTION))
    await wrapper.line()
    wrapper.close_input()
    assert await deciding == DENIED
    assert await wrapper.face.decide(QUESTION) == DENIED
    assert await wrapper.face.rate() is None
    assert [command async for command in wrapper.face.commands()] == []


async def test_room_output_only_when_watched(wrapper: Pipes) -> None:
    """Nobody who did not ask gets the terminal's bytes; who asked gets them as they are."""
    wrapper.face.room_output(b"unseen")
    await wrapper.send({"command": "watch", "columns": 80, "rows": 24})
    await anext(wrapper.face.commands())
    wrapper.face.room_output(b"\x1b[31mred\xff")
    line = await wrapper.line()
    assert base64.b64decode(line["data"]) == b"\x1b[31mred\xff"


async def test_slow_wrapper_skips_output_and_is_told(wrapper: Pipes) -> None:
    """Output beyond the bound is skipped, counted and announced; the session never waits."""
    await wrapper.send({"command": "watch", "columns": 80, "rows": 24})
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


async def test_wrapper_that_never_reads_is_gone(wrapper: Pipes) -> None:
    """Notices are not skipped: a wrapper far behind on them does not watch, and the session hears that nobody does."""
    touched = notices.FileTouched(1, "/" + "x" * 60_000, "read", 1)
    for _ in range(UNREAD_NOTICES_LIMIT_BYTES // 60_000 + 3):
        wrapper.face.show(touched)
    assert [command async for command in wrapper.face.commands()] == []
    assert await wrapper.face.decide(QUESTION) == DENIED
