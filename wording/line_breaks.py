"""Where a line may end, in a script with blanks between its words and in one without.

Chinese may be broken before any character, except that a closing mark does not begin a line and an opening one does
not end it; Latin words, numbers and options within it stay whole. A word that is longer than a line is broken behind a
mark that joins its parts: a list of values between two of them, a name or a path between two of its words.
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
_JOINTS = (re.compile(r"[^|]*\|+|[^|]+"), re.compile(r"[^-_/.:=]*[-_/.:=]+|[^-_/.:=]+"))
"""Behind which mark a word is parted rather than anywhere, the better one first: values, then the words of one name."""


def broken(text: str, width: int) -> list[str]:
    """`text` in pieces of at most `width` cells, not counting blanks at a piece's end; together they are `text`."""
    from rich.cells import cell_len

    lines: list[str] = []
    line = ""
    for unit in _UNIT.findall(text):
        if cell_len((line + unit).rstrip()) <= width:
            line += unit
            continue
        if line:
            lines.append(line)
        *full, line = _parted(unit, width)
        lines.extend(full)
    return [*lines, line] if line or not lines else lines


def _parted(word: str, width: int, joints: tuple[re.Pattern[str], ...] = _JOINTS) -> list[str]:
    """A word in as few pieces as fit, each ending behind a joint where there is one."""
    from rich.cells import cell_len, chop_cells

    if cell_len(word.rstrip()) <= width:
        return [word]
    if not joints:
        return chop_cells(word, max(width, 2))
    pieces = [""]
    for part in joints[0].findall(word):
        if cell_len((pieces[-1] + part).rstrip()) <= width:
            pieces[-1] += part
        else:
            pieces[-1:] = [*filter(None, pieces[-1:]), *_parted(part, width, joints[1:])]
    return pieces
