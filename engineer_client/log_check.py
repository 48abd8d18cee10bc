"""The engineer's side of the organisation's log: what the customer's agent demands, this machine demands as well.

Two machines that remember are harder to lie to than one: a broker that shows the customer one log and the engineer
another has to keep it up for ever.
"""

import asyncio
import base64

import msgspec

from engineer_client.http import BrokerApi
from engineer_client.state import State, make_private_folder
from protocol.errors import PeerError, UnavailableError
from protocol.log_leaves import LeafError, OpenLeaf, decode_leaf
from protocol.messages import ProofReady
from protocol.profile import Profile
from tunnel.log_memory import LogMemory


class LogNotNamed(UnavailableError):
    """The profile names no log."""

    sentence = "The organisation keeps no public log of its sessions, so nothing was opened. Its broker is out of date."


async def demand_open_proof(
    state: State, profile: Profile, api: BrokerApi, session_id: bytes, agent_key: bytes
) -> ProofReady:
    """That the log has this session, and is the log that was seen here before.

    Raises LogNotNamed, what asking the broker can raise, and why a proof was not believed (tunnel/log_memory.py).
    """
    if profile.log is None:
        raise LogNotNamed
    memory = LogMemory(make_private_folder(state.folder), profile.log.policy)
    known = memory.known()
    known_size = known.size if known is not None else 0
    path = f"/v1/sessions/{session_id.hex()}/proof?entry=open&known_size={known_size}"
    answer = _read(await asyncio.to_thread(api.get, path))
    leaf = decode_leaf(answer.leaf)
    # The manifest is between the customer and the auditors; session and key are what the code has proved to us.
    if not isinstance(leaf, OpenLeaf) or (leaf.session_id, leaf.agent_key) != (session_id, agent_key):
        raise LeafError(problem="it is about something else than this session")
    memory.accept(answer, known)
    return answer


def _read(answer: object) -> ProofReady:
    try:
        assert isinstance(answer, dict)
        facts = {
            "type": "proof-ready",
            "entry": "open",
            "leaf": _bytes(answer["leaf"]),
            "proof": answer["proof"],
            "consistency": [_bytes(one) for one in answer["consistency"]],
        }
        return msgspec.convert(facts, ProofReady)
    except (AssertionError, KeyError, TypeError, ValueError, msgspec.ValidationError):
        raise PeerError(problem="a proof that cannot be read") from None


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
