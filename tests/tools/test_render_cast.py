"""The README's pictures: casts in, pictures out that anybody can show without asking another host for anything."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.helpers.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "render_cast.py"
SVG = "{http://www.w3.org/2000/svg}"
HELLO = [[0.5, "o", "$ echo hi\r\n"], [0.5, "m", "typed"], [1, "o", "\x1b[1;32mhi\x1b[0m <&>\r\n$ "]]


def write_cast(path: Path, events: list[list[object]], *, columns: int = 30, rows: int = 6, version: int = 3) -> Path:
    lines: list[object] = [{"version": version, "term": {"cols": columns, "rows": rows}}, *events]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def render(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def texts(picture: Path) -> list[str]:
    """What stands on the screens, run by run, with ordinary spaces."""
    return [(each.text or "").replace("\xa0", " ") for each in ET.parse(picture).iter(f"{SVG}text")]


def test_the_picture_shows_the_last_moment_unless_told_otherwise(tmp_path: Path) -> None:
    """Everything that was written stands in it, with its markup escaped."""
    picture = tmp_path / "a.svg"
    done = render(write_cast(tmp_path / "a.cast", HELLO), "--title", "one", "--out", picture)
    assert done.returncode == 0, done.stderr
    assert texts(picture)[:4] == ["one", "$ echo hi", "hi", " <&>"]


def test_a_marker_or_a_number_of_seconds_names_the_moment(tmp_path: Path) -> None:
    """What came later is not in the picture."""
    cast = write_cast(tmp_path / "a.cast", HELLO)
    for moment in ("typed", "1.2"):
        picture = tmp_path / f"{moment}.svg"
        assert render(cast, "--at", moment, "--out", picture).returncode == 0
        assert "$ echo hi" in texts(picture)
        assert "hi" not in texts(picture)


def test_two_casts_stand_side_by_side(tmp_path: Path) -> None:
    """Each under its title; the second begins where the first has ended."""
    left, right = write_cast(tmp_path / "l.cast", HELLO), write_cast(tmp_path / "r.cast", [[0, "o", "other"]])
    picture = tmp_path / "both.svg"
    assert render(left, right, "--title", "left", "--title", "right", "--out", picture).returncode == 0
    panels = ET.parse(picture).getroot().findall(f"{SVG}svg")
    assert panels[0].get("x") == "0"
    assert float(panels[1].get("x") or 0) > float(panels[0].get("width") or 0)
    assert {"left", "right", "other"} <= set(texts(picture))


def test_a_reversed_bar_keeps_its_background(tmp_path: Path) -> None:
    """A status line is drawn as a bar, its blanks at the end included."""
    picture = tmp_path / "bar.svg"
    cast = write_cast(tmp_path / "a.cast", [[0, "o", "\x1b[?25l\x1b[7m bar   \x1b[0m"]])
    assert render(cast, "--out", picture).returncode == 0
    bars = [each for each in ET.parse(picture).iter(f"{SVG}rect") if each.get("shape-rendering")]
    assert [float(bar.get("width") or 0) for bar in bars] == [pytest.approx(7 * 12.2)]


def test_a_wide_character_has_room_for_two(tmp_path: Path) -> None:
    """Chinese is not squeezed into half its width."""
    picture = tmp_path / "wide.svg"
    assert render(write_cast(tmp_path / "a.cast", [[0, "o", "\x1b[?25l授权"]]), "--out", picture).returncode == 0
    found = [each for each in ET.parse(picture).iter(f"{SVG}text") if each.text == "授权"]
    assert [float(each.get("textLength") or 0) for each in found] == [pytest.approx(4 * 12.2)]


def test_a_picture_asks_no_host_for_anything(tmp_path: Path) -> None:
    """No fonts, scripts or images from elsewhere: the only address is the name of the format. That goes for those in
    the repository, too."""
    picture = tmp_path / "a.svg"
    render(write_cast(tmp_path / "a.cast", HELLO), "--out", picture)
    pictures = [picture, *(ROOT / "docs" / "images").glob("*.svg")]
    assert len(pictures) > 1
    for each in pictures:
        text = each.read_text(encoding="utf-8")
        assert "@font-face" not in text
        assert "<script" not in text
        assert text.replace('xmlns="http://www.w3.org/2000/svg"', "").count("://") == 0
        assert str(ROOT) not in text


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "not an asciicast"), ("{}", "not an asciicast"), ('{"version": 2, "width": 80}', "version 2 of asciicast")],
)
def test_what_is_no_cast_gets_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    """No traceback, no half picture."""
    cast, picture = tmp_path / "a.cast", tmp_path / "a.svg"
    cast.write_text(content)
    done = render(cast, "--out", picture)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not picture.exists()


def test_a_moment_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A marker with a slip in its name does not silently become another moment."""
    done = render(write_cast(tmp_path / "a.cast", HELLO), "--at", "tpyed", "--out", tmp_path / "a.svg")
    assert done.returncode == 1
    assert "tpyed" in done.stderr
