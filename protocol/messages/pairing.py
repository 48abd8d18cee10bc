"""Engineer ↔ broker, while pairing (wss `/v1/pairing`); what the broker hands on unread goes to the agent, too."""

from typing import Annotated, Literal

from msgspec import Meta

from protocol.messages.fields import Bytes16, Nameplate, ShortText
from protocol.messages.wire import Message, Refused

PairingPhase = Literal["ya", "yb", "ta", "tb"]
"""Ya and ADa; Yb and ADb; the engineer's confirmation; the agent's. In this order, each at most once per code."""

PairingOutcome = Literal["paired", "wrong-code", "expired", "cancelled", "lost", "broken"]
"""How a code ended. `wrong-code` burns it; `broken` means that a message made no sense: an attack or a bug."""


class PairingMail(Message, frozen=True, tag="pairing-mail"):
    """One pairing message, handed on unread. Sent in both directions on both sides of the broker."""

    nameplate: Nameplate
    phase: PairingPhase
    body: Annotated[bytes, Meta(max_length=2048)]


class PairingStarted(Message, frozen=True, tag="pairing-started"):
    """An authenticated engineer claimed the nameplate. To both ends, the same values."""

    session_id: Bytes16
    nameplate: Nameplate
    engineer_nonce: Bytes16
    agent_nonce: Bytes16


class ClaimCode(Message, frozen=True, tag="claim-code"):
    """The public half of a code. The secret half never reaches the broker."""

    version: Literal[1]
    nameplate: Nameplate
    engineer_nonce: Bytes16


class PairingAdmitted(Message, frozen=True, tag="pairing-admitted"):
    """The agent confirmed the pairing; `leg_ticket` admits this engineer's relay legs for the session."""

    leg_ticket: ShortText


class PairingFailed(Message, frozen=True, tag="pairing-failed"):
    outcome: PairingOutcome


EngineerToBroker = ClaimCode | PairingMail

BrokerToEngineer = PairingStarted | PairingMail | PairingAdmitted | PairingFailed | Refused
