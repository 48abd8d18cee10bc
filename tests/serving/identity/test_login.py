"""Log in, authenticate, log out, against a real database."""

import asyncio
from collections.abc import AsyncIterator

import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from broker.config import Settings
from broker.organisation.authority import Authority
from broker.organisation.engineers import Engineer
from broker.storage import MIGRATIONS
from broker.storage.tables import UserRow
from broker.storage.users import SqlTokens, SqlUsers
from protocol.certificates import read_certificate
from serving.database import Database, open_database
from serving.identity.events import IdentityEvent
from serving.identity.lockouts import LoginLocked
from serving.identity.login import LoginRefused, Logins, NotLoggedIn, OneTimeNumberNeeded, OneTimeNumberWrong
from serving.identity.tokens import Visit
from tests.broker.harness import BOX, PASSWORD, QUICK_PASSWORDS, FakeClock, add_user

HOUR_MS = 3_600_000
VISIT = Visit("192.0.2.1", "Chrome, Linux")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    settings.data_folder.mkdir()
    await add_user(settings)
    database = await open_database(settings.database_file, MIGRATIONS)
    yield database
    await database.aclose()


@pytest.fixture
def logins(database: Database, clock: FakeClock) -> Logins[Engineer]:
    return Logins(
        SqlUsers(database, BOX),
        SqlTokens(database),
        QUICK_PASSWORDS,
        clock,
        login_life_ms=HOUR_MS,
        login_idle_ms=HOUR_MS,
    )


async def test_a_token_is_good_until_it_expires(logins: Logins[Engineer], clock: FakeClock) -> None:
    """Then the engineer logs in again."""
    login = await logins.login("WEI", PASSWORD, None, VISIT)
    assert (await logins.authenticate(login.token)).user.user_name == "wei"
    clock.advance(HOUR_MS - 1)
    await logins.authenticate(login.token)
    clock.advance(1)
    with pytest.raises(NotLoggedIn):
        await logins.authenticate(login.token)


async def test_logging_out_ends_one_login(logins: Logins[Engineer]) -> None:
    """Others of the same engineer go on."""
    first, second = [await logins.login("wei", PASSWORD, None, VISIT) for _ in range(2)]
    await logins.logout(await logins.authenticate(first.token))
    with pytest.raises(NotLoggedIn):
        await logins.authenticate(first.token)
    await logins.authenticate(second.token)


@pytest.mark.parametrize(
    ("user_name", "password"),
    [
        ("wei", "wrong password"),
        ("nobody", PASSWORD),
        ("", ""),
        ("wei", "x" * 1024),
        ("wei\0", PASSWORD),
        ("-", PASSWORD),
    ],
)
async def test_all_refusals_sound_alike(logins: Logins[Engineer], user_name: str, password: str) -> None:
    """A guesser does not learn whether there is such a user."""
    with pytest.raises(LoginRefused):
        await logins.login(user_name, password, None, VISIT)


async def test_a_disabled_user_is_out_at_once(logins: Logins[Engineer], database: Database) -> None:
    """Tokens end with the user; enabling brings none of them back."""
    login = await logins.login("wei", PASSWORD, None, VISIT)
    users = SqlUsers(database, BOX)
    await users.set_disabled(login.user.user_id, True)
    with pytest.raises(NotLoggedIn):
        await logins.authenticate(login.token)
    with pytest.raises(LoginRefused):
        await logins.login("wei", PASSWORD, None, VISIT)
    await users.set_disabled(login.user.user_id, False)
    with pytest.raises(NotLoggedIn):
        await logins.authenticate(login.token)


async def test_a_new_password_ends_all_logins(logins: Logins[Engineer], database: Database) -> None:
    """Whoever knew the old one is out."""
    login = await logins.login("wei", PASSWORD, None, VISIT)
    await SqlUsers(database, BOX).set_password(login.user.user_id, QUICK_PASSWORDS.hash_now("another password"))
    with pytest.raises(NotLoggedIn):
        await logins.authenticate(login.token)
    await logins.login("wei", "another password", None, VISIT)


async def test_the_database_holds_no_token(logins: Logins[Engineer], settings: Settings) -> None:
    """A stolen copy logs nobody in."""
    login = await logins.login("wei", PASSWORD, None, VISIT)
    stored = b"".join(file.read_bytes() for file in settings.data_folder.glob("broker.sqlite3*"))
    assert login.token.encode() not in stored
    assert PASSWORD.encode() not in stored
    assert login.token not in repr(login)


