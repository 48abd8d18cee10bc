"""What an engineer does in a session that runs: from another process, with nothing but the files of the session."""

import asyncio
import json
from typing import Literal

import pytest

from engineer_client import end as ending
from engineer_client import notes, shell
from engineer_client.connect import LiveSession
from engineer_client.control import AccessDenied, SessionHasEnded
from engineer_client.login import Login, api_of, refresh_profile
from engineer_client.request_more import NothingRequested, TakeOverNotKnown, request_more, take_over
from engineer_client.session_files import NoSuchSession, find_session
from protocol.grants import Scope
from protocol.messages.control import Denied, TakeOver
from tests.broker.harness import RunningBroker
from tests.engineer_client.conftest import Desk
from tests.engineer_client.customer import Customer, denied, granted
from tests.helpers.waiting import PATIENCE_SECONDS, until


async def test_more_is_asked_for_and_granted(desk: Desk, live: LiveSession, customer: Customer) -> None:
    """`request-more`: the customer sees why; what they allow is kept, and listed by `sessions`."""
    customer.answer = lambda _: granted(scopes=(Scope.SHELL, Scope.FILES_WRITE))
    done = await desk.run("request-more", "--scope", "files:w", "--reason", "to put the fixed file in place", "--json")
    assert json.loads(done.out)["scopes"] == ["shell", "files:w"]
    assert customer.requests[-1].reason == "to put the fixed file in place"
    rows = json.loads((await desk.run("sessions", "--json")).out)
    assert [(row["alias"], row["session_id"], row["scopes"]) for row in rows] == [
        ("till", customer.session_id.hex(), ["shell", "files:w"])
    ]


async def test_a_no_to_more_changes_nothing(live: LiveSession, customer: Customer) -> None:
    """What was granted before stays granted."""
    customer.answer = lambda _: denied()
    with pytest.raises(AccessDenied):
        await request_more(live.files, (Scope.ROOT,), 0, "because")
    assert live.files.load_facts().scopes == (Scope.SHELL,)
    with pytest.raises(NothingRequested):
        await request_more(live.files, (), 0, "because")


async def test_taking_over_is_asked_for_and_granted(desk: Desk, live: LiveSession, customer: Customer) -> None:
    """`take-over`: the customer sees from whom and why; what they allow is kept, with its time."""
    customer.answer = lambda _: granted(scopes=(Scope.SHELL, Scope.FILES_READ))
    done = await desk.run("take-over", "till", "--from", "E-18", "--reason", "end of the shift")
    assert done.out.startswith("You have taken over: shell, files:r, until"), done.err
    assert customer.requests[-1] == TakeOver(staff_number="E-18", reason="end of the shift")
    assert live.files.load_facts().scopes == (Scope.SHELL, Scope.FILES_READ)


@pytest.mark.parametrize(("reason", "sentence"), [("nobody", "nobody to take over from"), ("several", "--from")])
async def test_why_there_is_nothing_to_take_over(
    desk: Desk, live: LiveSession, customer: Customer, reason: Literal["nobody", "several"], sentence: str
) -> None:
    """In words that say what to do; nothing has changed."""
    customer.answer = lambda _: Denied(reason=reason)
    done = await desk.run("take-over", "--reason", "end of the shift")
    assert done.status == 1
    assert sentence in done.err
    assert live.files.load_facts().scopes == (Scope.SHELL,)


async def test_an_agent_from_before_take_overs_says_so(live: LiveSession, customer: Customer) -> None:
    """It ends the stream at the word; the engineer hears what to do instead."""
    customer.knows_chat = False
    with pytest.raises(TakeOverNotKnown, match="request-more"):
        await take_over(live.files, "", "end of the shift")


async def test_the_end_takes_everything_along(
    desk: Desk, live: LiveSession, customer: Customer, broker: RunningBroker
) -> None:
    """After `end`, the customer's agent has ended it, and this machine has no key and no name of it."""
    await live.aclose()  # `connect` has returned long ago
    done = await desk.run("end", customer.session_id.hex()[:8])
    assert (done.status, done.out) == (0, "till is ended.\n"), done.err
    assert list(desk.state.sessions.iterdir()) == []
    assert "Host" not in desk.state.ssh_config.read_text()
    sessions = broker.server.broker.services.sessions
    await until(lambda: not len(sessions))  # the agent tells the broker when every engineer has hung up
    await sessions.end_noted(customer.session_id)
    rows = json.loads((await desk.run("sessions", "--all", "--json")).out)
    assert [(row["state"], row["end_reason"]) for row in rows] == [("ended", "engineer-ended")]


async def test_an_agent_that_does_not_react_is_ended_by_the_broker(
    desk: Desk, login: Login, live: LiveSession, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the agent does not confirm, the broker is asked instead; nothing is left here."""
    monkeypatch.setattr(shell, "END_TIMEOUT_SECONDS", 0.05)
    customer.hangs = True
    await ending.end(desk.state, live.files, api_of(login, await refresh_profile(desk.state, login)))
    await asyncio.wait_for(customer.end_requested.wait(), PATIENCE_SECONDS)
    assert list(desk.state.sessions.iterdir()) == []


async def test_a_session_that_is_over_already_is_forgotten(
    desk: Desk, login: Login, live: LiveSession, customer: Customer
) -> None:
    """`end` after the customer's own end is no error: it tidies up."""
    ended = asyncio.create_task(customer.end("customer-ended"), name="customer ends")
    with pytest.raises(SessionHasEnded) as caught:
        await live.conversation.receive()
    await ended
    assert caught.value.fields["reason"] == "customer-ended"
    await ending.end(desk.state, live.files, api_of(login, await refresh_profile(desk.state, login)))
    with pytest.raises(NoSuchSession):
        find_session(desk.state, "till", 0)


async def test_notes_are_kept_and_listed(desk: Desk, live: LiveSession, customer: Customer) -> None:
    """By the alias or the number, also from standard input; the list has author and text."""
    assert (await desk.run("note", customer.session_id.hex(), "-", given="two\nlines\x1b[2J\n")).status == 0
    told = await desk.run("note", "till")
    assert "Wei Example (E-1)" in told.out
    assert "    two\n    lines\\x1b[2J\n" in told.out


async def test_a_note_that_the_broker_would_refuse_is_refused_here(login: Login, desk: Desk) -> None:
    """Empty or too long: one sentence, no request."""
    api = api_of(login, await refresh_profile(desk.state, login))
    for text in ("", " \n ", "x" * 4001):
        with pytest.raises(notes.NoteUnusable):
            notes.add_note(api, "0" * 32, text)


async def test_stock_ssh_knows_the_session_by_its_alias(desk: Desk, live: LiveSession) -> None:
    """The entry, the pinned host key and the identity fit together, with no word of warning."""
    done = await desk.ssh("till", "exit", "9")
    assert (done.status, done.out, done.err) == (9, "ran exit 9\n", "")


async def test_another_host_key_is_refused_by_stock_ssh(desk: Desk, live: LiveSession) -> None:
    """Whoever answers in the agent's place has no key that the pairing proved."""
    other = "AAAAC3NzaC1lZDI1NTE5AAAAIA" + "A" * 42
    live.files.known_hosts.write_text(f"{live.facts.host_key_alias} ssh-ed25519 {other}\n")
    done = await desk.ssh("till", "exit", "0")
    assert done.status == 255
    assert "ran" not in done.out
