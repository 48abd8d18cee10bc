"""GET /console/…: the console's page and files."""

from fastapi import APIRouter
from starlette.responses import Response

from broker.console import CONSOLE

router = APIRouter()


@router.get("/console/{path:path}", include_in_schema=False)
def console(path: str) -> Response:
    """Raises PagesNotBuilt; 404 for what is not one of the files."""
    return CONSOLE.answer(path)
