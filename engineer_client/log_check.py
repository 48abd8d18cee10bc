"""The engineer's side of the organisation's log: what the customer's agent demands, this machine demands as well.

Two machines that remember are harder to lie to than one: a broker that shows the customer one log and the engineer
another has to keep it up for ever.
"""

import asyncio
from collections.abc import Callable

from engineer_client.state import State, make_private_folder
from protocol.errors import UnavailableError
from protocol.log_leaves import CloseLeaf, Leaf, OpenLeaf
from protocol.messages.agent import LogEntry, ProofReady
from protocol.profile import Profile
from tunnel.json_api import JsonApi
from tunnel.log_asking import ask_log
from tunnel.log_memory import LogMemory


class LogNotNamed(UnavailableError):
    """The profile names no log."""

    sentence = "The organisation keeps no public log of its sessions, so nothing was opened. Its broker is out of date."


async def demand_open_proof(
    state: State, profile: Profile, api: JsonApi, session_id: bytes, agent_key: bytes
) -> ProofReady:
    """That the log has this session, and is the log that was seen here before.

    Raises LogNotNamed, what asking the broker can raise, and why a proof was not believed (tunnel/log_memory.py).
    """

    def is_ours(leaf: Leaf) -> bool:
        # The manifest is between the customer and the auditors; session and key are what the code has proved to us.
        return isinstance(leaf, OpenLeaf) and (leaf.session_id, leaf.agent_key) == (session_id, agent_key)

    return await asyncio.to_thread(_demand, state, profile, api, session_id, "open", is_ours)


def demand_close_proof(state: State, profile: Profile, api: JsonApi, session_id: bytes) -> ProofReady:
    """That the log has the session's end. Blocks. Raises as `demand_open_proof`, and ServerRefused before the end."""

    def is_ours(leaf: Leaf) -> bool:
        return isinstance(leaf, CloseLeaf) and leaf.session_id == session_id

    return _demand(state, profile, api, session_id, "close", is_ours)


def _demand(
    state: State,
    profile: Profile,
    api: JsonApi,
    session_id: bytes,
    entry: LogEntry,
    is_ours: Callable[[Leaf], bool],
) -> ProofReady:
    if profile.log is None:
        raise LogNotNamed
    memory = LogMemory(make_private_folder(state.folder), profile.log.policy)
    return ask_log(api, f"/v1/sessions/{session_id.hex()}/proof", entry, memory, is_ours)
