"""Ratings at the broker: in time, newest, signed, and told once too often rather than lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.sessions.ratings import Ratings
from broker.sessions.session import Session
from broker.storage import MIGRATIONS
from broker.storage.sessions import SqlSessions
from protocol.messages.agent import RateSession
from protocol.rating_links import make_rating_link
from protocol.ratings import RATING_WINDOW_MS, RatingForged, RatingLate, RatingOlder, sign_rating
from protocol.share_url import ShareUrl
from serving.database import open_database
from tests.broker.harness import FakeClock

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
SESSION = b"s" * 16
LINK = make_rating_link(KEY, SESSION, ShareUrl("https://help.example.org", b"r" * 32), b"\x02" * 32)


class RememberingRecords:
    def __init__(self) -> None:
        self.kept: list[RateSession] = []
        self.failing = False

    async def keep_rating(self, session_id: bytes, rating: RateSession, now_ms: int) -> None:
        if self.failing:
            raise OSError(28, "No space left on device")
        self.kept.append(rating)


class House:
    def __init__(self, store: SqlSessions) -> None:
        self.store, self.records, self.clock = store, RememberingRecords(), FakeClock()
        self.ratings = Ratings(store, self.records, self.clock)

    async def stars(self) -> int | None:
        kept = await self.store.rating(SESSION)
        return kept.stars if kept else None


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A session that has just ended."""
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    store = SqlSessions(database)
    made = House(store)
    session = Session(SESSION, KEY.public_key().public_bytes_raw(), b"t" * 32, "en", made.clock.now_ms)
    await store.add(session)
    await store.end(SESSION, "engineer-ended", 3, made.clock.now_ms)
    yield made
    await database.aclose()


def by_link(stars: int, rated_at_ms: int) -> RateSession:
    return LINK.sign(stars=stars, solved=None, comment="", rated_at_ms=rated_at_ms)


async def test_the_first_answer_and_a_change(house: House) -> None:
    """One by the session's key at the end, the other by the receipt's: the newer one counts, in both places."""
    await house.ratings.keep(SESSION, sign_rating(KEY, SESSION, stars=5, solved=True, comment="", rated_at_ms=10))
    changed = by_link(2, 20)
    await house.ratings.keep(SESSION, changed)
    assert await house.stars() == 2
    assert house.records.kept[-1] == changed


async def test_an_old_answer_that_is_sent_again_changes_nothing(house: House) -> None:
    """Whoever recorded it on the way, or a retry that overtook itself."""
    old = by_link(5, 10)
    await house.ratings.keep(SESSION, old)
    await house.ratings.keep(SESSION, by_link(1, 20))
    with pytest.raises(RatingOlder):
        await house.ratings.keep(SESSION, old)
    assert await house.stars() == 1


async def test_the_same_answer_again_is_kept_already(house: House) -> None:
    """Done but reported lost: the sender asks again, even after the 72 hours, and is told the truth."""
    answer = by_link(3, 10)
    await house.ratings.keep(SESSION, answer)
    house.clock.advance(RATING_WINDOW_MS + 1)
    await house.ratings.keep(SESSION, answer)
    with pytest.raises(RatingLate):
        await house.ratings.keep(SESSION, by_link(4, 11))
    assert await house.stars() == 3


async def test_an_answer_that_was_lost_half_way_arrives_on_a_retry(house: House) -> None:
    """The disk of the records was full: nothing was kept, in neither place."""
    house.records.failing = True
    with pytest.raises(OSError, match="No space"):
        await house.ratings.keep(SESSION, by_link(3, 10))
    assert await house.stars() is None
    house.records.failing = False
    await house.ratings.keep(SESSION, by_link(3, 10))
    assert [rating.stars for rating in house.records.kept] == [3]


async def test_the_last_moment_and_the_first_after_it(house: House) -> None:
    """By the broker's clock, with a customer's clock that is years behind."""
    house.clock.advance(RATING_WINDOW_MS)
    await house.ratings.keep(SESSION, by_link(4, 1))
    house.clock.advance(1)
    with pytest.raises(RatingLate):
        await house.ratings.keep(SESSION, by_link(5, 2))


async def test_a_forged_answer_is_refused_before_anything_else(house: House) -> None:
    """And a session that is not there is not told apart here."""
    forger = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
    with pytest.raises(RatingForged):
        await house.ratings.keep(SESSION, sign_rating(forger, SESSION, stars=1, solved=None, comment="", rated_at_ms=1))
    assert await house.stars() is None
    assert await house.ratings.keep(b"x" * 16, by_link(5, 1)) is None


async def test_two_changes_at_once_leave_the_newer(house: House) -> None:
    """Whichever comes first through the door."""
    answers = [house.ratings.keep(SESSION, by_link(stars, stars)) for stars in (5, 3, 4, 1)]
    await asyncio.gather(*answers, return_exceptions=True)
    assert await house.stars() == 5
