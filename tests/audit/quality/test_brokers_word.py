"""The broker's word of a session, as far as reports and lists use it."""

import json

import pytest

from audit.quality.brokers_word import BrokerSaid, read_word

TWO = {
    "participants": [
        {"name": "Wei", "staff_number": "E-1", "team": "Berlin"},
        {"name": "Mei", "staff_number": "E-2", "team": "Hamburg"},
        {"name": "Wei", "staff_number": "E-1", "team": "Rome"},
    ],
    "tier": "gold",
    "more": 1,
}


def test_the_team_is_that_of_the_engineer_when_they_first_paired() -> None:
    """Of the one whom the recording names; where it names nobody known, of whoever came first."""
    said = read_word(json.dumps(TWO).encode())
    assert [said.team_of(number) for number in ("E-1", "E-2", "", "E-9")] == ["Berlin", "Hamburg", "Berlin", "Berlin"]
    assert said.tier == "gold"


@pytest.mark.parametrize(
    "facts",
    [
        None,
        b"",
        b"no JSON",
        b'{"tier": 7}',
        b'{"participants": [{"team": null}]}',
        b'{"tier": "' + 101 * b"x" + b'"}',
        b'{"participants": [{"name": "Wei", "staff_number": "E-1"}]}',
    ],
)
def test_what_makes_no_sense_and_what_is_of_before_is_no_team(facts: bytes | None) -> None:
    """It hides no session."""
    said = read_word(facts)
    assert (said.team_of("E-1"), said.tier) == ("", BrokerSaid().tier)
