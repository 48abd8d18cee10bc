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

from engineer_client.control import AccessDenied, Conversation, open_conversation
from engineer_client.log_check import demand_open_proof
from engineer_client.login import Login, api_of, clocks_apart, refresh_signed_profile
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
from protocol.certificates import CertificateOutdated, EngineerCertificate, made_at_ms, read_certificate
from protocol.codes import OneTimeCode
from protocol.errors import ConsentryError, PeerError
from protocol.grants import REFUSAL_LIMIT, AskedTooOften, Scope, ScopeNotAllowed, TooLongAsked, with_implied
from protocol.messages.control import EndSession, Granted
from protocol.messages.wire import UNPAIRED_FRAME_LIMIT_BYTES
from protocol.profile import Profile
from tunnel.control import connect_websocket
from tunnel.json_api import JsonApi
from tunnel.paired_session import PairedSession

CONSENT_TIMEOUT_SECONDS = 150.0
"""The customer has 120 s, and the agent up to 15 s to have the first record on the broker's disk before it says yes."""

ANSWERS_OF_THE_CUSTOMER = frozenset({"customer", "timeout"})
"""No, or none. Everything else that is refused is refused by a rule, and would be again."""

GOES_ON_SECONDS = 2.0
"""So long an agent may take to say goodbye behind a refusal with which the session ends."""


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


AskAgain = Callable[[AccessDenied, AccessWish], AccessWish | None]
"""After a refusal in a session that goes on: what to ask the customer now, with the same pairing; None: nothing."""

Tell = Callable[[str], None]
"""Called with the name of each step that a person has to wait for: `checking-code`, `waiting-for-consent`."""


def _give_up(_refusal: AccessDenied, _wish: AccessWish) -> None:
    return None


async def establish(
    state: State,
    login: Login,
    code: OneTimeCode,
    wish: AccessWish,
    tell: Tell,
    *,
    ask_again: AskAgain = _give_up,
) -> LiveSession:
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
        own = _Own(login, certificate, engineer_key)
        live = await _ask_until_answered(state, files, wish, profile, paired, own, tell, ask_again)
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


@dataclass(frozen=True)
class _Own:
    """What the engineer asks with. `key` is the certificate's."""

    login: Login
    certificate: EngineerCertificate
    key: Ed25519PrivateKey


async def _ask_until_answered(
    state: State,
    files: SessionFiles,
    wish: AccessWish,
    profile: Profile,
    paired: Paired,
    own: _Own,
    tell: Tell,
    ask_again: AskAgain,
) -> LiveSession:
    """Once, and again for as long as the session goes on without us and there is something to ask."""
    asked, refusals = wish, 0
    while True:
        tell("waiting-for-consent")
        try:
            return await _ask(state, files, asked, profile, paired, own)
        except AccessDenied as refusal:
            refusals += 1
            if not refusal.session_goes_on:
                raise
            if refusals >= REFUSAL_LIMIT:
                raise AskedTooOften(limit=REFUSAL_LIMIT) from refusal
            wanted = ask_again(refusal, asked)
            if wanted is None:
                raise
            asked = wanted


async def _ask(
    state: State, files: SessionFiles, wish: AccessWish, profile: Profile, paired: Paired, own: _Own
) -> LiveSession:
    login, certificate, engineer_key = own.login, own.certificate, own.key
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
    except AccessDenied as refusal:
        is_answer = refusal.fields["reason"] in ANSWERS_OF_THE_CUSTOMER
        refusal.session_goes_on = is_answer and await conversation.goes_on(GOES_ON_SECONDS)
        await conversation.aclose()
        raise
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
    now_ms = int(time.time() * 1000)
    try:
        certificate = read_certificate(der, profile.engineer_ca_key, now_ms)
    except CertificateOutdated:
        raise clocks_apart(made_at_ms(der), now_ms) from None
    if certificate.public_key != key.public_key().public_bytes_raw():
        raise PeerError(problem="a certificate for another key")
    return certificate
