"""The sentence that says what can be proved of a recording."""

from typing import get_args

import pytest

from audit.vault.badge import Badge, LogPlaces
from audit.vault.log_evidence import LogBadge
from wording import Wording

PLACES = LogPlaces(8331, 8340)
AGAINST = set(get_args(LogBadge)) - {"verified", "opened", "closed-early", "not-asked", "no-log"}


def badge(log: LogBadge | None = "verified", **facts: object) -> Badge:
    known = {"records": 412, "whole": True, "finished": True, "log": log, "places": PLACES, "cosigned": True}
    return Badge(**known | facts)  # type: ignore[arg-type]  # those of Badge, given above


def test_a_whole_recording_in_the_log() -> None:
    """How many records, how whole, where in the log, and whether anybody vouched for that."""
    assert badge().sentence(Wording("en")) == (
        "412 records, chain whole, opened and closed in the log at 8,331 and 8,340, cosigned"
    )
    assert badge().sentence(Wording("zh-CN")) == "412 条记录，链完整，在日志的 8,331 和 8,340 处开启和关闭，已会签"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"log": "opened", "finished": False, "places": LogPlaces(7)},
            "chain whole so far, opened in the log at 7, co",
        ),
        ({"whole": False}, "chain broken after that, opened and closed"),
        ({"cosigned": False}, "8,340, not cosigned"),
        ({"log": None}, "the log was not looked at"),
        ({"log": "not-asked", "places": LogPlaces()}, "nothing is known of the log"),
        ({"records": 1}, "1 record, "),
    ],
)
def test_what_is_less_is_said_to_be_less(facts: dict[str, object], words: str) -> None:
    assert words in badge(**facts).sentence(Wording("en"))  # type: ignore[arg-type]  # those of badge


@pytest.mark.parametrize("log", sorted(AGAINST))
def test_no_place_is_shown_of_a_proof_that_does_not_hold(log: LogBadge) -> None:
    """A number would look like a proof."""
    sentence = badge(log).sentence(Wording("en"))
    assert "8,331" not in sentence
    assert "the log speaks against it" in sentence
