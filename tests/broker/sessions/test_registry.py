"""The life of a session, with both clocks in hand and a real database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from broker.config import Settings
from broker.organisation.engineers import Engineer
from broker.relay.tickets import LegTickets
from broker.sessions.lines import Lines
from broker.sessions.registry import END_GRACE_MS, UNPAIRED_LIFE_MS, SessionLimits, Sessions
from broker.sessions.session import (
    EngineerBusy,
    Session,
    SessionOver,
    SessionTokenWrong,
    SessionUnknown,
    Stop,
    TooManySessions,
)
from broker.storage import MIGRATIONS
from broker.storage.sessions import SqlSessions
from broker.storage.users import SqlUsers
from protocol.errors import PeerError
from protocol.grants import Scope
from protocol.messages.agent import BrokerToAgent, EndRequested, StopRequested
from serving.database import Database, open_database
from tests.broker.harness import BOX, FakeClock, add_user

AGENT_KEY = b"\x01" * 32
RESUME_WINDOW_MS = 600_000
LIMITS = SessionLimits(
    max_sessions=3, max_sessions_per_engineer=2, max_session_ms=8 * 3_600_000, resume_window_ms=RESUME_WINDOW_MS
)


class RememberingRelay:
    """Which sessions' legs would be admitted, and who was cut off."""

    def __init__(self) -> None:
        self.open: set[bytes] = set()
        self.revoked: list[tuple[bytes, bytes]] = []

    def session_opened(self, session_id: bytes) -> None:
        self.open.add(session_id)

    def session_closed(self, session_id: bytes) -> None:
        self.open.remove(session_id)

    def revoke(self, session_id: bytes, participant: bytes) -> None:
        self.revoked.append((session_id, participant))


@dataclass
class RememberingLine:
    said: list[BrokerToAgent] = field(default_factory=list)
    hung_up: str = ""

    def send(self, message: BrokerToAgent) -> None:
        self.said.append(message)

    def hang_up(self, reason: str) -> None:
        self.hung_up = reason


class House:
    """A registry on a database; `restart` makes a new one on the same database, as after kill -9."""

    def __init__(self, database: Database, engineers: list[Engineer]) -> None:
        self.database = database
        self.clock = FakeClock()
        self.tickets = LegTickets(b"\x07" * 32)
        self.engineer, self.colleague = engineers
        self.ended: list[Session] = []
        self.restart()

    def restart(self) -> None:
        self.relay, self.lines = RememberingRelay(), Lines()
        self.store = SqlSessions(self.database)
        self.sessions = Sessions(self.store, self.relay, self.tickets, self.lines, self.clock, LIMITS)

        async def remember(session: Session) -> None:
            self.ended.append(session)

        self.sessions.when_ended(remember)

    async def open(self) -> tuple[Session, bytes, RememberingLine]:
        session, token = await self.sessions.open(AGENT_KEY, "en")
        line = RememberingLine()
        self.sessions.connect(session, line)
        return session, token, line


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    settings.data_folder.mkdir()
    await add_user(settings, "wei", "E-1")
    await add_user(settings, "li", "E-2")
    database = await open_database(settings.database_file, MIGRATIONS)
    users = {user.user_name: user for user in await SqlUsers(database, BOX).all()}
    yield House(database, [users["wei"], users["li"]])
    await database.aclose()


async def test_a_session_goes_from_waiting_to_paired_to_live_to_ended(house: House) -> None:
    """And the store says so at each step."""
    session, _, _ = await house.open()
    states = [(await house.store.find(session.session_id)).state]  # type: ignore[union-attr]
    ticket = house.tickets.check(await house.sessions.admit(session.session_id, house.engineer), house.clock.unix_ms())
    states.append((await house.store.find(session.session_id)).state)  # type: ignore[union-attr]
    await house.sessions.report_grant(session.session_id, "E-1", (Scope.SHELL,), 5)
    states.append((await house.store.find(session.session_id)).state)  # type: ignore[union-attr]
    await house.sessions.end(session.session_id, "customer-ended", 12)
    kept = await house.store.find(session.session_id)
    assert kept is not None
    assert [*states, kept.state] == ["waiting", "paired", "live", "ended"]
    assert (ticket.role, ticket.session_id, ticket.participant) == ("engineer", session.session_id, b"\x00\x01")
    assert (kept.end_reason, kept.record_count, kept.participants[0].scopes) == ("customer-ended", 12, (Scope.SHELL,))
    assert house.relay.open == set()
    assert house.ended == [session]


async def test_the_first_end_counts(house: House) -> None:
    """A second one, from whatever side, changes nothing."""
    session, _, _ = await house.open()
    await house.sessions.end(session.session_id, "customer-ended", 12)
    await house.sessions.end(session.session_id, "lost", 13)
    kept = await house.store.find(session.session_id)
    assert kept is not None
    assert (kept.end_reason, kept.record_count) == ("customer-ended", 12)


