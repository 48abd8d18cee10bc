"""Text of somebody else's, made fit to stand in a sentence on a terminal.

Names, reasons, paths and host names come from the other end. A control character in one of them could move the
cursor, retitle the window or clear a warning away; a bidirectional override could turn a name round. Both are shown
as what they are instead.
"""

import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, format characters (all bidi marks among them), surrogates, unassigned, line and paragraph separators."""


def safe_text(text: str) -> str:
    """`text` with every character that draws nothing, or does something, written as an escape such as `\\x1b`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) if _is_hidden(character) else character for character in text)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN_CATEGORIES


def _escaped(character: str) -> str:
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
