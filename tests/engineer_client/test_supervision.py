"""A supervisor's commands about a session of others, and what its engineer hears of them."""

import asyncio
import json
from pathlib import Path

import pytest

from engineer_client.connect import LiveSession
from engineer_client.control import SessionHasEnded
from engineer_client.login import log_in
from engineer_client.state import State
from engineer_client.supervision import told_why
from engineer_client.whispers import HeardWhispers, Whisper, whisper_lines
from tests.broker.harness import PASSWORD, RunningBroker, add_user
from tests.engineer_client.conftest import Desk
from tests.engineer_client.customer import Customer
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Wording

WHY = "the caller is not who they say"


@pytest.fixture
async def office(broker: RunningBroker, desk: Desk, tmp_path: Path) -> Desk:
    """A supervisor's machine."""
    await add_user(broker.settings, "su", "S-1", name="Su Example", role="supervisor")
    home = tmp_path / "supervisor"
    await log_in(State(home, home), desk.address, "su", lambda: PASSWORD, lambda: "")
    return Desk(State(home, home), desk.address)


async def test_a_supervisor_lists_whispers_and_stops_by_a_few_digits(
    broker: RunningBroker, desk: Desk, office: Desk, live: LiveSession, customer: Customer
) -> None:
    """The engineer hears the whisper while they work and may answer; of the end they are told who and why."""
    number = customer.session_id.hex()
    rows = json.loads((await office.run("sessions", "--everybody", "--json")).out)
    assert [(row["session_id"], row["participants"][0]["staff_number"]) for row in rows] == [(number, "E-1")]
    for team, count in (("-", 1), ("Berlin", 0)):
        rows = json.loads((await office.run("sessions", "--team", team, "--json")).out)
        assert len(rows) == count, team
    called = {"customer": "Ann", "words": "receipts never arrive"}
    asked = await broker.request("POST", "/v1/requests", called, token=await broker.login("su"))
    request = str(asked.json["request_id"])
    assert (await desk.run("queue", "--take", request)).status == 0
    assert (await desk.run("queue", "--helped", request, "--session", "till")).status == 0
    assert json.loads((await office.run("sessions", "--everybody", "--json")).out)[0]["tier"] == "standard"
    heard: asyncio.Queue[Whisper] = asyncio.Queue()
    with HeardWhispers(desk.state, number, heard.put_nowait).heard():
        said = await office.run("whisper", number[:10], "Ask for the model first.")
        assert said.status == 0, said.err
        whisper = await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)
    assert (whisper.name, whisper.text, whisper.mine) == ("Su Example", "Ask for the model first.", False)
    assert (await desk.run("whisper", "till", "-", given="I do.\n")).status == 0
    answered = json.loads((await office.run("whisper", number, "--json")).out)
    assert [(each["name"], each["mine"]) for each in answered] == [("Su Example", True), ("Wei Example", False)]
    assert customer.lines == []
    stopped = await office.run("end", number[:10], "--reason", WHY)
    assert stopped.status == 0, stopped.err
    with pytest.raises(SessionHasEnded) as over:
        await asyncio.wait_for(live.conversation.receive(), PATIENCE_SECONDS)
    assert over.value.fields["reason"] == "supervisor-ended"
    told = await asyncio.to_thread(told_why, desk.state, number)
    assert told is not None
    assert (told.name, told.why) == ("Su Example", WHY)


async def test_an_engineer_cannot_do_it(desk: Desk, office: Desk, live: LiveSession, customer: Customer) -> None:
    """Neither list what everybody does nor stop what they take part in, in a supervisor's name; nor may a supervisor
    end by the dozen."""
    listed = await desk.run("sessions", "--everybody")
    assert (listed.status, "role" in listed.err) == (1, True)
    assert (await desk.run("end", "till", "--reason", WHY)).status == 1
    assert "name the one session" in (await office.run("end", "--all", "--reason", WHY)).err
    unclear = await office.run("whisper", "f" * 31, "hello")
    assert "0 running sessions begin with" in unclear.err


def test_a_whisper_is_shown_and_does_nothing() -> None:
    """Names and words are escaped."""
    said = Whisper(number=1, name="S\x1bu", staff_number="S-1", said_at_ms=0, text="one\x1b[2J\ntwo", mine=False)
    first, second = whisper_lines(said, Wording("en"))
    assert first.endswith("  S\\x1bu whispers: one\\x1b[2J")
    assert second.strip() == "two"
