"""A local page for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.agent_client.page.browsing import Browser, PageAtTest


@pytest.fixture
async def page() -> AsyncIterator[PageAtTest]:
    page = PageAtTest()
    yield page
    await page.face.close()


@pytest.fixture
async def browser(page: PageAtTest) -> Browser:
    return await page.opened()
