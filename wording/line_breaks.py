"""Where a line may end, in a script with blanks between its words and in one without.

Chinese may be broken before any character, except that a closing mark does not begin a line and an opening one does
not end it; Latin words, numbers and options within it stay whole.
"""

import re

_OPENING = "（「『《〈【〔［｛“‘"
_CLOSING = "，。、；：？！）」』》〉】〕］｝”’…·%°"
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_LATIN = rf"[^\s{_WIDE}{_OPENING}{_CLOSING}]"
_UNIT = re.compile(
    rf"[{_OPENING}]*(?:{_LATIN}+(?:(?<=[\[(<])[{_WIDE}])?|[{_WIDE}]|(?=[{_CLOSING}]))[{_CLOSING}\])>,.;:!?]*\s*"
    rf"|[{_OPENING}]+\s*|\s+"
)


def broken(text: str, width: int) -> list[str]:
    """`text` in pieces of at most `width` cells, not counting blanks at a piece's end; together they are `text`."""
    from rich.cells import cell_len, chop_cells

    lines: list[str] = []
    line = ""
    for unit in _UNIT.findall(text):
        if cell_len((line + unit).rstrip()) <= width:
            line += unit
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(unit, max(width, 2)) if cell_len(unit.rstrip()) > width else [unit]
        lines.extend(full)
    return [*lines, line] if line or not lines else lines
