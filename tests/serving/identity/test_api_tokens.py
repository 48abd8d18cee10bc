"""API tokens near their end and after it, against a real database."""

from collections.abc import AsyncIterator

import pytest

from broker.config import Settings
from broker.organisation.engineers import Engineer
from broker.storage import MIGRATIONS
from broker.storage.users import TABLES, SqlUsers
from serving.database import open_database
from serving.identity.api_tokens import DAY_MS, ENDING_DAYS, ApiTokenOver, ApiTokens
from serving.identity.sql_api_tokens import SqlApiTokens
from tests.broker.harness import BOX, FakeClock, add_user


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def house(settings: Settings, clock: FakeClock) -> AsyncIterator[tuple[ApiTokens[Engineer], Engineer]]:
    """Wei, and the tokens."""
    settings.data_folder.mkdir()
    await add_user(settings)
    database = await open_database(settings.database_file, MIGRATIONS)
    (wei,) = await SqlUsers(database, BOX).all()
    yield ApiTokens(SqlApiTokens(database, TABLES), clock, {"sessions"}), wei
    await database.aclose()


async def test_its_owner_is_told_a_week_before_it_ends(
    house: tuple[ApiTokens[Engineer], Engineer], clock: FakeClock
) -> None:
    """Until it has ended: then there is nothing left to see to in time."""
    tokens, wei = house
    await tokens.make(wei, "report", ["sessions"], 30)
    await tokens.make(wei, "for a year", ["sessions"], 365)
    told = []
    for days in (30 - ENDING_DAYS - 1, 1, ENDING_DAYS - 1, 1):
        clock.advance(days * DAY_MS)
        told.append(await tokens.ending_soon(wei.user_id))
    assert told == [0, 1, 1, 0]


async def test_a_program_whose_token_is_over_reads_so(
    house: tuple[ApiTokens[Engineer], Engineer], clock: FakeClock
) -> None:
    """The same for one that has run out, was revoked, or was never made: and nothing of logging in."""
    tokens, wei = house
    token, _ = await tokens.make(wei, "report", ["sessions"], 1)
    await tokens.authenticate(token, "")
    clock.advance(DAY_MS)
    for one in (token, "csk_" + "x" * 43, "csk_"):
        with pytest.raises(ApiTokenOver, match="API token"):
            await tokens.authenticate(one, "")
