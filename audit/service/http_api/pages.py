"""GET /desk/…: the page of reviewers and supervisors, as `make web` puts it into audit/service/site/."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from serving.http.site import Site

DESK = Site(Path(__file__).resolve().parents[1] / "site")

router = APIRouter()


@router.get("/desk/{path:path}", include_in_schema=False)
def desk(path: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """Raises PagesNotBuilt; 404 for what is not one of the files."""
    return DESK.answer(path, accept_encoding)
