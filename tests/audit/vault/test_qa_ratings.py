"""Reviewers' ratings: a file that only grows, the newest word of each reviewer counting."""

from pathlib import Path

import pytest

from audit.vault.qa_ratings import QaRating, QaRatingsError, add_rating, newest_by_reviewer, ratings_file, read_ratings

SESSION = b"\x11" * 16


def rating(reviewer: str, stars: int, at_ms: int) -> QaRating:
    return QaRating(1, SESSION.hex(), reviewer, stars, "", "ab" * 32, True, at_ms)


def test_ratings_are_kept_beside_the_records(tmp_path: Path) -> None:
    """The broker's folder stays as the broker left it; the file is the reviewers' own."""
    path = ratings_file(tmp_path / "records")
    assert path.parent == tmp_path
    assert read_ratings(path) == []
    add_rating(path, rating("a", 3, 1))
    add_rating(path, rating("b", 5, 2))
    assert [found.stars for found in read_ratings(path)] == [3, 5]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_reviewer_may_change_their_mind() -> None:
    """The newest counts, the older one stays on record."""
    found = newest_by_reviewer([rating("a", 1, 1), rating("b", 2, 2), rating("a", 4, 3)], SESSION)
    assert [(one.reviewer, one.stars) for one in found] == [("b", 2), ("a", 4)]
    assert newest_by_reviewer([rating("a", 1, 1)], b"\x22" * 16) == []


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    """Nothing is skipped in silence."""
    path = tmp_path / "qa.jsonl"
    add_rating(path, rating("a", 3, 1))
    path.write_bytes(path.read_bytes() + b'{"stars": 9}\n')
    with pytest.raises(QaRatingsError, match="Line 2"):
        read_ratings(path)
