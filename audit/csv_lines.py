"""CSV as RFC 4180 has it, which no spreadsheet takes for formulas."""

import csv
import io
import re
from collections.abc import Sequence

_BEGINS_A_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[=+\-@\t\r\n＝＋－＠])")
"""At the beginning of a cell, or behind what is a separator, too, where the system's language has it so (Excel) or by
default (LibreOffice). The wide signs are the same to spreadsheets of Chinese and Japanese systems."""


def csv_line(cells: Sequence[str]) -> str:
    """One line with its end."""
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: str) -> str:
    """Spreadsheets run cells that begin like formulas (OWASP, CSV injection); names are other people's.

    A dash alone, which stands for none, runs nothing.
    """
    return cell if cell == "-" else _BEGINS_A_FORMULA.sub(r"\1'", cell)
