"""A folder of built pages, as servers of ours serve it."""

from pathlib import Path

import pytest

from serving.http.site import PagesNotBuilt, Site


def test_a_file_of_another_kind_is_no_part_of_it(tmp_path: Path) -> None:
    """What a browser would have to guess at is left out."""
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "notes.txt").write_text("left behind")
    assert set(Site(tmp_path).files) == {""}


def test_without_a_page_there_is_no_site(tmp_path: Path) -> None:
    """And whoever asks is told how to make one."""
    (tmp_path / "left.js").write_text("")
    with pytest.raises(PagesNotBuilt, match="make web"):
        Site(tmp_path).answer("")