async def test_an_agent_that_stays_away_is_abandoned(house: House) -> None:
    """Not a moment before the resume window is over, and its relay legs are gone with it."""
    session, _, line = await house.open()
    assert house.sessions.disconnect(session.session_id, line)
    house.clock.advance(RESUME_WINDOW_MS - 1)
    await house.sessions.handle_time()
    assert house.relay.open == {session.session_id}
    house.clock.advance(1)
    await house.sessions.handle_time()
    assert [one.end_reason for one in house.ended] == ["abandoned"]
    assert house.relay.open == set()


async def test_an_agent_that_comes_back_goes_on(house: House) -> None:
    """With its token, as often as it has to."""
    session, token, line = await house.open()
    for _ in range(3):
        house.sessions.disconnect(session.session_id, line)
        house.clock.advance(RESUME_WINDOW_MS - 1)
        await house.sessions.handle_time()
        assert house.sessions.connect(await house.sessions.check_token(session.session_id, token), line) is None
    house.clock.advance(RESUME_WINDOW_MS)
    await house.sessions.handle_time()
    assert house.ended == []


async def test_the_newest_attachment_wins(house: House) -> None:
    """The older line is hung up, and its going away is not the agent's."""
    session, _, older = await house.open()
    newer = RememberingLine()
    house.sessions.connect(session, newer)
    assert older.hung_up == "replaced"
    assert not house.sessions.disconnect(session.session_id, older)
    assert house.lines.send(session.session_id, EndRequested(reason="idle"))
    assert newer.said == [EndRequested(reason="idle")]


async def test_only_its_token_opens_a_session_again(house: House) -> None:
    """A wrong one and an unknown session are refused alike."""
    session, token, _ = await house.open()
    for session_id, tried in ((session.session_id, b"\x00" * 32), (b"\x00" * 16, token)):
        with pytest.raises(SessionTokenWrong):
            await house.sessions.check_token(session_id, tried)


async def test_a_restart_takes_up_what_had_not_ended(house: House) -> None:
    """Legs are admitted at once; agents have the resume window to come back, counted from the start."""
    session, token, _ = await house.open()
    await house.sessions.admit(session.session_id, house.engineer)
    over, _, _ = await house.open()
    await house.sessions.end(over.session_id, "denied")
    house.clock.advance(RESUME_WINDOW_MS * 2)
    house.restart()
    await house.sessions.start()
    assert house.relay.open == {session.session_id}
    again = await house.sessions.check_token(session.session_id, token)
    assert again.participants[0].staff_number == "E-1"
    house.clock.advance(RESUME_WINDOW_MS - 1)
    await house.sessions.handle_time()
    assert house.relay.open == {session.session_id}
    house.clock.advance(1)
    await house.sessions.handle_time()
    assert house.relay.open == set()


async def test_a_token_outlives_its_session(house: House) -> None:
    """A recorder must deliver what it had spooled, and a customer may still rate, also after a restart."""
    session, token, _ = await house.open()
    await house.sessions.end(session.session_id, "abandoned")
    house.restart()
    await house.sessions.start()
    ended = await house.sessions.check_token(session.session_id, token)
    assert house.sessions.connect(ended, RememberingLine()) == EndRequested(reason="abandoned")
    with pytest.raises(SessionOver):
        house.sessions.check_open(ended)


