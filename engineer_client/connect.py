"""From a code to a granted session: certificate, pairing, the customer's answer, and what ssh needs on disk.

The order matters. Everything that can be refused here (a slip in the code, too many minutes, a scope beyond the
engineer's certificate) is refused before the code is spent: it works only once.
"""

import asyncio
import base64
import binascii
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engineer_client.control import Conversation, open_conversation
from engineer_client.log_check import demand_open_proof
from engineer_client.login import Login, api_of, refresh_signed_profile
from engineer_client.pairing import Paired, pair
from engineer_client.receipts import begin_receipt
from engineer_client.session_files import (
    SessionFacts,
    SessionFiles,
    reserved_alias,
    ssh_public_blob,
    write_session,
)
from engineer_client.ssh_config import ensure_include, user_ssh_config
from engineer_client.state import State
from protocol.access_requests import Client, sign_access_request
from protocol.certificates import EngineerCertificate, read_certificate
from protocol.codes import OneTimeCode
from protocol.errors import ConsentryError, PeerError
from protocol.grants import Scope, ScopeNotAllowed, TooLongAsked, with_implied
from protocol.messages.control import EndSession, Granted
from protocol.messages.wire import UNPAIRED_FRAME_LIMIT_BYTES
from protocol.profile import Profile
from tunnel.control import connect_websocket
from tunnel.json_api import JsonApi
from tunnel.paired_session import PairedSession

CONSENT_TIMEOUT_SECONDS = 150.0
"""The customer has 120 s, and the agent up to 15 s to have the first record on the broker's disk before it says yes."""


@dataclass(frozen=True)
class AccessWish:
    """What the engineer wants, and how it shall be reachable here."""

    reason: str
    ticket: str
    scopes: tuple[Scope, ...]
    minutes: int
    client: Client
    alias: str | None = None
    write_ssh_config: bool = True
    takes_over: str | None = None
    """Comes in for whoever has this staff number, or for the only one who is in where it is empty. No scopes: all that
    they have."""


@dataclass(frozen=True)
class LiveSession:
    """A session that was granted. `engineer_key` is the certificate's, and exists only here."""

    files: SessionFiles
    facts: SessionFacts
    session_id: bytes
    conversation: Conversation
    engineer_key: Ed25519PrivateKey

    async def aclose(self) -> None:
        """Leaves the conversation; the session goes on."""
        await self.conversation.aclose()


Tell = Callable[[str], None]
"""Called with the name of each step that a person has to wait for: `checking-code`, `waiting-for-consent`."""


async def establish(state: State, login: Login, code: OneTimeCode, wish: AccessWish, tell: Tell) -> LiveSession:
    """The whole way. Nothing is left on disk if it fails.

    Raises what logging in, pairing and asking can raise; see the modules.
    """
    user_file = user_ssh_config()
    fetched = await refresh_signed_profile(state, login)
    profile = fetched.profile
    if wish.minutes > profile.max_minutes:
        raise TooLongAsked(limit=profile.max_minutes, minutes=wish.minutes)
    engineer_key = Ed25519PrivateKey.generate()
    certificate = await asyncio.to_thread(_fetch_certificate, api_of(login, profile), engineer_key, profile)
    if wish.takes_over is not None and not wish.scopes:
        wish = replace(wish, scopes=tuple(sorted(certificate.max_scopes)))
    excess = with_implied(wish.scopes) - certificate.max_scopes
    if excess:
        raise ScopeNotAllowed(scopes=", ".join(sorted(excess)))
    with reserved_alias(state, wish.alias, code.nameplate, user_file) as files:
        if wish.write_ssh_config:
            ensure_include(state, user_file)
        tell("checking-code")
        paired = await _pair(login, profile, code, certificate.der)
        tell("waiting-for-consent")
        live = await _ask(state, files, wish, profile, paired, login, certificate, engineer_key)
        try:
            agent_key = paired.agent.agent_key
            opened = await demand_open_proof(state, profile, api_of(login, profile), live.session_id, agent_key)
            begin_receipt(
                state,
                live.facts,
                profile=profile,
                profile_note=fetched.note,
                root_key=login.root_key_bytes,
                agent_key=agent_key,
                certificate=certificate.der,
                opened=opened,
            )
        except BaseException:
            # What is not in the log must not happen: the customer's agent has its own proof, or ends it itself.
            await _end_quietly(live)
            raise
        return live


