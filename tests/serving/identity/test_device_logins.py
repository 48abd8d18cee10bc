"""A program waits for somebody in a browser: with the clock in hand."""

import re

import pytest

from serving.identity.device_logins import (
    INTERVAL_MS,
    LIFE_MS,
    MAX_WAITING,
    AuthorizationPending,
    DeviceLoginDenied,
    DeviceLoginExpired,
    DeviceLogins,
    SlowDown,
    TooManyDeviceLogins,
    UserCodeUnknown,
)
from serving.identity.tokens import Visit
from serving.limits import KeyedBuckets, TooBusy

LAPTOP = Visit("192.0.2.1", "consentry, ada-laptop")
ADA = 7


def device_logins(per_minute: int = 100_000) -> DeviceLogins:
    return DeviceLogins(KeyedBuckets(per_minute=per_minute, burst=per_minute))


def test_what_was_allowed_is_handed_out_once() -> None:
    """To whoever has the device code, which nobody sees in the browser."""
    logins = device_logins()
    begun = logins.begin(LAPTOP, 0)
    assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", begun.user_code)
    with pytest.raises(AuthorizationPending):
        logins.poll(begun.device_code, 0)
    found = logins.find(begun.user_code.lower().replace("-", " "), ADA, 1)
    assert (found.visit, found.device_code) == (LAPTOP, begun.device_code)
    found.allowed_by = "ada"
    with pytest.raises(UserCodeUnknown):  # one answer is enough
        logins.find(begun.user_code, ADA, 2)
    assert logins.poll(begun.device_code, INTERVAL_MS).allowed_by == "ada"
    with pytest.raises(DeviceLoginExpired):
        logins.poll(begun.device_code, 2 * INTERVAL_MS)


def test_what_was_denied_is_told_and_forgotten() -> None:
    """The program need not wait for the end of the ten minutes."""
    logins = device_logins()
    begun = logins.begin(LAPTOP, 0)
    logins.find(begun.user_code, ADA, 0).denied = True
    with pytest.raises(DeviceLoginDenied):
        logins.poll(begun.device_code, 0)
    with pytest.raises(DeviceLoginExpired):
        logins.poll(begun.device_code, INTERVAL_MS)


def test_codes_run_out() -> None:
    """For the program and in the browser, also when it was allowed and not fetched."""
    logins = device_logins()
    begun, allowed = logins.begin(LAPTOP, 0), logins.begin(LAPTOP, 0)
    logins.find(allowed.user_code, ADA, 0).allowed_by = "ada"
    logins.find(begun.user_code, ADA, LIFE_MS - 1)
    with pytest.raises(UserCodeUnknown):
        logins.find(begun.user_code, ADA, LIFE_MS)
    with pytest.raises(DeviceLoginExpired):
        logins.poll(allowed.device_code, LIFE_MS)


def test_who_polls_too_often_waits_longer_each_time() -> None:
    """RFC 8628, section 3.5: five seconds more."""
    logins = device_logins()
    begun = logins.begin(LAPTOP, 0)
    with pytest.raises(AuthorizationPending):
        logins.poll(begun.device_code, 0)
    for expected_seconds in (10, 15):
        with pytest.raises(SlowDown) as refused:
            logins.poll(begun.device_code, 1)
        assert refused.value.fields["seconds"] == expected_seconds
    with pytest.raises(AuthorizationPending):
        logins.poll(begun.device_code, 1 + 15_000)


def test_strangers_fill_no_memory() -> None:
    """There is room again when codes have run out."""
    logins = device_logins()
    for _ in range(MAX_WAITING):
        logins.begin(LAPTOP, 0)
    with pytest.raises(TooManyDeviceLogins):
        logins.begin(LAPTOP, LIFE_MS - 1)
    logins.begin(LAPTOP, LIFE_MS)


@pytest.mark.parametrize("typed", ["", "-", "ÄÖÜ", "BCDF", "\0" * 9, "B" * 40, "\ud800"])
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    """Nothing that is typed is an error of the program."""
    logins = device_logins()
    logins.begin(LAPTOP, 0)
    with pytest.raises(UserCodeUnknown):
        logins.find(typed, ADA, 0)


def test_neither_an_address_nor_a_person_tries_without_end() -> None:
    """Each has a share of its own: a colleague's office is not slowed down by a guesser."""
    logins = device_logins(per_minute=2)
    codes = [logins.begin(LAPTOP, 0).user_code for _ in range(2)]
    with pytest.raises(TooBusy):
        logins.begin(LAPTOP, 0)
    logins.begin(Visit("192.0.2.2"), 0)
    for code in codes:
        logins.find(code, ADA, 0)
    with pytest.raises(TooBusy):
        logins.find(codes[0], ADA, 0)
    logins.find(codes[0], ADA + 1, 0)
