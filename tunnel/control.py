"""Websockets for the conversations with the broker: /v1/agent, /v1/pairing, /v1/records."""

from collections.abc import Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from protocol.details import system_reason
from protocol.errors import PeerError, RefusedError, UnavailableError
from protocol.messages.wire import CONTROL_FRAME_LIMIT_BYTES, SUBPROTOCOL
from protocol.profile import Profile
from tunnel.trust import ssl_context

CONNECT_TIMEOUT_SECONDS = 15.0
PING_SECONDS = 15.0
DEAD_SECONDS = 30.0
"""Without an answer to a ping: dead 45 s after the last sign of life, like a stream's leg."""

QUEUE_FRAMES = 16
"""Received and not yet read; then the broker is made to wait."""


class BrokerUnavailable(UnavailableError):
    """No connection, no TLS, or no answer in time."""

    sentence = "The broker at {host} cannot be reached ({problem}). Check the connection and try again."


class ConversationRefused(RefusedError):
    """The broker answered the handshake with a status."""

    sentence = "The broker refused the connection (status {status})."


async def connect_websocket(
    profile: Profile, path: str, *, headers: Mapping[str, str] | None = None, max_size: int = CONTROL_FRAME_LIMIT_BYTES
) -> ClientConnection:
    """A connected websocket; `max_size` is the largest message that we take, in bytes.

    Raises BrokerUnavailable, ConversationRefused, PeerError.
    """
    host = profile.broker_origin.removeprefix("https://")
    try:
        websocket = await connect(
            f"wss://{host}{path}",
            ssl=ssl_context(profile),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=headers,
            compression=None,  # what travels is sealed or tiny
            max_size=max_size,
            max_queue=QUEUE_FRAMES,
            open_timeout=CONNECT_TIMEOUT_SECONDS,
            ping_interval=PING_SECONDS,
            ping_timeout=DEAD_SECONDS,
        )
    except InvalidStatus as error:
        raise ConversationRefused(status=error.response.status_code) from None
    except InvalidHandshake:
        raise PeerError(problem="a handshake that is not a websocket's") from None
    except OSError as error:
        raise BrokerUnavailable(host=host, problem=system_reason(error)) from None
    if websocket.subprotocol != SUBPROTOCOL:
        await websocket.close()
        raise PeerError(problem="a broker that does not speak our protocol")
    return websocket