async def _end_quietly(live: LiveSession) -> None:
    with contextlib.suppress(ConsentryError):
        await live.conversation.send(EndSession())
    await live.aclose()


async def _pair(login: Login, profile: Profile, code: OneTimeCode, certificate: bytes) -> Paired:
    connection = await connect_websocket(
        profile,
        "/v1/pairing",
        headers={"Authorization": f"Bearer {login.token}"},
        max_size=UNPAIRED_FRAME_LIMIT_BYTES,
    )
    async with connection:
        return await pair(
            connection,
            code,
            certificate,
            broker_origin=profile.broker_origin,
            root_key=login.root_key_bytes,
        )


async def _ask(
    state: State,
    files: SessionFiles,
    wish: AccessWish,
    profile: Profile,
    paired: Paired,
    login: Login,
    certificate: EngineerCertificate,
    engineer_key: Ed25519PrivateKey,
) -> LiveSession:
    session = PairedSession(
        broker_origin=profile.broker_origin,
        broker_certificate_pem=profile.broker_certificate_pem,
        session_id=paired.session_id,
        leg_ticket=paired.leg_ticket,
        pairing_id=paired.keys.pairing_id,
        stream_key=paired.keys.stream_key,
        control_key=paired.keys.control_key,
        transcript_hash=paired.keys.transcript_hash,
        ssh_host_keys=paired.agent.ssh_host_keys,
        root_key=login.root_key_bytes,
        organisation=profile.organisation,
        alias=files.alias,
        resume_window_seconds=profile.resume_window_seconds,
    )
    identity = Ed25519PrivateKey.generate()
    request = sign_access_request(
        engineer_key,
        paired.keys.transcript_hash,
        certificate=certificate.der,
        reason=wish.reason,
        ticket=wish.ticket,
        scopes=wish.scopes,
        minutes=wish.minutes,
        ssh_user_key=ssh_public_blob(identity),
        client=wish.client,
        takes_over=wish.takes_over,
    )
    conversation = await open_conversation(session)
    try:
        granted = await conversation.ask_access(request, CONSENT_TIMEOUT_SECONDS)
        facts = _facts_of(files.alias, session, granted, wish, login)
        session.expires_at_ms = granted.expires_at_ms
        write_session(state, files, session, facts, identity, paired.agent.ssh_host_keys)
    except BaseException:
        await conversation.aclose()
        raise
    return LiveSession(files, facts, paired.session_id, conversation, engineer_key)


def _facts_of(alias: str, session: PairedSession, granted: Granted, wish: AccessWish, login: Login) -> SessionFacts:
    return SessionFacts(
        alias=alias,
        origin=login.origin,
        session_id=session.session_id.hex(),
        host_key_alias=f"consentry-{session.pairing_id.hex()}",
        user_name=granted.user_name,
        host_label=granted.host_label,
        folders=granted.folders,
        scopes=granted.scopes,
        reason=wish.reason,
        ticket=wish.ticket,
        started_at_ms=int(time.time() * 1000),
        expires_at_ms=granted.expires_at_ms,
    )


def _fetch_certificate(api: JsonApi, key: Ed25519PrivateKey, profile: Profile) -> EngineerCertificate:
    """A certificate for a key that was made for this session, checked as the customer's agent will check it."""
    public_key = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()
    answer = api.post("/v1/certificate", {"public_key": public_key})
    try:
        text = answer["certificate"]
        der = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (TypeError, KeyError, ValueError, binascii.Error):
        raise PeerError(problem="a certificate that cannot be read") from None
    certificate = read_certificate(der, profile.engineer_ca_key, int(time.time() * 1000))
    if certificate.public_key != key.public_key().public_bytes_raw():
        raise PeerError(problem="a certificate for another key")
    return certificate
