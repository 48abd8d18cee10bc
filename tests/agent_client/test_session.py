"""A session as a whole, through a real broker: one way in, one way out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from agent_client import broker_link, closing, session
from agent_client.attendance import Attendance
from agent_client.closing import ClosedSession
from agent_client.faces import notices
from agent_client.faces.face import End, Narrow, NewCode, Rating
from agent_client.host import unix_ms
from agent_client.live import LiveSession
from agent_client.recorder import recorder, upload
from agent_client.recorder.limits import RecorderLimits, limits_for
from engineer_client.control import Conversation
from engineer_client.pairing import WrongCode
from protocol.codes import parse_code
from protocol.events import (
    ClockCompared,
    ConsentAnswered,
    ConsentAsked,
    GrantChanged,
    ManifestRecorded,
    ParticipantJoined,
    ParticipantLeft,
    SessionClosing,
    SessionStopped,
)
from protocol.grants import Scope
from protocol.messages.agent import AskForHelp, EndRequested, RatingKept, StopRequested
from protocol.messages.control import ColleagueInvited, Denied, EndSession, Granted, InviteColleague
from protocol.receipts import open_receipt
from protocol.stream_frames import StreamKind
from tests.agent_client.conftest import CustomerSession, Support, VisitingEngineer
from tests.agent_client.people import CustomerAtTest
from tests.broker.harness import add_user
from tests.helpers.waiting import PATIENCE_SECONDS
from tunnel import agent_legs
from tunnel.backoff import Backoff
from tunnel.engineer_stream import StreamUnavailable, open_stream
from tunnel.stream_connection import StreamEnded
from tunnel.tasks import TaskGroupOwner


@asynccontextmanager
async def sharing(
    support: Support, face: CustomerAtTest | None = None
) -> AsyncIterator[tuple[CustomerSession, "asyncio.Task[ClosedSession]"]]:
    """A customer whose session runs."""
    async with support.customer(face) as customer:
        running = asyncio.create_task(customer.session.run())
        try:
            yield customer, running
        finally:
            customer.session.end("customer-ended")
            await asyncio.wait([running])


async def allowed(customer: CustomerSession, engineer: VisitingEngineer, talk: Conversation, *scopes: Scope) -> Granted:
    asked_before = len(customer.face.questions)
    await talk.send(engineer.request(*scopes))
    customer.face.allow(await customer.face.asked(asked_before + 1))
    granted = await talk.receive()
    assert isinstance(granted, Granted)
    return granted


async def ssh_answer(engineer: VisitingEngineer) -> bytes:
    """The first bytes that an SSH stream of this engineer gets; none where it is closed or refused."""
    tasks = TaskGroupOwner()
    try:
        stream = await open_stream(engineer.session, StreamKind.SSH, tasks=tasks)
        answer = await stream.read()
        stream.kill()
        return answer
    except (StreamUnavailable, StreamEnded):
        return b""
    finally:
        await tasks.aclose()


async def test_from_code_to_receipt(support: Support) -> None:
    """The recording at the organisation holds everything in order, and the receipt on the customer's disk fits it."""
    face = CustomerAtTest(rating=Rating(5, True, "thank you"))
    async with sharing(support, face) as (customer, running):
        engineer = await support.pair((await face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await allowed(customer, engineer, talk)
            await talk.send(EndSession())
            assert await talk.await_end() == "engineer-ended"
        closed = await running
    events, is_whole = support.recorded(customer.identity.opened.session_id)
    assert is_whole
    assert [type(event) for event in events] == [
        ManifestRecorded,
        ClockCompared,
        ParticipantJoined,
        ConsentAsked,
        ConsentAnswered,
        GrantChanged,
        ParticipantLeft,
        SessionClosing,
    ]
    assert closed.receipt is not None
    receipt = open_receipt(closed.receipt.read_text())
    assert [one.name for one in receipt.engineers] == ["Wei Example"]
    assert receipt.scopes == (Scope.FILES_READ,)
    assert face.of(notices.SessionSummary)[0].delivered
    listed = (await support.broker.request("GET", "/v1/sessions", token=await support.broker.login())).json
    assert [one["end_reason"] for one in listed["sessions"]] == ["engineer-ended"]


async def test_an_engineer_without_a_yes_gets_no_ssh(support: Support) -> None:
    """Paired and asking is not in: their streams are closed, while the question stands and after a no."""
    async with sharing(support) as (customer, running):
        engineer = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        assert await ssh_answer(engineer) == b""
        async with engineer.conversation() as talk:
            await talk.send(engineer.request())
            question = await customer.face.asked()
            assert await ssh_answer(engineer) == b""
            customer.face.deny(question)
            assert await talk.receive() == Denied(reason="customer")
        assert (await running).reason == "denied"
    assert not (support.settings.records_folder / customer.identity.opened.session_id.hex()).exists()


async def test_keys_that_the_agent_never_agreed_on_open_nothing(support: Support) -> None:
    """A relay ticket alone, with a pairing or a key that was made up, is refused."""
    async with sharing(support) as (customer, _):
        engineer = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        engineer.session.stream_key = bytes(32)
        assert await ssh_answer(engineer) == b""


async def test_who_was_let_in_gets_ssh_until_it_is_taken_back(support: Support) -> None:
    """With one engineer narrowed to nothing, their streams are closed; the colleague's still open."""
    async with sharing(support) as (customer, _):
        first = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        async with first.conversation() as talk:
            await allowed(customer, first, talk)
            assert (await ssh_answer(first)).startswith(b"SSH-2.0-Consentry")
            customer.face.say(NewCode())
            second = await support.pair((await customer.face.shown(notices.CodeShown, 2)).code)
            async with second.conversation() as other:
                await allowed(customer, second, other)
                customer.face.say(Narrow(1, frozenset()))
                await customer.face.shown(notices.ParticipantLeft)
                assert await ssh_answer(first) == b""
                assert await ssh_answer(second) != b""


async def test_who_hangs_up_while_asking_ends_what_was_only_for_them(support: Support) -> None:
    """The question leaves the screen with the engineer's program."""
    async with sharing(support) as (customer, running):
        engineer = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await talk.send(engineer.request())
            await customer.face.asked()
        assert (await running).reason == "engineer-ended"
    assert customer.face.withdrawn == customer.face.questions


async def test_three_wrong_codes_end_the_sharing(support: Support) -> None:
    """Somebody may be guessing: one sentence, no fourth code."""
    async with sharing(support) as (customer, running):
        for count in range(1, 4):
            code = parse_code((await customer.face.shown(notices.CodeShown, count)).code)
            wrong = replace(code, secret=f"{(int(code.secret) + 1) % 10**7:07}")
            with pytest.raises(WrongCode):
                await support.pair(str(wrong))
        assert (await running).reason == "denied"
    assert customer.face.of(notices.Failed)[0].sentence == str(session.TooManyWrongCodes())
    assert len(customer.face.of(notices.CodeShown)) == 3


async def test_the_end_kills_first(support: Support, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grants are gone, then whatever runs is dead; only then is anybody told, and the books are closed."""
    order: list[str] = []

    def noting(owner: Any, name: str, word: str) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def noted(*arguments: Any, **options: Any) -> Any:
            order.append(word)
            return real(*arguments, **options)

        monkeypatch.setattr(owner, name, noted)

    noting(Attendance, "end_all", "grants gone")
    noting(LiveSession, "kill", "killed")
    noting(Attendance, "tell_all", "told")
    noting(session, "close_session", "closed")
    async with sharing(support) as (customer, running):
        engineer = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await allowed(customer, engineer, talk)
            customer.face.say(End())
            assert await talk.await_end() == "customer-ended"
        await running
    assert order[:4] == ["grants gone", "killed", "told", "closed"]
    assert await ssh_answer(engineer) == b""


async def test_nobody_left_at_the_customers_end_ends_it(support: Support) -> None:
    """A session that nobody could stop any more is stopped."""
    async with sharing(support) as (customer, running):
        await customer.face.shown(notices.CodeShown)
        customer.face.say(None)
        assert (await running).reason == "customer-ended"


async def test_the_broker_may_end_a_session(support: Support) -> None:
    """For a supervisor, or a machine that goes down; the reason is kept."""
    async with sharing(support) as (customer, running):
        await customer.face.shown(notices.CodeShown)
        customer.session.broker_says(EndRequested(reason="broker-ended"))
        customer.session.broker_says(RatingKept())
        assert (await running).reason == "broker-ended"


async def test_a_supervisors_stop_is_told_to_the_customer_and_recorded(support: Support) -> None:
    """Who and why stand on the screen, in the recording before it closes, and the receipt says that it was not the
    engineer."""
    stop = StopRequested(name="Su Example", staff_number="S-1", why="not who they say")
    async with sharing(support) as (customer, running):
        engineer = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await allowed(customer, engineer, talk)
            customer.session.broker_says(stop)
            customer.session.broker_says(stop)
            assert await talk.await_end() == "supervisor-ended"
        customer.session.broker_says(RatingKept())
        assert (await running).reason == "supervisor-ended"
    shown = [notice for notice in customer.face.notices if isinstance(notice, notices.Stopped)]
    assert shown == [notices.Stopped(stop.name, stop.staff_number, stop.why)]
    events, _ = support.recorded(customer.identity.opened.session_id)
    told = [(each.name, each.staff_number, each.why) for each in events if isinstance(each, SessionStopped)]
    assert told == [(stop.name, stop.staff_number, stop.why)]
    assert isinstance(events[-1], SessionClosing)
    assert events[-1].reason == "supervisor-ended"


async def test_who_asks_for_help_is_told_whom_to_expect(support: Support) -> None:
    """The words go to the organisation's queue; the name of who took them comes back, and the code is as it was."""
    await add_user(support.settings, "li", "E-2", name="Li Example")
    li = await support.broker.login("li")
    ask = AskForHelp(customer="Ann Example", words="receipts never arrive")
    async with support.customer(ask=ask) as customer:
        running = asyncio.create_task(customer.session.run())
        code = (await customer.face.shown(notices.CodeShown)).code
        assert customer.face.of(notices.HelpAsked) == [notices.HelpAsked(ask.words)]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := (await support.broker.request("GET", "/v1/requests", token=li)).json["requests"]):
                await asyncio.sleep(0.01)
        await support.broker.request("POST", f"/v1/requests/{found[0]['request_id']}/take", {}, token=li)
        assert await customer.face.shown(notices.HelpTaken) == notices.HelpTaken("Li Example", "E-2")
        await support.pair(code)
        assert (await support.broker.request("GET", "/v1/requests", token=li)).json["requests"] == []
        customer.session.end("customer-ended")
        await running


async def test_a_supervisor_joins_by_a_code_that_the_engineer_was_given(support: Support) -> None:
    """The engineer asks the agent, end to end; the customer sees who made the code, and says yes to the second person
    by name. Both stand in the recording and on the receipt; the second one sees, and does no more."""
    await add_user(support.settings, "su", "S-1", name="Su Example", role="supervisor")
    async with sharing(support) as (customer, running):
        first = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        async with first.conversation() as talk, first.conversation() as asking:
            await asking.send(InviteColleague())
            assert await asking.receive() == Denied(reason="policy")
            await allowed(customer, first, talk)
            await asking.send(InviteColleague())
            invited = await asking.receive()
            assert isinstance(invited, ColleagueInvited)
            assert invited.code == (await customer.face.shown(notices.CodeShown, 2)).code
            assert customer.face.of(notices.ColleagueInvited) == [notices.ColleagueInvited(1, "Wei Example")]
            await asking.send(InviteColleague())
            assert await asking.receive() == invited
            second = await support.pair(invited.code, user="su")
            async with second.conversation() as joining:
                granted = await allowed(customer, second, joining, Scope.VIEW)
                assert granted.scopes == (Scope.VIEW,)
                question = customer.face.questions[-1]
                assert (question.name, question.staff_number) == ("Su Example", "S-1")
                (joined,) = customer.face.of(notices.ParticipantJoined)
                assert (joined.participant.name, joined.participant.scopes) == ("Su Example", {Scope.VIEW})
                customer.face.say(End())
                await talk.await_end()
        closed = await running
    events, is_whole = support.recorded(customer.identity.opened.session_id)
    assert is_whole
    arrived = [(each.participant, each.name) for each in events if isinstance(each, ParticipantJoined)]
    assert arrived == [(1, "Wei Example"), (2, "Su Example")]
    assert closed.receipt is not None
    receipt = open_receipt(closed.receipt.read_text())
    assert [one.name for one in receipt.engineers] == ["Wei Example", "Su Example"]
    kept = (await support.broker.request("GET", "/v1/sessions", token=await support.broker.login("su"))).json
    assert [each["staff_number"] for each in kept["sessions"][0]["participants"]] == ["E-1", "S-1"]


async def test_every_connection_is_a_comparison_of_clocks(support: Support) -> None:
    """Both clocks are recorded when the session goes live and whenever the broker is met again."""
    async with sharing(support) as (customer, running):
        engineer = await support.pair((await customer.face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await allowed(customer, engineer, talk)
            customer.session.link_attached(clock_offset_ms=86_400_000)
            customer.session.end("customer-ended")
            await talk.await_end()
        await running
    events, _ = support.recorded(customer.identity.opened.session_id)
    compared = [event for event in events if isinstance(event, ClockCompared)]
    assert len(compared) == 2
    assert compared[1].agent_unix_ms - compared[1].broker_unix_ms == 86_400_000


async def test_goodbye_to_a_broker_that_is_away(support: Support, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer gets summary, receipt and their prompt back; what was not delivered waits in the spool."""

    def quick(policy: Any) -> RecorderLimits:
        return replace(limits_for(policy), finish_within_ms=100)

    monkeypatch.setattr(recorder, "limits_for", quick)
    monkeypatch.setattr(session, "LAST_WORDS_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr(closing, "RATING_CONFIRMED_WITHIN_SECONDS", 0.1)
    face = CustomerAtTest(rating=Rating(4, None, ""))
    async with sharing(support, face) as (customer, running):
        engineer = await support.pair((await face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await allowed(customer, engineer, talk)
        await support.stop()
        await face.until(
            lambda: (
                notices.ConnectionState("broker", connected=False)
                in [replace(one, waiting_since_ms=None) for one in face.of(notices.ConnectionState)]
            )
        )
        customer.session.end("customer-ended")
        async with asyncio.timeout(PATIENCE_SECONDS):
            closed = await running
    assert closed.receipt is not None
    assert closed.receipt.exists()
    assert not face.of(notices.SessionSummary)[0].delivered
    assert list((customer.settings.state / "spool").iterdir()) != []


async def test_a_broker_that_is_back_is_seen_at_once(support: Support, monkeypatch: pytest.MonkeyPatch) -> None:
    """Link and recorder would wait for an hour each: the first leg that gets through tells them, and so people."""
    an_hour = partial(Backoff, first_seconds=3600, longest_seconds=3600, random_fraction=lambda: 1.0)
    for patient in (broker_link, upload):
        monkeypatch.setattr(patient, "Backoff", an_hour)
    monkeypatch.setattr(agent_legs, "Backoff", lambda **_: Backoff(first_seconds=0.01, longest_seconds=0.01))
    async with sharing(support) as (customer, _):
        face = customer.face
        engineer = await support.pair((await face.shown(notices.CodeShown)).code)
        async with engineer.conversation() as talk:
            await allowed(customer, engineer, talk)
        await support.stop()
        for connection in ("broker", "records"):
            await face.connected(connection, False)
        await support.start()
        for connection in ("broker", "records"):
            await face.connected(connection, True)


async def test_a_broker_that_stays_away_too_long_ends_the_session(support: Support) -> None:
    """After the resume window of the profile, counted from the moment that it was lost."""
    async with sharing(support) as (customer, running):
        await customer.face.shown(notices.CodeShown)
        window_ms = support.profile.resume_window_seconds * 1000
        customer.session.link_waiting(since_ms=unix_ms() - window_ms - 1)
        assert (await running).reason == "lost"
