"""Every message of every conversation, as it comes off the wire, and the sealed control channel around some."""

from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fuzz.target import target
from protocol.control_channel import TAG_BYTES, ControlChannel
from protocol.errors import IntegrityError, PeerError
from protocol.grants import Scope
from protocol.key_schedule import control_stream_keys
from protocol.messages import agent, control, pairing, recorder, wire
from protocol.messages.wire import CONTROL_FRAME_LIMIT_BYTES, MessageDecoder, encode

B16, B32, B64 = bytes(range(16)), bytes(range(32)), bytes(range(64))
STREAM_ID = B16
CONTROL_KEY = B32

_FROM_AGENT = (
    agent.OpenSession(version=1, agent_key=B32, language="en", sent_at_ms=1),
    agent.AttachSession(version=1, session_id=B16, session_token=B32),
    agent.NewCode(agent_nonce=B16),
    agent.CancelCode(nameplate="482"),
    pairing.PairingMail(nameplate="482", phase="ya", body=B64),
    agent.PairingFinished(nameplate="482", outcome="paired"),
    agent.GrantReported(staff_number="S-1", scopes=(Scope.SHELL,), expires_at_ms=2),
    agent.SessionEnded(reason="engineer-ended", records=7),
    agent.RateSession(stars=5, solved=None, comment="好", rated_at_ms=3, signature=B64),
)
_TO_AGENT = (
    agent.SessionOpened(session_id=B16, session_token=B32, leg_ticket="ticket", broker_time_ms=1),
    agent.CodeOpened(nameplate="4821", expires_at_ms=1),
    agent.CodeClosed(nameplate="482", outcome="lost"),
    pairing.PairingStarted(session_id=B16, nameplate="482", engineer_nonce=B16, agent_nonce=B16),
    agent.DialLegs(count=16),
    agent.EndRequested(reason="expired"),
    agent.HelpTaken(name="Wei Example", staff_number="E-1"),
    agent.StopRequested(name="Su Example", staff_number="S-1", why="a call from the bank"),
    agent.RatingKept(),
    wire.Refused(code="too-busy", sentence="Later."),
)
_FROM_ENGINEER = (
    pairing.ClaimCode(version=1, nameplate="482", engineer_nonce=B16),
    pairing.PairingMail(nameplate="482", phase="ta", body=B64),
)
_TO_ENGINEER = (
    pairing.PairingAdmitted(leg_ticket="ticket"),
    pairing.PairingFailed(outcome="wrong-code"),
    pairing.PairingStarted(session_id=B16, nameplate="482", engineer_nonce=B16, agent_nonce=B16),
)
_UPLOAD = (
    recorder.UploadRecords(version=1, session_id=B16, session_token=B32, manifest_commitment=B32),
    recorder.UploadReady(next_seq=3, chain_hash=B32),
    recorder.RecordsAcked(next_seq=2**40, chain_hash=B32),
)
_SEALED_BY_ENGINEER = (
    control.RequestAccess(
        certificate=B64,
        signature=B64,
        reason="printer",
        ticket="8841",
        scopes=(Scope.SHELL, Scope.FILES_READ),
        minutes=30,
        ssh_user_key=B64,
        client="ssh",
    ),
    control.RequestMore(scopes=(), minutes=10, reason="more"),
    control.EndSession(),
    control.AttestOutput(stream_id=B16, output_bytes=9, output_sha256=B32, signature=B64),
    control.FollowSession(after=0),
    control.Say(text="hello\n谢谢"),
)
_SEALED_BY_AGENT = (
    control.Granted(
        scopes=(Scope.VIEW,), expires_at_ms=5, user_name="mei", host_label="till", folders=("/srv",), language="zh-CN"
    ),
    control.GrantMoved(scopes=(), expires_at_ms=0),
    control.Denied(reason="timeout"),
    control.Attested(matches=True),
    control.Ended(reason="idle"),
    control.SessionMoved(paused_by=("customer", "question"), newest_line=7),
    control.Said(number=1, participant=0, name="", said_at_ms=1, text="谢谢", mine=False),
    control.SayTaken(number=7),
    control.SayRefused(reason="too-fast"),
)

_WORDS = (b"\xa4type", b"\xc4\x10" + B16, b"\xc4\x20" + B32, b"\xd9\xff", b"\xdf\xff\xff\xff\xff", b"\xc0", b"\xcb")


def _conversation(name: str, about: str, union: object, examples: Iterable[Any], limit_bytes: int) -> None:
    decoder: MessageDecoder[Any] = MessageDecoder(union, limit_bytes=limit_bytes)

    def run(data: bytes) -> None:
        try:
            message = decoder.decode(data)
        except PeerError:
            return
        assert decoder.decode(encode(message)) == message

    run.__doc__ = about
    target(name, seeds=lambda: [encode(example) for example in examples], words=_WORDS)(run)


_LIMIT = wire.UNPAIRED_FRAME_LIMIT_BYTES
_conversation("agent-frame", "What an agent says to the broker.", agent.AgentToBroker, _FROM_AGENT, _LIMIT)
_conversation("agent-answer", "What a broker says to an agent.", agent.BrokerToAgent, _TO_AGENT, _LIMIT)
_conversation("pairing-frame", "An engineer's claim and mail.", pairing.EngineerToBroker, _FROM_ENGINEER, _LIMIT)
_conversation("pairing-answer", "The broker's side of a claim.", pairing.BrokerToEngineer, _TO_ENGINEER, _LIMIT)
_conversation("records-frame", "A recorder's first message.", recorder.RecorderToBroker, _UPLOAD, _LIMIT)
_conversation("records-answer", "Acknowledgements of records.", recorder.BrokerToRecorder, _UPLOAD, _LIMIT)


def _control_seeds() -> Iterable[bytes]:
    for side, examples in (("engineer", _SEALED_BY_ENGINEER), ("agent", _SEALED_BY_AGENT)):
        for example in examples:
            yield bytes([side == "agent"]) + encode(example)
    yield b"\x02" + ControlChannel("engineer", CONTROL_KEY, STREAM_ID).seal(control.EndSession())


@target("control-channel", seeds=_control_seeds, words=_WORDS)
def control_channel(data: bytes) -> None:
    """The sealed channel: first byte 0 or 1 seals the rest rightly, 2 delivers it as it is."""
    sender = "agent" if data[:1] == b"\x01" else "engineer"
    receiver = ControlChannel("engineer" if sender == "agent" else "agent", CONTROL_KEY, STREAM_ID)
    wire = data[1:]
    if data[:1] in (b"\x00", b"\x01") and len(wire) <= CONTROL_FRAME_LIMIT_BYTES:
        wire = _sealed_as_it_is(sender, wire)
    try:
        for at in range(0, len(wire), 997):
            receiver.receive_data(wire[at : at + 997])
    except (PeerError, IntegrityError):
        return


def _sealed_as_it_is(sender: str, plaintext: bytes) -> bytes:
    keys = control_stream_keys(CONTROL_KEY, STREAM_ID)
    length = (len(plaintext) + TAG_BYTES).to_bytes(4, "big")
    return length + AESGCM(keys[sender == "agent"]).encrypt(bytes(12), plaintext, length)