async def test_a_one_time_number_is_asked_and_works_once(
    logins: Logins[Engineer], database: Database, clock: FakeClock
) -> None:
    """Asked only of those who know the password; read over somebody's shoulder it is worthless, also in a race."""
    secret = pyotp.random_base32()
    users = SqlUsers(database, BOX)
    await users.set_totp((await logins.login("wei", PASSWORD, None, VISIT)).user.user_id, secret)
    with pytest.raises(LoginRefused):
        await logins.login("wei", "wrong password", None, VISIT)
    with pytest.raises(OneTimeNumberNeeded):
        await logins.login("wei", PASSWORD, None, VISIT)
    digits = pyotp.TOTP(secret).at(clock.unix_ms() // 1000)
    results = await asyncio.gather(
        *(logins.login("wei", PASSWORD, f" {digits} ", VISIT) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["Login", "OneTimeNumberWrong"]
    with pytest.raises(OneTimeNumberWrong):
        await logins.login("wei", PASSWORD, digits, VISIT)
    clock.advance(30_000)
    await logins.login("wei", PASSWORD, pyotp.TOTP(secret).at(clock.unix_ms() // 1000), VISIT)


async def test_guessing_is_slowed_for_the_name_and_the_address(logins: Logins[Engineer], clock: FakeClock) -> None:
    """The sixth attempt waits, even with the right password; another name from there soon too."""
    for _ in range(5):
        with pytest.raises(LoginRefused):
            await logins.login("wei", "wrong password", None, VISIT)
    with pytest.raises(LoginLocked):
        await logins.login("wei", PASSWORD, None, Visit("elsewhere"))
    for number in range(15):
        with pytest.raises(LoginRefused):
            await logins.login(f"user{number}", "wrong password", None, VISIT)
    with pytest.raises(LoginLocked):
        await logins.login("another", "wrong password", None, VISIT)
    clock.advance(60_000)
    await logins.login("wei", PASSWORD, None, VISIT)


async def test_a_certificate_never_outlives_its_login(logins: Logins[Engineer], clock: FakeClock) -> None:
    """Twelve hours at most, and not beyond the token with which it was asked for."""
    ca_key, own_key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    authority = Authority(ca_key, "Example Support", clock, certificate_life_ms=12 * HOUR_MS)
    caller = await logins.authenticate((await logins.login("wei", PASSWORD, None, VISIT)).token)
    clock.advance(HOUR_MS // 2)
    issued = authority.issue(caller, own_key, max_scopes=caller.user.max_scopes)
    read = read_certificate(issued.certificate, ca_key.public_key().public_bytes_raw(), clock.unix_ms())
    assert read.not_after_ms - clock.unix_ms() == HOUR_MS // 2
    assert issued.expires_at_ms == caller.expires_at_ms


async def test_a_login_that_nobody_uses_ends_early(database: Database, clock: FakeClock) -> None:
    """What is used goes on, up to its end; when that was is known to the minute, and from where."""
    users, tokens = SqlUsers(database, BOX), SqlTokens(database)
    logins = Logins(users, tokens, QUICK_PASSWORDS, clock, login_life_ms=HOUR_MS, login_idle_ms=HOUR_MS // 4)
    used, idle = [await logins.login("wei", PASSWORD, None, VISIT) for _ in range(2)]
    for _ in range(3):
        clock.advance(HOUR_MS // 5)
        await logins.authenticate(used.token, "192.0.2.9")
    with pytest.raises(NotLoggedIn):
        await logins.authenticate(idle.token)
    (listed,) = await logins.logins_of(used.user.user_id)
    assert (listed.last_used_at_ms, listed.address, listed.method) == (clock.unix_ms(), "192.0.2.9", "password")
    clock.advance(HOUR_MS // 5)
    await logins.authenticate(used.token)
    clock.advance(HOUR_MS // 5)
    with pytest.raises(NotLoggedIn):
        await logins.authenticate(used.token)


async def test_whoever_asks_is_told_which_logins_were_revoked(logins: Logins[Engineer]) -> None:
    """One or all; a second time ends nothing, and logging out is no revoking."""
    first, second, third = [await logins.login("wei", PASSWORD, None, VISIT) for _ in range(3)]
    callers = [await logins.authenticate(login.token) for login in (first, second, third)]
    hashes = [caller.token_hash for caller in callers]
    await logins.logout(callers[2])
    assert await logins.revoked_among(hashes) == set()
    assert list(await logins.revoke(first.user, first.user, hashes[0], VISIT)) == [hashes[0]]
    assert await logins.revoked_among(hashes) == {hashes[0]}
    assert list(await logins.revoke(first.user, first.user, None, VISIT)) == [hashes[1]]
    assert list(await logins.revoke(first.user, first.user, None, VISIT)) == []
    assert await logins.revoked_among(hashes * 400) == set(hashes[:2])


async def test_every_decision_is_noted_and_a_lock_once_it_counts(database: Database, clock: FakeClock) -> None:
    """Without what was typed where nobody was found: it may have been a password."""
    noted: list[IdentityEvent] = []

    async def note(event: IdentityEvent) -> None:
        noted.append(event)

    users, tokens = SqlUsers(database, BOX), SqlTokens(database)
    logins = Logins(users, tokens, QUICK_PASSWORDS, clock, login_life_ms=HOUR_MS, login_idle_ms=HOUR_MS, note=note)
    login = await logins.login("wei", PASSWORD, None, VISIT)
    await logins.logout(await logins.authenticate(login.token), VISIT)
    with pytest.raises(LoginRefused):
        await logins.login("hunter2", PASSWORD, None, VISIT)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            await logins.login("wei", "wrong password", None, VISIT)
    assert [(event.kind, event.actor, event.subject) for event in noted] == [
        ("logged_in", "wei", "wei"),
        ("logged_out", "wei", "wei"),
        ("login_refused", "", ""),
        *[("login_refused", "", "wei")] * 5,
        ("login_locked", "", "wei"),
    ]
    assert {event.address for event in noted} == {VISIT.address}


async def test_secrets_of_before_are_sealed(database: Database) -> None:
    """A start of the broker does it; who has one logs in with the same app as before."""
    users = SqlUsers(database, BOX)
    (wei,) = await users.all()
    async with database.writing() as session:
        (row,) = await session.scalars(select(UserRow))
        row.totp_secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert [await users.seal_secrets(), await users.seal_secrets()] == [1, 0]
    async with database.reading() as session:
        (kept,) = await session.scalars(select(UserRow.totp_secret))
    assert kept is not None
    assert kept.startswith("sealed:")
    found = await users.find(wei.user_name)
    assert found is not None
    assert found[1].totp_secret == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
