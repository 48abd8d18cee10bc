"""The engineer's half of a pairing, over the broker's websocket.

The rules are in protocol/pairing.py; this carries its mail. The broker is asked to introduce us to whoever holds the
nameplate, and can do no more than that: what it says about session and nonces goes into the proof.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from protocol.codes import OneTimeCode
from protocol.errors import PeerError, RefusedError, UnavailableError
from protocol.key_schedule import PairingKeys
from protocol.messages.pairing import (
    BrokerToEngineer,
    ClaimCode,
    PairingAdmitted,
    PairingFailed,
    PairingMail,
    PairingOutcome,
    PairingStarted,
)
from protocol.messages.wire import HELLO_TIMEOUT_SECONDS, MessageDecoder, Refused, encode
from protocol.pairing import NONCE_BYTES, AgentIdentity, EngineerPairing, PairingContext, certificate_hash
from tunnel.json_api import ServerRefused


class WrongCode(RefusedError):
    """The two ends did not prove the same code to each other. The code is burnt."""

    sentence = (
        "The code was not right, and is used up. Ask the customer to make a new one. If they are sure that they read "
        "it right, somebody may be in between: tell your administrator."
    )


class CodeExpired(RefusedError):
    """Ten minutes have passed, or the two ends did not finish in thirty seconds."""

    sentence = "The code has expired. Ask the customer to make a new one."


class CodeCancelled(RefusedError):
    """The customer took the code back."""

    sentence = "The customer has cancelled the code. Ask whether they still want help."


class CustomerLost(UnavailableError):
    """The customer's end went away in the middle."""

    sentence = "The connection to the customer was lost while checking the code. Ask them for a new one."


class PairingBroken(PeerError):
    """A message made no sense: an attack or a mistake in a program."""

    sentence = "The other end does not follow the rules, so nothing was connected. Ask the customer for a new code."


_ENDINGS: dict[PairingOutcome, type[RefusedError | UnavailableError | PeerError]] = {
    "wrong-code": WrongCode,
    "expired": CodeExpired,
    "cancelled": CodeCancelled,
    "lost": CustomerLost,
    "broken": PairingBroken,
}

_decoder: MessageDecoder[BrokerToEngineer] = MessageDecoder(BrokerToEngineer)


@dataclass(frozen=True)
class Paired:
    """What a right code gives: who is at the other end, keys with them, and a ticket for the relay."""

    session_id: bytes
    agent: AgentIdentity
    keys: PairingKeys
    leg_ticket: str = field(repr=False)


async def pair(
    connection: ClientConnection, code: OneTimeCode, certificate: bytes, *, broker_origin: str, root_key: bytes
) -> Paired:
    """Proves the code to the customer's agent and has it proved. `connection` is an open `/v1/pairing`.

    Raises WrongCode, CodeExpired, CodeCancelled, CustomerLost, PairingBroken, ServerRefused.
    """
    engineer_nonce = secrets.token_bytes(NONCE_BYTES)
    try:
        await connection.send(encode(ClaimCode(version=1, nameplate=code.nameplate, engineer_nonce=engineer_nonce)))
        started = await _receive(connection, HELLO_TIMEOUT_SECONDS)
        if not isinstance(started, PairingStarted) or (started.nameplate, started.engineer_nonce) != (
            code.nameplate,
            engineer_nonce,
        ):
            raise _ending(started)
        context = PairingContext(
            broker_origin=broker_origin,
            root_key=root_key,
            session_id=started.session_id,
            nameplate=code.nameplate,
            engineer_nonce=engineer_nonce,
            agent_nonce=started.agent_nonce,
        )
        machine = EngineerPairing(code, context, certificate_hash(certificate), now_ms=_now_ms())
        return await _exchange(connection, machine, started.session_id)
    except ConnectionClosed as error:
        raise CustomerLost(what="the broker") from error


async def _exchange(connection: ClientConnection, machine: EngineerPairing, session_id: bytes) -> Paired:
    deadline_ms = machine.deadline_ms
    assert deadline_ms is not None
    while True:
        for mail in machine.mail_to_send():
            await connection.send(encode(mail))
        if machine.outcome not in (None, "paired"):
            raise _ENDINGS[machine.outcome]
        message = await _receive(connection, max(deadline_ms - _now_ms(), 0) / 1000)
        if isinstance(message, PairingMail):
            machine.receive_mail(message, _now_ms())
        elif isinstance(message, PairingAdmitted) and machine.keys is not None and machine.agent is not None:
            return Paired(session_id, machine.agent, machine.keys, message.leg_ticket)
        else:
            raise _ending(message)


async def _receive(connection: ClientConnection, timeout_seconds: float) -> BrokerToEngineer:
    try:
        async with asyncio.timeout(timeout_seconds):
            data = await connection.recv()
    except TimeoutError:
        raise CodeExpired from None
    if isinstance(data, str):
        raise PeerError(problem="text where a message was due")
    return _decoder.decode(data)


def _ending(message: BrokerToEngineer) -> Exception:
    if isinstance(message, Refused):
        return ServerRefused(reason=message.sentence, code=message.code)
    if isinstance(message, PairingFailed) and message.outcome in _ENDINGS:
        return _ENDINGS[message.outcome]()
    return PairingBroken()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
