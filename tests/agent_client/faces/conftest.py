"""A customer who sits down at a terminal of their own."""

import termios
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from agent_client.faces.face import Face
from tests.agent_client.faces.terminal_customer import Customer


@pytest.fixture
async def sit() -> AsyncIterator[Callable[..., Any]]:
    """Puts customers in front of terminals."""
    customers: list[Customer] = []

    async def make(*arguments: Any, **keywords: Any) -> Customer:
        customer = Customer(*arguments, **keywords)
        as_face: Face = customer.face
        await as_face.__aenter__()
        customers.append(customer)
        return customer

    yield make
    for customer in customers:
        await customer.face.__aexit__(None, None, None)
        assert termios.tcgetattr(customer.slave) == customer.before
        customer.close()
