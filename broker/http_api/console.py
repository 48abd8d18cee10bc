"""GET /console/…: the console's page and files.

Public: what they show, they ask for at the API, as whoever signed in.
"""

from functools import cache

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from broker.console.files import ConsoleFile, ConsoleNotBuilt, load_console

router = APIRouter()

# Scripts, styles and connections of our own alone. `unsafe-inline` is for styles: the terminal (xterm.js) writes the
# sizes and colours of its cells into a style element.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@cache
def _files() -> dict[str, ConsoleFile]:
    return load_console()


@router.get("/console/{path:path}", include_in_schema=False)
def console(path: str) -> Response:
    """Raises ConsoleNotBuilt; 404 for what is not one of the files."""
    files = _files()
    if not files:
        raise ConsoleNotBuilt(what="console")
    file = files.get(path)
    if file is None:
        raise HTTPException(404)
    return Response(file.content, media_type=file.media_type, headers={**_HEADERS, "Cache-Control": file.cache_control})
