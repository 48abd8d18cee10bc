"""GET /desk/…: the page of reviewers and supervisors, as `make web` puts it into audit/service/site/."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import Response

from serving.http.site import Site

DESK = Site(Path(__file__).resolve().parents[1] / "site")

router = APIRouter()


@router.get("/desk/{path:path}", include_in_schema=False)
def desk(path: str) -> Response:
    """Raises PagesNotBuilt; 404 for what is not one of the files."""
    return DESK.answer(path)
