"""Lies about a pairing, each a change of messages on their way, and what either end must say to it."""

from collections.abc import Callable

from protocol.cpace import SHARE_BYTES, lv_cat, lv_split
from tests.hostile.liar import Direction, Lie, Message

OTHER_16 = b"\xee" * 16


def _mail(phase: str, change: Callable[[bytes], bytes], *, at: Direction) -> Lie:
    """Changes the body of one phase's mail on its way to or from the broker."""

    def lie(path: str, direction: Direction, message: Message) -> list[Message]:
        del path
        if message["type"] == "pairing-mail" and message["phase"] == phase and direction == at:
            message["body"] = change(message["body"])
        return [message]

    return lie


def _identity(change: Callable[[list[bytes]], None]) -> Callable[[bytes], bytes]:
    """Changes what the agent vouches for, behind its share."""

    def of(body: bytes) -> bytes:
        items = lv_split(body[SHARE_BYTES:])
        change(items)
        return body[:SHARE_BYTES] + lv_cat(*items)

    return of


def _swap_agent_key(items: list[bytes]) -> None:
    items[1] = bytes(32)


def _swap_host_keys(items: list[bytes]) -> None:
    items[2] = items[2][:-32] + bytes(32)


def _other_share(body: bytes) -> bytes:
    return b"\x09" + bytes(31) + body[SHARE_BYTES:]


def _low_order_share(body: bytes) -> bytes:
    return bytes(32) + body[SHARE_BYTES:]


def _flip(body: bytes) -> bytes:
    return bytes([body[0] ^ 1]) + body[1:]


def _started(end: str, **changes: object) -> Lie:
    """Tells one end other things about the pairing than the other. Fields are written on the wire with hyphens."""
    fields = {name.replace("_", "-"): value for name, value in changes.items()}

    def lie(path: str, direction: Direction, message: Message) -> list[Message]:
        del direction
        return [message | fields if message["type"] == "pairing-started" and path == end else message]

    return lie


def _twice(phase: str, at: Direction) -> Lie:
    def lie(path: str, direction: Direction, message: Message) -> list[Message]:
        del path
        repeated = message["type"] == "pairing-mail" and message["phase"] == phase and direction == at
        return [message, message] if repeated else [message]

    return lie


def _renamed(phase: str, other: str, at: Direction) -> Lie:
    """The same body under another name: reordering, and reflection where `other` is the other end's."""

    def lie(path: str, direction: Direction, message: Message) -> list[Message]:
        del path
        changed = message["type"] == "pairing-mail" and message["phase"] == phase and direction == at
        return [message | {"phase": other} if changed else message]

    return lie


class _Reflector:
    """Gives each end its own opening back as the other's."""

    def __call__(self, path: str, direction: Direction, message: Message) -> list[Message]:
        if message["type"] == "pairing-mail" and message["phase"] == "ya" and direction == "up":
            self.own_share = message["body"][:SHARE_BYTES]
        if message["type"] == "pairing-mail" and message["phase"] == "yb" and path == "/v1/pairing":
            message["body"] = self.own_share + message["body"][SHARE_BYTES:]
        return [message]


def _withholds_the_proof(path: str, direction: Direction, message: Message) -> list[Message]:
    del direction
    return [] if path == "/v1/pairing" and message.get("phase") == "tb" else [message]


class _AdmitsTooEarly:
    """Says that the agent has confirmed, before it has."""

    def __call__(self, path: str, direction: Direction, message: Message) -> list[Message]:
        if path == "/v1/pairing" and message["type"] == "pairing-mail" and message["phase"] == "yb":
            return [{"type": "pairing-admitted", "leg-ticket": "x"}]
        return [message]


class _OtherNonce:
    """Lies about the nonce that the engineer chose, consistently towards the broker and the agent."""

    def __call__(self, path: str, direction: Direction, message: Message) -> list[Message]:
        if message["type"] == "claim-code":
            self.true = message["engineer-nonce"]
            message["engineer-nonce"] = OTHER_16
        if message["type"] == "pairing-started" and path == "/v1/pairing":
            message["engineer-nonce"] = self.true
        return [message]


WRONG, BROKEN = "code was not right", "does not follow the rules"
UNKNOWING = {"paired"}
"""The engineer's end has proved itself and then heard a lie: the customer's cannot know, and nobody ever asks."""

LIES: dict[str, tuple[Callable[[], Lie], tuple[str, ...], set[str]]] = {
    "swaps the agent's key": (
        lambda: _mail("yb", _identity(_swap_agent_key), at="down"), (WRONG,), {"wrong-code"}),
    "swaps the host keys": (
        lambda: _mail("yb", _identity(_swap_host_keys), at="up"), (WRONG,), {"wrong-code"}),
    "swaps the engineer's share": (
        lambda: _mail("ya", _other_share, at="up"), (WRONG,), {"wrong-code"}),
    "swaps the agent's share": (
        lambda: _mail("yb", _other_share, at="down"), (WRONG,), {"wrong-code"}),
    "sends a share that fixes the key": (
        lambda: _mail("ya", _low_order_share, at="down"), (BROKEN,), {"broken"}),
    "swaps the engineer's certificate": (
        lambda: _mail("ya", lambda body: body[:-1] + bytes([body[-1] ^ 1]), at="down"), (WRONG,), {"wrong-code"}),
    "forges the engineer's proof": (
        lambda: _mail("ta", _flip, at="up"), (WRONG,), {"wrong-code"}),
    "cuts a message": (
        lambda: _mail("ya", lambda body: body[:20], at="down"), (BROKEN,), {"broken"}),
    "swaps the session for the engineer": (
        lambda: _started("/v1/pairing", session_id=OTHER_16), (WRONG,), {"wrong-code"}),
    "swaps the session for the customer": (
        lambda: _started("/v1/agent", session_id=OTHER_16), (BROKEN,), {"broken"}),
    "swaps the customer's nonce for the engineer": (
        lambda: _started("/v1/pairing", agent_nonce=OTHER_16), (WRONG,), {"wrong-code"}),
    "swaps the customer's nonce for the customer": (
        lambda: _started("/v1/agent", agent_nonce=OTHER_16), (BROKEN,), {"broken"}),
    "swaps the engineer's nonce": (
        _OtherNonce, (WRONG,), {"wrong-code"}),
    "swaps the nameplate for the engineer": (
        lambda: _started("/v1/pairing", nameplate="999"), (BROKEN,), {"lost"}),
    "repeats the engineer's opening": (
        lambda: _twice("ya", "down"), (BROKEN,), {"broken"}),
    "repeats the customer's opening": (
        lambda: _twice("yb", "down"), (BROKEN,), UNKNOWING),
    "withholds the customer's proof": (
        lambda: _withholds_the_proof, (BROKEN,), UNKNOWING),
    "reorders": (
        lambda: _renamed("ya", "ta", "down"), (BROKEN,), {"broken"}),
    "reflects the engineer's opening": (
        _Reflector, (WRONG,), {"wrong-code"}),
    "admits before the proof": (
        _AdmitsTooEarly, (BROKEN,), {"lost"}),
}  # fmt: skip
"""How each is made, what the engineer's program may say to it, and how the customer's code may end."""
