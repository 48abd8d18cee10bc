"""Mail of a pairing, codes, and the broker's mailbox: everything that happens before two ends trust each other."""

from collections.abc import Iterable, Iterator
from typing import get_args

from broker.pairing.mailbox import Mailbox
from fuzz.target import target
from protocol.codes import OneTimeCode, parse_code
from protocol.errors import InputError
from protocol.messages.pairing import PairingMail, PairingOutcome, PairingPhase
from protocol.pairing import AgentIdentity, AgentPairing, EngineerPairing, PairingContext

CODE = OneTimeCode("482", "9137755")
CONTEXT = PairingContext(
    broker_origin="https://help.example.org",
    root_key=bytes(32),
    session_id=bytes(16),
    nameplate="482",
    engineer_nonce=bytes(16),
    agent_nonce=bytes(16),
)
IDENTITY = AgentIdentity(
    bytes(32),
    (
        b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32),
        b"\0\0\0\x13ecdsa-sha2-nistp256\0\0\0\x08nistp256\0\0\0\x41\x04" + bytes(64),
    ),
)
PHASES: tuple[PairingPhase, ...] = get_args(PairingPhase)
OUTCOMES: tuple[PairingOutcome, ...] = get_args(PairingOutcome)
MAIL_LIMIT_BYTES = 2048


def _letters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """A first byte that says what to do, two bytes of length, and so many bytes; again and again."""
    at = 0
    while at + 3 <= len(data):
        size = min(int.from_bytes(data[at + 1 : at + 3], "big"), MAIL_LIMIT_BYTES)
        yield data[at], data[at + 3 : at + 3 + size]
        at += 3 + size


def _letter(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(2, "big") + body


def _exchanges() -> Iterable[bytes]:
    """Openings of either end, to the other and back to itself."""
    engineer, agent = EngineerPairing(CODE, CONTEXT, bytes(32), now_ms=0), _agent()
    [ya] = engineer.mail_to_send()
    agent.receive_mail(ya, 1)
    [yb] = agent.mail_to_send()
    yield _letter(0, ya.body) + _letter(2, bytes(64))
    yield _letter(1, yb.body) + _letter(3, bytes(64))
    yield _letter(1, ya.body) + _letter(0, yb.body)


def _agent() -> AgentPairing:
    return AgentPairing(CODE, CONTEXT, IDENTITY, now_ms=0)


@target("pairing-mail", seeds=_exchanges, words=(b"\x07engineer\x20", b"\x05agent\x20", bytes(32), b"\xff" * 32))
def pairing_mail(data: bytes) -> None:
    """Letters to both ends of a pairing, from somebody who does not know the code: never a key."""
    for end in (EngineerPairing(CODE, CONTEXT, bytes(32), now_ms=0), _agent()):
        for kind, body in _letters(data):
            end.receive_mail(PairingMail(nameplate="482", phase=PHASES[kind % len(PHASES)], body=body), 1)
            end.mail_to_send()
        assert end.keys is None
        assert end.outcome != "paired"


@target("mailbox", seeds=lambda: [bytes((0, 1, 2, 3, 4, 5)), b"\x00\x01\x08\x03\x0a\x14"])
def mailbox(data: bytes) -> None:
    """The broker's mailbox in any order of happenings: it ends once, and is silent afterwards."""
    box = Mailbox(bytes(16), "482", bytes(16), now_ms=0)
    claims = ended = 0
    for step, byte in enumerate(data[:200]):
        phase, side = PHASES[byte // 2 % 4], ("engineer", "agent")[byte // 8 % 2]
        match byte % 7:
            case 0:
                events = box.claim(bytes(16), step)
                claims += bool(events)
            case 1 | 2 | 3:
                mail = PairingMail(nameplate="482", phase=phase, body=b"")
                events = box.receive_mail(side, mail)  # type: ignore[arg-type]  # one of the two literals
            case 4:
                events = box.receive_verdict(OUTCOMES[byte // 8 % len(OUTCOMES)])
            case 5:
                events = box.handle_time(step * byte)
            case _:
                events = (box.agent_lost, box.engineer_lost, box.agent_cancelled)[byte // 8 % 3]()
        assert not (ended and events)
        ended += any(type(event).__name__ == "CodeEnded" for event in events)
    assert claims <= 1
    assert ended <= 1


@target("code", seeds=lambda: [str(CODE).encode(), "４８２－９１３７－７５５".encode(), b"482 9137 7552"])
def code(data: bytes) -> None:
    """A code as a person types or pastes it."""
    try:
        parsed = parse_code(
            data.decode("utf-8", "surrogatepass") if b"\xed" in data else data.decode("utf-8", "replace")
        )
    except (InputError, UnicodeDecodeError):
        return
    assert parse_code(str(parsed)) == parsed
    assert str(parsed).isascii()
