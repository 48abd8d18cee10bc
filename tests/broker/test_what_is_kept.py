"""What the broker keeps of a connection: nothing of how it began, and nothing at all once it has ended.

Counted without the collector's help, which comes by only when tens of thousands of objects have gathered.
"""

import gc
from collections import Counter
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from broker.relay.upgrade import RelayDoor, RelayLeg
from broker.websockets.conversation import Conversation
from protocol.legs import AGENT_LEG_PATH, LEG_SUBPROTOCOL, TICKET_PREFIX
from serving.http.heads import BoundedHeads
from serving.http.shared_tls import TlsProtocol, TlsTransport
from tests.broker.harness import RunningBroker
from tests.helpers.waiting import until

OF_THE_BEGINNING = (BoundedHeads, ServerProtocol)
OF_A_CONNECTION = (TlsProtocol, TlsTransport, RelayDoor, RelayLeg, Conversation)


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _alive(kinds: tuple[type, ...]) -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, kinds))


@pytest.mark.usefixtures("no_collector")
async def test_a_connection_keeps_nothing_of_its_beginning_and_leaves_nothing_behind(broker: RunningBroker) -> None:
    """A conversation and a relay leg: parsers, heads and handshakes are gone while both go on, then all the rest."""
    before = _alive(OF_THE_BEGINNING + OF_A_CONNECTION)
    async with broker.agent() as (_, opened):
        ticket = Subprotocol(TICKET_PREFIX + opened.leg_ticket)
        url = f"wss://localhost:{broker.server.port}{AGENT_LEG_PATH}"
        protocols = [Subprotocol(LEG_SUBPROTOCOL), ticket]
        async with connect(url, ssl=broker.tls, subprotocols=protocols, compression=None, proxy=None) as leg:
            await (await leg.ping())
            gained = _alive(OF_THE_BEGINNING + OF_A_CONNECTION) - before
            assert gained == {"TlsProtocol": 2, "TlsTransport": 2, "Door": 2, "RelayLeg": 1, "Conversation": 1}
    await until(lambda: not broker.server.broker.services.lines and not broker.server.broker.relay.waiting)
    await until(lambda: not _alive(OF_THE_BEGINNING + OF_A_CONNECTION) - before)
