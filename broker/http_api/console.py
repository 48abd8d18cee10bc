"""GET /console/…: the console's page and files."""

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from broker.console import CONSOLE

router = APIRouter()


@router.get("/console/{path:path}", include_in_schema=False)
def console(path: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """Raises PagesNotBuilt; 404 for what is not one of the files."""
    return CONSOLE.answer(path, accept_encoding)
