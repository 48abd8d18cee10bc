"""The console's files: exactly those that were built, each with the headers that keep a page its own."""

import re

import pytest

from serving.http.site import IMMUTABLE
from tests.broker.harness import RunningBroker
from tests.broker.http_api.test_api import assert_problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_page_and_what_it_names(shared_broker: RunningBroker) -> None:
    """Scripts of our own alone, nothing in the page itself; files with a hash in their name stay in caches."""
    page = await shared_broker.request("GET", "/console/")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "<script>" not in page.body.decode()
    named = re.findall(r'(?:src|href)="(/console/[^"]+)"', page.body.decode())
    assert len(named) >= 3
    for path in named:
        answer = await shared_broker.request("GET", path)
        assert answer.status == 200
        assert answer.headers["cache-control"] == IMMUTABLE
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/console/index.html", "/console/assets/", "/console/assets", "/console/../../app.py", "/console/%2e%2e/files.py",
     "/console//", "/console/assets/../index.html", "/console/x.js", "/console/%00"],
)  # fmt: skip
async def test_nothing_else_is_there(shared_broker: RunningBroker, path: str) -> None:
    """Names are looked up in a list, never on the disk: no folder is listed, and none is left."""
    assert_problem(await shared_broker.request("GET", path), 404, "not-found")
