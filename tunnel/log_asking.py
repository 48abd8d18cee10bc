"""Asks a broker's log for the proof of an entry over HTTPS, and believes nothing that does not hold: not what is in the
entry, not the log's signature without its witnesses', and no log that is not the one that was seen here before."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec

from protocol.errors import PeerError
from protocol.log_leaves import Leaf, LeafError, decode_leaf
from protocol.messages.agent import LogEntry, ProofReady
from tunnel.json_api import JsonApi
from tunnel.log_memory import LogMemory


def ask_log(api: JsonApi, path: str, entry: LogEntry, memory: LogMemory, is_ours: Callable[[Leaf], bool]) -> ProofReady:
    """Blocks. `path` is where this broker proves the session's entries.

    Raises as `JsonApi.get` and `LogMemory.accept`, and LeafError for an entry that is not ours.
    """
    known = memory.known()
    known_size = known.size if known is not None else 0
    answer = read_proof(api.get(f"{path}?{urlencode({'entry': entry, 'known_size': known_size})}"), entry)
    if not is_ours(decode_leaf(answer.leaf)):
        raise LeafError(problem="it is about something else than this session")
    memory.accept(answer, known)
    return answer


def read_proof(answer: Any, entry: LogEntry) -> ProofReady:
    """From an answer's JSON; bytes are base64url without padding. Raises PeerError."""
    try:
        facts = {
            "type": "proof-ready",
            "entry": entry,
            "leaf": _bytes(answer["leaf"]),
            "proof": answer["proof"],
            "consistency": [_bytes(one) for one in answer["consistency"]],
        }
        return msgspec.convert(facts, ProofReady)
    except (AttributeError, KeyError, TypeError, ValueError, msgspec.ValidationError):
        raise PeerError(problem="a proof that cannot be read") from None


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
