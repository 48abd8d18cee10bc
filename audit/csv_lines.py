"""CSV as RFC 4180 has it, which no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Sequence

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def csv_line(cells: Sequence[str]) -> str:
    """One line with its end."""
    line = io.StringIO()
    csv.writer(line).writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: str) -> str:
    """Spreadsheets run cells that begin like formulas (OWASP, CSV injection); names are other people's.

    A dash alone, which stands for none, runs nothing.
    """
    return f"'{cell}" if cell != "-" and cell.startswith(_RUN_BY_SPREADSHEETS) else cell
