"""A local page for each test."""

from collections.abc import AsyncIterator

import pytest

from agent_client.page import page_face
from tests.agent_client.page.browsing import Browser, PageAtTest


@pytest.fixture
def still_for_seconds(monkeypatch: pytest.MonkeyPatch) -> float:
    """How long the door stays shut after everything was stopped."""
    monkeypatch.setattr(page_face, "STILL_FOR_SECONDS", 0.05)
    return 0.05


@pytest.fixture
async def page(still_for_seconds: float) -> AsyncIterator[PageAtTest]:
    page = PageAtTest()
    yield page
    await page.face.close()


@pytest.fixture
async def browser(page: PageAtTest) -> Browser:
    return await page.opened()
