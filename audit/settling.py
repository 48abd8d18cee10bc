"""How a thread's work answers whoever awaits it on the event loop."""

import asyncio
from typing import Any


def settle(future: "asyncio.Future[Any]", outcome: object) -> None:
    """`outcome` is the result, or the exception. Belongs to the event loop's thread."""
    if future.done():  # the one who waited has gone; what was done stays done
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
