"""Whoever writes a scorecard learns of everything that is wrong with it, and in which line."""

from pathlib import Path

import pytest

from audit.quality.scorecard_files import FILE_LIMIT_BYTES, PROBLEMS_LIMIT, check_text
from audit.quality.scorecards import STANDARD_FOLDER, read_scorecard

WRONG = '''id = "Short"
version = 1
note = """
[[criteria]]
weight = 1
"""

[scales.met]
levels = [{ points = 1, en = "no", zh-CN = "否" }, { points = 2, en = "yes" }]

[[criteria]]
id = "found"
weight = "much"
scale = "met"

[[criteria]]
id = "told"
'''

UNSOUND = """id = "short"
version = 1
title = { en = "Short", zh-CN = "短" }

[scales.met]
levels = [{ points = 1, en = "no", zh-CN = "否" }, { points = 1, en = "yes", zh-CN = "是" }]

[[criteria]]
id = "found"
weight = 0
scale = "kept"
section = "first"
title = { en = "a", zh-CN = "甲" }
help = { en = "a", zh-CN = "甲" }
"""


def problems(text: str) -> list[tuple[str, int | None, str]]:
    scorecard, found = check_text(text)
    assert scorecard is None
    return [(one.kind, one.line, one.where) for one in found]


@pytest.mark.parametrize("path", sorted(STANDARD_FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_sound_file_is_its_scorecard(path: Path) -> None:
    """The same that the command line reads."""
    assert check_text(path.read_text()) == (read_scorecard(path), [])


def test_each_thing_of_the_wrong_shape_has_its_line() -> None:
    """Also what is missing, at what lacks it; a text of several lines is no part of the file's order."""
    found = problems(WRONG)
    assert found == sorted(found, key=lambda one: one[1] or 0)
    assert {
        ("missing", None, ""),
        ("name", 1, "id"),
        ("unknown", 3, "note"),
        ("missing", 9, "scales.met.levels[1]"),
        ("number", 13, "criteria[0].weight"),
        ("missing", 16, "criteria[1]"),
    } <= set(found)


def test_what_no_shape_says_has_its_line_too() -> None:
    """Points, names that lead nowhere, weights."""
    assert problems(UNSOUND) == [
        ("points-rise", 6, "scales.met.levels"),
        ("first-zero", 6, "scales.met.levels"),
        ("no-weight", 8, "criteria"),
        ("weightless", 10, "criteria[0].weight"),
        ("no-such-scale", 11, "criteria[0].scale"),
        ("no-such-section", 12, "criteria[0].section"),
    ]


def test_what_is_no_toml_has_its_line() -> None:
    assert problems('id = "a"\nversion = \n') == [("not-toml", 2, "")]
    assert problems('id = "a"\nversion = [') == [("not-toml", 2, "")]


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        "criteria = 3\nscales = []\ntitle = 1",
        "[criteria]\n[scales.x]\nlevels = 2",
        "[[scales]]\n",
        "",
    ],
)
def test_a_hostile_file_is_refused_like_any_other(text: str) -> None:
    """However deep, empty or odd it is."""
    assert problems(text)


def test_neither_a_file_nor_a_list_of_problems_has_any_length() -> None:
    assert problems("#" * (FILE_LIMIT_BYTES + 1)) == [("too-large", None, "")]
    assert len(problems("[[criteria]]\n" * 1000)) == PROBLEMS_LIMIT
