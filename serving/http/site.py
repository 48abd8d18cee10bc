"""Built pages in memory: names are known beforehand, so no request ever reaches the file system.

A site is a folder as Vite leaves it. It is public: what a page shows, it asks for at the API, as whoever signed in.
"""

import gzip
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

from protocol.errors import UnavailableError

PAGE = "index.html"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""Nothing else is part of a site; a browser may not guess (X-Content-Type-Options: nosniff)."""

IMMUTABLE = "public, max-age=31536000, immutable"
"""For files with their hash in their name."""

# Scripts, styles and connections of our own alone. `unsafe-inline` is for styles: the terminal (xterm.js) writes the
# sizes and colours of its cells into a style element.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A thread has the policy of its own answer, not the page's. The one that hashes the console's files compiles
# WebAssembly, and can load and ask for nothing (docs/decisions/0051-webassembly-for-one-thread.md).
THREAD_OF_HASHES = "assets/hashWorker-"
"""How its name begins: `web/src/files/hashWorker.ts`."""

THREADS_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'"
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class PagesNotBuilt(UnavailableError):
    """The server runs from a checkout in which nobody has built them."""

    sentence = "The pages for browsers are not part of this installation. In a checkout, build them with: make web"


@dataclass(frozen=True)
class SiteFile:
    """`squeezed` is the content as gzip has it. Nothing secret is in it, so that its size tells nobody anything."""

    content: bytes
    squeezed: bytes
    media_type: str
    cache_control: str


class Site:
    """The files of one folder, read once, when the first is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def files(self) -> dict[str, SiteFile]:
        """By path below the site's address, `""` for the page itself. Empty if nothing was built."""
        if not (self._folder / PAGE).is_file():
            return {}
        found = {
            path.relative_to(self._folder).as_posix(): SiteFile(
                content := path.read_bytes(),
                gzip.compress(content, mtime=0),
                MEDIA_TYPES[path.suffix],
                IMMUTABLE if path.parent.name == "assets" else "no-cache",
            )
            for path in sorted(self._folder.rglob("*"))
            if path.is_file() and path.suffix in MEDIA_TYPES
        }
        found[""] = found.pop(PAGE)
        return found

    def answer(self, path: str, accept_encoding: str) -> Response:
        """`accept_encoding` is the request's header. Raises PagesNotBuilt; 404 for what is not one of the files."""
        if not self.files:
            raise PagesNotBuilt
        file = self.files.get(path)
        if file is None:
            raise HTTPException(404)
        policy = THREADS_POLICY if path.startswith(THREAD_OF_HASHES) else CONTENT_SECURITY_POLICY
        headers = {
            **HEADERS,
            "Content-Security-Policy": policy,
            "Cache-Control": file.cache_control,
            "Vary": "Accept-Encoding",
        }
        if "gzip" not in accept_encoding:
            return Response(file.content, media_type=file.media_type, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return Response(file.squeezed, media_type=file.media_type, headers=headers)
