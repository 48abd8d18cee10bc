"""What the formats share: how a line is written, whatever it is about. Always one line, always printable."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from protocol.calendar_time import calendar_time

VENDOR, PRODUCT, VERSION = "Consentry", "Consentry", "0.1"
OCSF_VERSION, ECS_VERSION = "1.4.0", "8.11.0"

SEVERITY = {"I": (1, 3), "W": (3, 6), "E": (4, 8)}
"""By a code's last letter: OCSF's severity_id and CEF's 0 to 10."""

SUCCESS, FAILURE = (1, "success"), (2, "failure")
"""OCSF's status_id and the others' word."""


def json_line(record: Mapping[str, Any]) -> str:
    """ASCII: whatever stands in a file's name, it is no control character and no half of a surrogate pair here."""
    return json.dumps(record, separators=(",", ":"))


def iso_time(unix_ms: int) -> str:
    """UTC, to the millisecond."""
    return calendar_time(unix_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ocsf_metadata(uid: str, code: str) -> dict[str, Any]:
    product = {"name": PRODUCT, "vendor_name": VENDOR, "version": VERSION}
    return {"version": OCSF_VERSION, "uid": uid, "event_code": code, "product": product}


def cef_line(code: str, name: str, extension: Sequence[tuple[str, object]]) -> str:
    """`|` and `\\` are escaped in the header, `=` and `\\` in the extension; what is empty is left away."""
    header = [VENDOR, PRODUCT, VERSION, code, name, str(SEVERITY[code[-1]][1])]
    pairs = " ".join(f"{key}={_cef_value(str(value))}" for key, value in extension if value != "")
    return f"CEF:0|{'|'.join(_cef_header(part) for part in header)}|{pairs}"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _cef_header(text: str) -> str:
    return _printable(text).replace("\\", "\\\\").replace("|", "\\|")


def _cef_value(text: str) -> str:
    return _printable(text).replace("\\", "\\\\").replace("=", "\\=")
