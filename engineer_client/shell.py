"""What `connect` does once access is granted: a shell or a command, the attestation of what was seen, and the end.

The client (stock ssh, or ours) runs beside the conversation with the agent, which says why if the customer ends it.
"""

import asyncio
import contextlib
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engineer_client.attest import OutputDigest, attestation
from engineer_client.connect import LiveSession
from engineer_client.control import Conversation, SessionHasEnded
from engineer_client.missed_messages import MissedMessages
from engineer_client.openssh import as_foreground_job, find_ssh, run_ssh, ssh_arguments
from engineer_client.ssh_config import python_words
from engineer_client.state import State
from protocol.errors import InputError
from protocol.messages.control import EndSession, Said, TakenOver
from protocol.messages.fields import EndReason

ATTEST_TIMEOUT_SECONDS = 10.0
END_TIMEOUT_SECONDS = 10.0
END_REASON_TIMEOUT_SECONDS = 2.0

CLIENT_NOTICES_WITHIN_SECONDS = 1.0
"""Less than the agent waits for our last word."""

SSH_CUT_OFF = 255
"""ssh's own exit status when the connection, not the program at the other end, is what ended."""

SshClient = Literal["openssh", "built-in"]

Attested = Literal["same", "different", "unanswered", "not-seen"]
"""Did the customer's agent record the same output as we showed? `not-seen`: part of it could not be shown here."""


class OpenSshMissing(InputError):
    """OpenSSH's client was asked for by name and is not there."""

    sentence = "There is no `ssh` on this machine. Install OpenSSH's client, or use --client built-in."


@dataclass(frozen=True)
class ShellResult:
    """How it went. `ended` is why the whole session ended meanwhile, None if it is still open; `messages` is what
    others wrote meanwhile; `taken_over` is who has taken over from us."""

    exit_status: int
    ended: EndReason | None
    attested: Attested | None
    messages: tuple[Said, ...] = ()
    taken_over: TakenOver | None = None


def choose_client(wanted: SshClient | None) -> SshClient:
    """OpenSSH where there is one. Raises OpenSshMissing."""
    if wanted == "openssh" and find_ssh() is None:
        raise OpenSshMissing
    return wanted or ("openssh" if find_ssh() else "built-in")


async def run_shell(state: State, session: LiveSession, command: Sequence[str], client: SshClient) -> ShellResult:
    """Runs the client to its end and, for a shell on a terminal, attests its output. Raises SshFailed.

    Without a terminal, output and errors come on two paths: which byte came before which can no longer be told here, so
    there is nothing exact to sign.
    """
    wants_terminal = not command and sys.stdin.isatty()
    digest = OutputDigest()
    stream_id = secrets.token_bytes(16)
    messages = MissedMessages(ring)
    beside = [
        asyncio.create_task(_hang_up_at_the_end(session.conversation), name="await-end"),
        asyncio.create_task(messages.listen(session.files.load_paired()), name="hear-messages"),
    ]
    try:
        exit_status = await _run_client(state, session, command, client, stream_id, digest)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
    attested = await _attest(session, stream_id, digest) if wants_terminal else None
    if exit_status == SSH_CUT_OFF:
        await _hear_why(session.conversation)
    conversation = session.conversation
    return ShellResult(exit_status, conversation.ended, attested, tuple(messages.lines), conversation.taken_over)


def ring() -> None:
    """The one thing that a terminal can be told without anything on it changing."""
    if sys.stderr.isatty():
        sys.stderr.write("\a")
        sys.stderr.flush()


async def _hang_up_at_the_end(conversation: Conversation) -> None:
    """The agent cuts the client off and says goodbye; if the client does not notice, it is not waited for."""
    await conversation.await_end()
    await asyncio.sleep(CLIENT_NOTICES_WITHIN_SECONDS)
    conversation.hang_up()


async def _hear_why(conversation: Conversation) -> None:
    """A connection that was cut off has a reason, and it is on its way."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(END_REASON_TIMEOUT_SECONDS):
            await conversation.await_end()


async def _run_client(
    state: State,
    session: LiveSession,
    command: Sequence[str],
    client: SshClient,
    stream_id: bytes,
    digest: OutputDigest,
) -> int:
    files = session.files
    proxy = [*python_words(), "consentry", "ssh-proxy", str(files.paired), stream_id.hex()]
    if client == "openssh":
        arguments = ssh_arguments(find_ssh() or "ssh", state.ssh_config, proxy, files.alias, command)
        sys.stdout.flush()
        with as_foreground_job():
            return await asyncio.to_thread(run_ssh, arguments, digest, sys.stdout.fileno())
    from engineer_client.own_ssh import run_own_ssh  # asyncssh takes 0.1 s to import, and is seldom needed

    return await run_own_ssh(proxy, session.facts.host_key_alias, files.known_hosts, files.identity, command, digest)


async def _attest(session: LiveSession, stream_id: bytes, digest: OutputDigest) -> Attested | None:
    """Signs for what was shown. None where there is nobody to tell any more."""
    if not digest.is_whole:
        return "not-seen"
    conversation = session.conversation
    try:
        await conversation.send(attestation(session.engineer_key, session.session_id, stream_id, digest))
    except SessionHasEnded:
        return None
    matches = await conversation.await_attested(ATTEST_TIMEOUT_SECONDS)
    return "unanswered" if matches is None else "same" if matches else "different"


async def end_session(conversation: Conversation) -> bool:
    """Asks the agent to end the session; False if it does not confirm in time."""
    try:
        async with asyncio.timeout(END_TIMEOUT_SECONDS):
            await conversation.send(EndSession())
            await conversation.await_end()
    except TimeoutError:
        return False
    return True
