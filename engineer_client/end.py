"""Ends a session from the engineer's side, by whichever way still works."""

import asyncio

from engineer_client.control import SessionHasEnded, open_conversation
from engineer_client.session_files import SessionFiles, remove_session
from engineer_client.shell import end_session
from engineer_client.state import State
from protocol.errors import IntegrityError, PeerError, RefusedError, UnavailableError
from tunnel.json_api import JsonApi, ServerRefused

_OVER_ALREADY = frozenset({"session-over", "session-unknown"})


async def end(state: State, files: SessionFiles, api: JsonApi) -> None:
    """Tells the agent, which stops everything at once; where it cannot be reached, the broker cuts the session off.

    What this machine kept of the session is removed in either case. Raises what `JsonApi.post` does.
    """
    session = files.load_paired()
    try:
        async with await open_conversation(session) as conversation:
            ended = await end_session(conversation)
    except SessionHasEnded:
        ended = True
    except (UnavailableError, RefusedError, PeerError, IntegrityError):
        ended = False
    try:
        if not ended:
            await asyncio.to_thread(api.post, f"/v1/sessions/{session.session_id.hex()}/end", {})
    except ServerRefused as refusal:
        if refusal.fields["code"] not in _OVER_ALREADY:
            raise
    remove_session(state, files)