async def test_who_asks_while_the_end_is_being_noted_is_told_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorder that comes just then would otherwise hold a session that never ends, and its recording stays open."""
    session, token, _ = await house.open()
    seen: list[str] = []
    note_end = house.store.end

    async def ask_before_it_is_noted(*facts: Any) -> None:
        seen.append((await house.sessions.check_token(session.session_id, token)).state)
        await note_end(*facts)

    monkeypatch.setattr(house.store, "end", ask_before_it_is_noted)
    await house.sessions.end(session.session_id, "customer-ended", 0)
    assert seen == ["ended"]


async def test_an_agent_that_does_not_obey_is_cut_off(house: House) -> None:
    """It is asked once, gets time to seal its recording, then loses its legs."""
    session, _, line = await house.open()
    await house.sessions.ask_to_end(session.session_id, "engineer-ended")
    await house.sessions.ask_to_end(session.session_id, "expired")
    assert line.said == [EndRequested(reason="engineer-ended")]
    house.clock.advance(END_GRACE_MS - 1)
    await house.sessions.handle_time()
    assert house.ended == []
    with pytest.raises(SessionOver):
        await house.sessions.admit(session.session_id, house.engineer)
    house.clock.advance(1)
    await house.sessions.handle_time()
    assert [one.end_reason for one in house.ended] == ["engineer-ended"]


async def test_ending_the_session_of_an_absent_agent_ends_it_at_once(house: House) -> None:
    """Nobody is there to be asked; when the agent comes back it hears why."""
    session, token, line = await house.open()
    house.sessions.disconnect(session.session_id, line)
    await house.sessions.ask_to_end(session.session_id, "engineer-ended")
    assert house.relay.open == set()
    again = await house.sessions.check_token(session.session_id, token)
    assert house.sessions.connect(again, line) == EndRequested(reason="engineer-ended")


async def test_a_supervisors_stop_says_who_and_why_also_to_an_agent_that_comes_back(house: House) -> None:
    """It is on the disk before the agent hears of it, and a second stop changes nothing."""
    session, token, line = await house.open()
    stop = Stop("Su Example", "S-1", "the caller is not who they say")
    told = StopRequested(name=stop.name, staff_number=stop.staff_number, why=stop.why)
    await house.sessions.stop(session.session_id, stop)
    with pytest.raises(SessionOver):
        await house.sessions.stop(session.session_id, Stop("Other", "S-2", "too late"))
    assert line.said == [told]
    kept = await house.store.find(session.session_id)
    assert kept is not None
    assert kept.stop == stop
    newer = RememberingLine()
    assert house.sessions.connect(session, newer) == told
    # An agent that knows no stops has hung up twice by now: it is told in words of before.
    assert house.sessions.connect(session, newer) == EndRequested(reason="broker-ended")
    await house.sessions.end(session.session_id, "supervisor-ended")
    house.restart()
    again = await house.sessions.check_token(session.session_id, token)
    assert house.sessions.connect(again, line) == told


async def test_whoever_ended_it_first_is_the_one_who_is_told_of(house: House) -> None:
    """A supervisor who comes after the engineer has stopped nothing."""
    session, _, line = await house.open()
    await house.sessions.ask_to_end(session.session_id, "engineer-ended")
    with pytest.raises(SessionOver):
        await house.sessions.stop(session.session_id, Stop("Su Example", "S-1", "too late"))
    assert line.said == [EndRequested(reason="engineer-ended")]
    assert session.stop is None


@pytest.mark.parametrize(
    ("paired", "age_ms", "reason"), [(True, 8 * 3_600_000, "expired"), (False, UNPAIRED_LIFE_MS, "idle")]
)
async def test_no_session_is_for_ever(house: House, paired: bool, age_ms: int, reason: str) -> None:
    """Eight hours, or one hour if nobody ever came."""
    session, _, line = await house.open()
    if paired:
        await house.sessions.admit(session.session_id, house.engineer)
    house.clock.advance(age_ms - 1)
    await house.sessions.handle_time()
    assert line.said == []
    house.clock.advance(1)
    await house.sessions.handle_time()
    assert line.said == [EndRequested(reason=reason)]  # type: ignore[arg-type]


async def test_limits_on_sessions(house: House) -> None:
    """So many in all, so many for one engineer; an ended one makes room."""
    opened = [await house.open() for _ in range(3)]
    with pytest.raises(TooManySessions):
        await house.open()
    for session, _, _ in opened[:2]:
        await house.sessions.admit(session.session_id, house.engineer)
    with pytest.raises(EngineerBusy):
        house.sessions.check_room_for(house.engineer)
    house.sessions.check_room_for(house.colleague)
    await house.sessions.end(opened[0][0].session_id, "denied")
    house.sessions.check_room_for(house.engineer)
    await house.open()


async def test_an_engineer_sees_only_their_own_sessions(house: House) -> None:
    """Others' sound as if they did not exist."""
    session, _, _ = await house.open()
    await house.sessions.admit(session.session_id, house.engineer)
    assert await house.sessions.find_for(house.engineer, session.session_id) is session
    for engineer, session_id in ((house.colleague, session.session_id), (house.engineer, b"\x00" * 16)):
        with pytest.raises(SessionUnknown):
            await house.sessions.find_for(engineer, session_id)


async def test_a_disabled_engineer_loses_the_legs_of_every_pairing(house: House) -> None:
    """A colleague in the same session goes on."""
    session, _, _ = await house.open()
    for engineer in (house.engineer, house.colleague, house.engineer):
        await house.sessions.admit(session.session_id, engineer)
    house.sessions.shut_out(house.engineer.user_id)
    assert house.relay.revoked == [(session.session_id, b"\x00\x01"), (session.session_id, b"\x00\x03")]


async def test_a_grant_belongs_to_the_newest_pairing_of_an_engineer_who_paired(house: House) -> None:
    """For anybody else the agent makes no sense."""
    session, _, _ = await house.open()
    for _ in range(2):
        await house.sessions.admit(session.session_id, house.engineer)
    await house.sessions.report_grant(session.session_id, "E-1", (Scope.VIEW,), 5)
    assert [participant.scopes for participant in session.participants] == [(), (Scope.VIEW,)]
    with pytest.raises(PeerError):
        await house.sessions.report_grant(session.session_id, "E-2", (Scope.VIEW,), 5)


async def test_a_revoked_login_loses_its_legs_also_after_a_restart(house: House) -> None:
    """Of whoever paired under it, and nobody else's: not even their own under another login."""
    session, _, _ = await house.open()
    await house.sessions.admit(session.session_id, house.engineer, b"stolen")
    await house.sessions.admit(session.session_id, house.engineer, b"own")
    await house.sessions.admit(session.session_id, house.colleague)
    house.restart()
    await house.sessions.start()
    assert house.sessions.logins() == {b"stolen", b"own"}
    house.sessions.shut_out_logins({b"stolen"})
    assert house.relay.revoked == [(session.session_id, (1).to_bytes(2, "big"))]
