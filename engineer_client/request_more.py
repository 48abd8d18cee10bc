"""Asks the customer for one scope more, or for more time, in a session that runs."""

from engineer_client.connect import CONSENT_TIMEOUT_SECONDS
from engineer_client.control import open_conversation
from engineer_client.session_files import SessionFacts, SessionFiles
from protocol.errors import InputError
from protocol.grants import Scope
from protocol.messages import RequestMore


class NothingRequested(InputError):
    """Neither a scope nor minutes."""

    sentence = "Say what you need: --scope, --minutes, or both."


async def request_more(files: SessionFiles, scopes: tuple[Scope, ...], minutes: int, reason: str) -> SessionFacts:
    """Waits for the customer's answer and returns what is allowed now. `minutes` 0 leaves the time as it is.

    Raises NothingRequested, AccessDenied, SessionHasEnded, AgentSilent.
    """
    if not scopes and not minutes:
        raise NothingRequested
    session = files.load_paired()
    async with await open_conversation(session) as conversation:
        request = RequestMore(scopes=scopes, minutes=minutes, reason=reason)
        granted = await conversation.ask_access(request, CONSENT_TIMEOUT_SECONDS)
    session.expires_at_ms = granted.expires_at_ms
    session.save(files.paired)
    return files.keep_grant(granted.scopes, granted.expires_at_ms)
