"""Asks the customer for one scope more, for more time, or for a colleague's place, in a session that runs."""

import asyncio

from engineer_client.connect import CONSENT_TIMEOUT_SECONDS
from engineer_client.control import AccessDenied, AgentSilent, SessionHasEnded, open_conversation
from engineer_client.session_files import SessionFacts, SessionFiles
from protocol.errors import InputError, RefusedError
from protocol.grants import Scope
from protocol.messages.control import ColleagueInvited, Denied, InviteColleague, RequestMore, TakeOver

INVITED_WITHIN_SECONDS = 20.0
"""The agent waits ten for the broker."""


class NothingRequested(InputError):
    """Neither a scope nor minutes."""

    sentence = "Say what you need: --scope, --minutes, or both."


class InviteNotKnown(RefusedError):
    """The stream was ended as the answer to its first message."""

    sentence = (
        "The customer's program cannot make a code for a colleague, or the session is over. Ask the customer for one."
    )


class TakeOverNotKnown(RefusedError):
    """The stream was ended as the answer to its first message."""

    sentence = (
        "The customer's program does not know how to hand a session over, or the session is over. Ask for more instead "
        "(consentry request-more), and the customer sends the other one out."
    )


async def invite_colleague(files: SessionFiles) -> ColleagueInvited:
    """A code that lets a colleague ask the customer, too. Raises InviteNotKnown, AccessDenied, AgentSilent."""
    async with await open_conversation(files.load_paired()) as conversation:
        await conversation.send(InviteColleague())
        try:
            async with asyncio.timeout(INVITED_WITHIN_SECONDS):
                answer = await conversation.receive()
        except TimeoutError:
            raise AgentSilent(what="agent") from None
        except SessionHasEnded:
            raise InviteNotKnown from None
    if not isinstance(answer, ColleagueInvited):
        raise AccessDenied(reason=answer.reason if isinstance(answer, Denied) else "policy")
    return answer


async def request_more(files: SessionFiles, scopes: tuple[Scope, ...], minutes: int, reason: str) -> SessionFacts:
    """Waits for the customer's answer and returns what is allowed now. `minutes` 0 leaves the time as it is.

    Raises NothingRequested, AccessDenied, SessionHasEnded, AgentSilent.
    """
    if not scopes and not minutes:
        raise NothingRequested
    return await _ask(files, RequestMore(scopes=scopes, minutes=minutes, reason=reason))


async def take_over(files: SessionFiles, staff_number: str, reason: str) -> SessionFacts:
    """Waits for the customer's answer and returns what is allowed now: what the engineer with that number had, or the
    only other one who is in, who is out.

    Raises TakeOverNotKnown, AccessDenied, SessionHasEnded, AgentSilent.
    """
    try:
        return await _ask(files, TakeOver(staff_number=staff_number, reason=reason))
    except SessionHasEnded as over:
        if over.fields["reason"] == "lost":
            raise TakeOverNotKnown from None
        raise


async def _ask(files: SessionFiles, request: RequestMore | TakeOver) -> SessionFacts:
    session = files.load_paired()
    async with await open_conversation(session) as conversation:
        granted = await conversation.ask_access(request, CONSENT_TIMEOUT_SECONDS)
    session.expires_at_ms = granted.expires_at_ms
    session.save(files.paired)
    return files.keep_grant(granted.scopes, granted.expires_at_ms)
