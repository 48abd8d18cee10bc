"""GET /v1/organisation where keys have a history: what was written down of each, and former engineer CAs."""

import os
from typing import Any

from broker.config import Settings
from broker.organisation.folder import OrganisationFolder
from broker.organisation.founding import change_profile
from broker.organisation.organisation import load_organisation
from protocol.certificates import LIFETIME_LIMIT_MS
from protocol.receipt_verification import root_fingerprint
from tests.broker.harness import FakeClock, add_user, found, make_settings, running

HOUR_MS = 3_600_000


async def shown_keys(settings: Settings, clock: FakeClock) -> dict[str, dict[str, Any]]:
    """By name, of a broker that is started now. There is one former CA at most."""
    async with running(settings, load_organisation(settings), clock=clock) as broker:
        answer = await broker.request("GET", "/v1/organisation", token=await broker.login("ada"))
    keys: list[dict[str, Any]] = answer.json["keys"]
    assert len({one["name"] for one in keys}) == len(keys)
    return {one["name"]: one for one in keys}


async def test_a_keys_age_is_what_was_written_down_when_it_was_made(settings: Settings) -> None:
    """Not its file's date: a copy that was put back has another. A former CA counts until the profile's time."""
    clock = FakeClock()
    first = found(settings, clock=clock).profile.engineer_ca_key
    await add_user(settings, "ada", "A-1", role="administrator")
    founded_ms = clock.now_ms
    clock.advance(HOUR_MS)
    second = change_profile(settings, engineer_ca="new", clock=clock).profile.engineer_ca_key
    for file in OrganisationFolder(settings.data_folder).path.iterdir():
        os.utime(file, (1, 1))
    keys = await shown_keys(settings, clock)
    said = {
        name: (one["fingerprint"], one["here_since_ms"], one["valid_until_ms"])
        for name, one in keys.items()
        if name.startswith("engineer-ca")
    }
    assert said == {
        "engineer-ca": (root_fingerprint(second), clock.now_ms, None),
        "engineer-ca-former": (root_fingerprint(first), founded_ms, clock.now_ms + LIFETIME_LIMIT_MS),
    }
    assert {keys[name]["here_since_ms"] for name in ("root", "log")} == {founded_ms}
    assert not any(one["is_older"] for one in keys.values())


async def test_of_keys_from_before_it_is_said_that_they_are_older(settings: Settings) -> None:
    """Nobody had written down when they were made: the broker writes down when it met them, once, and again nothing
    else. Whatever is done to the file, the broker starts."""
    clock = FakeClock()
    found(settings, clock=clock)
    await add_user(settings, "ada", "A-1", role="administrator")
    file = OrganisationFolder(settings.data_folder).key_dates
    file.unlink()
    clock.advance(HOUR_MS)
    met_ms = clock.now_ms
    for _ in range(2):
        keys = await shown_keys(settings, clock)
        told = {name: (one["here_since_ms"], one["is_older"]) for name, one in keys.items() if name != "tls"}
        assert told == dict.fromkeys(("root", "engineer-ca", "log"), (met_ms, True))
        clock.advance(HOUR_MS)
    change_profile(settings, engineer_ca="new", clock=clock)
    keys = await shown_keys(settings, clock)
    assert (keys["engineer-ca"]["here_since_ms"], keys["engineer-ca"]["is_older"]) == (clock.now_ms, False)
    assert (keys["engineer-ca-former"]["here_since_ms"], keys["engineer-ca-former"]["is_older"]) == (met_ms, True)
    for nonsense in (b"", b"[]", b"\xff", b'{"a": 1}'):
        file.write_bytes(nonsense)
        assert (await shown_keys(settings, clock))["root"]["here_since_ms"] == clock.now_ms


async def test_the_ssh_gateways_key_has_its_date_too(settings: Settings) -> None:
    """It is made at the first start with a gateway."""
    clock = FakeClock()
    found(settings, clock=clock)
    await add_user(settings, "ada", "A-1", role="administrator")
    clock.advance(HOUR_MS)
    with_gateway = make_settings(settings.data_folder, ssh_gateway_port=0)
    made_ms = clock.now_ms
    for _ in range(2):
        shown = (await shown_keys(with_gateway, clock))["ssh-gateway"]
        assert (shown["here_since_ms"], shown["is_older"]) == (made_ms, False)
        clock.advance(HOUR_MS)
