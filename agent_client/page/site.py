"""The page's files in memory: names are known beforehand, so no request ever reaches the file system.

The servers' pages have the same (`serving/http/site.py`); a client carries nothing of a server, and answers otherwise.
"""

from dataclasses import dataclass
from pathlib import Path

SITE = Path(__file__).parent / "site"
PAGE = "index.html"

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file, as it is answered."""

    content: bytes
    media_type: str


def load_site() -> dict[str, SiteFile]:
    """By name below the page's own path, `""` for the page itself. Empty if it was not built."""
    if not (SITE / PAGE).is_file():
        return {}
    found = {
        path.relative_to(SITE).as_posix(): SiteFile(path.read_bytes(), MEDIA_TYPES[path.suffix])
        for path in sorted(SITE.rglob("*"))
        if path.is_file() and path.suffix in MEDIA_TYPES
    }
    found[""] = found.pop(PAGE)
    return found
