"""The console's files in memory: names are known beforehand, so no request ever reaches the file system."""

from dataclasses import dataclass
from pathlib import Path

from protocol.errors import UnavailableError

SITE = Path(__file__).parent / "site"
PAGE = "index.html"

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""Nothing else is part of the console; a browser may not guess (X-Content-Type-Options: nosniff)."""

IMMUTABLE = "public, max-age=31536000, immutable"
"""For files with their hash in their name."""


class ConsoleNotBuilt(UnavailableError):
    """The broker runs from a checkout in which nobody has built the console."""

    sentence = "The console is not part of this installation. In a checkout, build it with: make web"


@dataclass(frozen=True)
class ConsoleFile:
    content: bytes
    media_type: str
    cache_control: str


def load_console(site: Path = SITE) -> dict[str, ConsoleFile]:
    """By path below /console/, `""` for the page itself. Empty if the console was not built."""
    if not (site / PAGE).is_file():
        return {}
    found = {
        path.relative_to(site).as_posix(): ConsoleFile(
            path.read_bytes(),
            MEDIA_TYPES[path.suffix],
            IMMUTABLE if path.parent.name == "assets" else "no-cache",
        )
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.suffix in MEDIA_TYPES
    }
    found[""] = found.pop(PAGE)
    return found
