"""Every message of every conversation, as it comes off the wire, and the sealed control channel around some."""

from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fuzz.target import target
from protocol import messages
from protocol.control_channel import TAG_BYTES, ControlChannel
from protocol.errors import IntegrityError, PeerError
from protocol.grants import Scope
from protocol.key_schedule import control_stream_keys
from protocol.messages import CONTROL_FRAME_LIMIT_BYTES, MessageDecoder, encode

B16, B32, B64 = bytes(range(16)), bytes(range(32)), bytes(range(64))
STREAM_ID = B16
CONTROL_KEY = B32

_FROM_AGENT = (
    messages.OpenSession(version=1, agent_key=B32, language="en", sent_at_ms=1),
    messages.AttachSession(version=1, session_id=B16, session_token=B32),
    messages.NewCode(agent_nonce=B16),
    messages.CancelCode(nameplate="482"),
    messages.PairingMail(nameplate="482", phase="ya", body=B64),
    messages.PairingFinished(nameplate="482", outcome="paired"),
    messages.GrantReported(staff_number="S-1", scopes=(Scope.SHELL,), expires_at_ms=2),
    messages.SessionEnded(reason="engineer-ended", records=7),
    messages.RateSession(stars=5, solved=None, comment="好", rated_at_ms=3, signature=B64),
)
_TO_AGENT = (
    messages.SessionOpened(session_id=B16, session_token=B32, leg_ticket="ticket", broker_time_ms=1),
    messages.CodeOpened(nameplate="4821", expires_at_ms=1),
    messages.CodeClosed(nameplate="482", outcome="lost"),
    messages.PairingStarted(session_id=B16, nameplate="482", engineer_nonce=B16, agent_nonce=B16),
    messages.DialLegs(count=16),
    messages.EndRequested(reason="expired"),
    messages.HelpTaken(name="Wei Example", staff_number="E-1"),
    messages.StopRequested(name="Su Example", staff_number="S-1", why="a call from the bank"),
    messages.RatingKept(),
    messages.Refused(code="too-busy", sentence="Later."),
)
_FROM_ENGINEER = (
    messages.ClaimCode(version=1, nameplate="482", engineer_nonce=B16),
    messages.PairingMail(nameplate="482", phase="ta", body=B64),
)
_TO_ENGINEER = (
    messages.PairingAdmitted(leg_ticket="ticket"),
    messages.PairingFailed(outcome="wrong-code"),
    messages.PairingStarted(session_id=B16, nameplate="482", engineer_nonce=B16, agent_nonce=B16),
)
_UPLOAD = (
    messages.UploadRecords(version=1, session_id=B16, session_token=B32, manifest_commitment=B32),
    messages.UploadReady(next_seq=3, chain_hash=B32),
    messages.RecordsAcked(next_seq=2**40, chain_hash=B32),
)
_SEALED_BY_ENGINEER = (
    messages.RequestAccess(
        certificate=B64,
        signature=B64,
        reason="printer",
        ticket="8841",
        scopes=(Scope.SHELL, Scope.FILES_READ),
        minutes=30,
        ssh_user_key=B64,
        client="ssh",
    ),
    messages.RequestMore(scopes=(), minutes=10, reason="more"),
    messages.EndSession(),
    messages.AttestOutput(stream_id=B16, output_bytes=9, output_sha256=B32, signature=B64),
    messages.FollowSession(after=0),
    messages.Say(text="hello\n谢谢"),
)
_SEALED_BY_AGENT = (
    messages.Granted(
        scopes=(Scope.VIEW,), expires_at_ms=5, user_name="mei", host_label="till", folders=("/srv",), language="zh-CN"
    ),
    messages.GrantMoved(scopes=(), expires_at_ms=0),
    messages.Denied(reason="timeout"),
    messages.Attested(matches=True),
    messages.Ended(reason="idle"),
    messages.SessionMoved(paused_by=("customer", "question"), newest_line=7),
    messages.Said(number=1, participant=0, name="", said_at_ms=1, text="谢谢", mine=False),
    messages.SayTaken(number=7),
    messages.SayRefused(reason="too-fast"),
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


_LIMIT = messages.UNPAIRED_FRAME_LIMIT_BYTES
_conversation("agent-frame", "What an agent says to the broker.", messages.AgentToBroker, _FROM_AGENT, _LIMIT)
_conversation("agent-answer", "What a broker says to an agent.", messages.BrokerToAgent, _TO_AGENT, _LIMIT)
_conversation("pairing-frame", "An engineer's claim and mail.", messages.EngineerToBroker, _FROM_ENGINEER, _LIMIT)
_conversation("pairing-answer", "The broker's side of a claim.", messages.BrokerToEngineer, _TO_ENGINEER, _LIMIT)
_conversation("records-frame", "A recorder's first message.", messages.RecorderToBroker, _UPLOAD, _LIMIT)
_conversation("records-answer", "Acknowledgements of records.", messages.BrokerToRecorder, _UPLOAD, _LIMIT)


def _control_seeds() -> Iterable[bytes]:
    for side, examples in (("engineer", _SEALED_BY_ENGINEER), ("agent", _SEALED_BY_AGENT)):
        for example in examples:
            yield bytes([side == "agent"]) + encode(example)
    yield b"\x02" + ControlChannel("engineer", CONTROL_KEY, STREAM_ID).seal(messages.EndSession())


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
