"""`consentry queue`: whose turn it is, and taking one."""

import re

from engineer_client.queue import Queue, QueuedRequest
from engineer_client.queue_commands import _lines
from protocol.messages.agent import AskForHelp
from tests.broker.harness import RunningBroker
from tests.engineer_client.conftest import Desk
from tests.engineer_client.customer import Customer
from tests.helpers.waiting import until
from wording import Wording

NOW_MS = 1_795_000_000_000


async def test_a_customer_is_listed_and_taken(
    broker: RunningBroker, desk: Desk, login: object, customer: Customer
) -> None:
    """By the number that the list shows; nobody else has them then."""
    waiting_room = broker.server.broker.services.waiting_room
    before = waiting_room.change
    await customer._agent.send(AskForHelp(customer="Ann\x1b Example", words="the till\x1b[2J does not print"))
    await until(lambda: waiting_room.change != before)
    listed = await desk.run("queue")
    assert listed.status == 0, listed.err
    assert re.match(r"1  Ann Example  \[standard\]  waits \d+:\d\d ", listed.out), listed.out
    assert "the till\\x1b[2J does not print" in listed.out
    taken = await desk.run("queue", "--take", "1")
    assert "Request 1 is yours." in taken.err
    assert "yours  shares, code is ready" in taken.out


def test_the_clock_of_a_promise() -> None:
    """What is left of it, or how long it is over; who called has no machine here."""
    request = QueuedRequest(
        7, "waiting", "Ann", "no receipts", "+1 555 0100", "gold", NOW_MS, NOW_MS + 60_000, None, False, "", False
    )
    wording = Wording("en")
    first = _lines(request, Queue([request], NOW_MS + 10_000), wording)
    assert first[0] == "7  Ann  [gold]  waits 0:10  0:50 left  called"
    assert first[-1].strip() == "to be reached at +1 555 0100"
    late = _lines(request, Queue([request], NOW_MS + 185_000), wording)
    assert late[0] == "7  Ann  [gold]  waits 3:05  2:05 over the promise  called"
