"""The two pairing machines: code in, confirmed keys out.

                 engineer                          agent
    made         sends ya, `waiting_for_yb`        `waiting_for_ya`
    ya                                             sends yb, `waiting_for_ta`
    yb           sends ta, `waiting_for_tb`
    ta, right                                      sends tb, `paired`
    ta, wrong                                      sends nothing, `wrong-code`
    tb, right    `paired`
    tb, wrong    `wrong-code`
    any other    `broken`                          `broken`
    30 s         `expired`                         `expired`

The engineer proves the code first: who guesses at a customer learns one bit, and the agent never helps a guess. A
machine runs once. What it knew of the secret is let go when it ends, however it ends.

The broker carries the mail and is not trusted with it. Whatever it changes (a nonce, the session, its own address, a
key, a certificate) is part of the context or of the transcript, and then the two ends simply do not agree.

    driver:  receive_mail(mail, now_ms)   mail_to_send()   handle_time(now_ms) at deadline_ms   close(outcome)
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from protocol import cpace
from protocol.codes import OneTimeCode
from protocol.cpace import lv_cat, lv_split
from protocol.errors import PeerError
from protocol.key_schedule import PairingKeys, derive_pairing_keys
from protocol.messages.pairing import PairingMail, PairingOutcome, PairingPhase

PAIRING_LABEL = b"consentry/pairing/v1"

PAIRING_TIMEOUT_MS = 30_000
"""Four messages between machines: no person has to do anything in this time."""

NONCE_BYTES = 16
SESSION_ID_BYTES = 16
ROOT_KEY_BYTES = 32
AGENT_KEY_BYTES = 32
CERTIFICATE_HASH_BYTES = 32
HOST_KEY_LIMIT_BYTES = 512

# The wire form of an OpenSSH public key begins with its type (RFC 4253 section 6.6): Ed25519 for OpenSSH and our own
# client, ECDSA P-256 for the browser's library.
_HOST_KEY_TYPES = (b"ssh-ed25519", b"ecdsa-sha2-nistp256")


@dataclass(frozen=True)
class PairingContext:
    """What both ends know before the first message. All of it is public, and all of it must be the same at both.

    `broker_origin` and `root_key` come from the customer's and the engineer's own profile, not from the broker's words.
    """

    broker_origin: str
    root_key: bytes
    session_id: bytes
    nameplate: str
    engineer_nonce: bytes
    agent_nonce: bytes

    def __post_init__(self) -> None:
        assert len(self.root_key) == ROOT_KEY_BYTES
        assert len(self.session_id) == SESSION_ID_BYTES
        assert len(self.engineer_nonce) == NONCE_BYTES
        assert len(self.agent_nonce) == NONCE_BYTES

    @property
    def channel_id(self) -> bytes:
        """CPace's CI: who talks to whom about what, through whom."""
        return lv_cat(
            PAIRING_LABEL,
            self.broker_origin.encode(),
            self.root_key,
            self.session_id,
            self.nameplate.encode(),
            b"A=engineer",
            b"B=agent",
        )

    @property
    def sid(self) -> bytes:
        """CPace's sid: fresh, because each end put 16 random bytes into it."""
        return self.engineer_nonce + self.agent_nonce


@dataclass(frozen=True)
class AgentIdentity:
    """What the agent vouches for: its session key, and its SSH host keys as OpenSSH public-key blobs.

    `ssh_host_keys` is exactly (Ed25519, ECDSA P-256).
    """

    agent_key: bytes
    ssh_host_keys: tuple[bytes, ...]

    def __post_init__(self) -> None:
        assert len(self.agent_key) == AGENT_KEY_BYTES
        assert _are_host_keys(self.ssh_host_keys)

    def encode(self) -> bytes:
        """ADb of the transcript."""
        return lv_cat(b"agent", self.agent_key, *self.ssh_host_keys)

    @classmethod
    def decode(cls, data: bytes) -> "AgentIdentity":
        """Raises PeerError."""
        items = lv_split(data)
        host_keys = tuple(items[2:])
        if items[:1] != [b"agent"] or not _are_host_keys(host_keys) or len(items[1]) != AGENT_KEY_BYTES:
            raise PeerError(problem="an agent that does not say who it is")
        return cls(items[1], host_keys)


def _are_host_keys(host_keys: tuple[bytes, ...]) -> bool:
    return len(host_keys) == len(_HOST_KEY_TYPES) and all(
        blob.startswith(len(kind).to_bytes(4, "big") + kind) and len(blob) <= HOST_KEY_LIMIT_BYTES
        for blob, kind in zip(host_keys, _HOST_KEY_TYPES, strict=True)
    )


def _encode_engineer(certificate_hash: bytes) -> bytes:
    return lv_cat(b"engineer", certificate_hash)


def _decode_engineer(data: bytes) -> bytes:
    items = lv_split(data)
    if len(items) != 2 or items[0] != b"engineer" or len(items[1]) != CERTIFICATE_HASH_BYTES:
        raise PeerError(problem="an engineer who does not say who they are")
    return items[1]


def certificate_hash(certificate_der: bytes) -> bytes:
    """How a pairing names the engineer's certificate: SHA-256 of its DER."""
    return hashlib.sha256(certificate_der).digest()


class _Run:
    """One end's secrets and transcript of one CPace run. Dropped as a whole when the machine ends."""

    def __init__(self, code: OneTimeCode, context: PairingContext, own_ad: bytes, scalar: X25519PrivateKey) -> None:
        base = cpace.generator(code.secret.encode(), context.channel_id, context.sid)
        self._context = context
        self._scalar = scalar
        self.own_share = cpace.public_share(scalar, base)
        self.own_ad = own_ad
        self.their_share = b""
        self.their_ad = b""
        self._isk = b""
        self._transcript = b""

    def opening(self) -> bytes:
        return self.own_share + self.own_ad

    def agree(self, their_opening: bytes, *, is_initiator: bool) -> None:
        """Raises PeerError for a share that would fix the key."""
        self.their_share = their_opening[: cpace.SHARE_BYTES]
        self.their_ad = their_opening[cpace.SHARE_BYTES :]
        point = cpace.shared_point(self._scalar, self.their_share)
        own, theirs = (self.own_share, self.own_ad), (self.their_share, self.their_ad)
        self._transcript = cpace.transcript_ir(*own, *theirs) if is_initiator else cpace.transcript_ir(*theirs, *own)
        self._isk = cpace.intermediate_key(point, self._context.sid, self._transcript)

    def own_tag(self) -> bytes:
        return cpace.confirmation_tag(self._isk, self._context.sid, self.own_share, self.own_ad)

    def is_their_tag(self, tag: bytes) -> bool:
        right = cpace.confirmation_tag(self._isk, self._context.sid, self.their_share, self.their_ad)
        return hmac.compare_digest(right, tag)

    def keys(self) -> PairingKeys:
        transcript = lv_cat(self._context.channel_id, self._context.sid) + self._transcript
        return derive_pairing_keys(self._isk, self._context.sid, transcript)


Table = dict[tuple[str, PairingPhase], Callable[[_Run, bytes], None]]
"""What to do with which message in which state. What is not in it is `broken`."""


class _Pairing:
    """What both machines have in common: a state, a deadline, one way to end."""

    def __init__(self, code: OneTimeCode, context: PairingContext, run: _Run, state: str, now_ms: int) -> None:
        if code.nameplate != context.nameplate:
            raise PeerError(problem="the broker began to pair another code")
        self._expected: Table = {}
        self._nameplate = context.nameplate
        self._run: _Run | None = run
        self._outgoing: list[PairingMail] = []
        self._deadline_ms = now_ms + PAIRING_TIMEOUT_MS
        self._keys: PairingKeys | None = None
        self.state = state
        self.outcome: PairingOutcome | None = None

    @property
    def keys(self) -> PairingKeys | None:
        """Only when the other end has proved that it knows the code."""
        return self._keys

    @property
    def deadline_ms(self) -> int | None:
        """When to call `handle_time`, on the caller's clock; None once it is over."""
        return None if self.outcome else self._deadline_ms

    def receive_mail(self, mail: PairingMail, now_ms: int) -> None:
        """Takes one message. Never raises: what is wrong with it becomes the outcome. After the end nothing happens."""
        self.handle_time(now_ms)
        if self._run is None:
            return
        handler = self._expected.get((self.state, mail.phase))
        if handler is None or mail.nameplate != self._nameplate:
            self._finish("broken")
            return
        try:
            handler(self._run, mail.body)
        except PeerError:
            self._finish("broken")

    def mail_to_send(self) -> list[PairingMail]:
        """Messages to hand to the broker, in order; each is given once."""
        mail, self._outgoing = self._outgoing, []
        return mail

    def handle_time(self, now_ms: int) -> None:
        if self.outcome is None and now_ms >= self._deadline_ms:
            self._finish("expired")

    def close(self, outcome: PairingOutcome) -> None:
        """Ends it from outside: the broker gave a verdict, a person cancelled, the connection was lost."""
        if self.outcome is None:
            self._finish("broken" if outcome == "paired" else outcome)

    def _send(self, phase: PairingPhase, body: bytes) -> None:
        self._outgoing.append(PairingMail(nameplate=self._nameplate, phase=phase, body=body))

    def _finish(self, outcome: PairingOutcome) -> None:
        if outcome == "paired" and self._run is not None:
            self._keys = self._run.keys()
        else:
            self._outgoing.clear()
        self.outcome = outcome
        self.state = "finished"
        self._run = None


class EngineerPairing(_Pairing):
    """The initiator. `certificate_hash` is SHA-256 of the certificate's DER that RequestAccess will carry.

    Raises PeerError if the context is of another nameplate than the code.
    """

    def __init__(
        self,
        code: OneTimeCode,
        context: PairingContext,
        certificate_hash: bytes,
        *,
        now_ms: int,
        new_scalar: Callable[[], X25519PrivateKey] = X25519PrivateKey.generate,
    ) -> None:
        assert len(certificate_hash) == CERTIFICATE_HASH_BYTES
        run = _Run(code, context, _encode_engineer(certificate_hash), new_scalar())
        super().__init__(code, context, run, "waiting_for_yb", now_ms)
        self._expected = {("waiting_for_yb", "yb"): self._receive_yb, ("waiting_for_tb", "tb"): self._receive_tb}
        self._agent: AgentIdentity | None = None
        self._send("ya", run.opening())

    @property
    def agent(self) -> AgentIdentity | None:
        """Whom the code belongs to; None until they have proved it."""
        return self._agent if self.outcome == "paired" else None

    def _receive_yb(self, run: _Run, body: bytes) -> None:
        self._agent = AgentIdentity.decode(body[cpace.SHARE_BYTES :])
        run.agree(body, is_initiator=True)
        self._send("ta", run.own_tag())
        self.state = "waiting_for_tb"

    def _receive_tb(self, run: _Run, body: bytes) -> None:
        self._finish("paired" if run.is_their_tag(body) else "wrong-code")


class AgentPairing(_Pairing):
    """The responder: the customer's end, which made the code. Raises PeerError for a context of another nameplate."""

    def __init__(
        self,
        code: OneTimeCode,
        context: PairingContext,
        identity: AgentIdentity,
        *,
        now_ms: int,
        new_scalar: Callable[[], X25519PrivateKey] = X25519PrivateKey.generate,
    ) -> None:
        run = _Run(code, context, identity.encode(), new_scalar())
        super().__init__(code, context, run, "waiting_for_ya", now_ms)
        self._expected = {("waiting_for_ya", "ya"): self._receive_ya, ("waiting_for_ta", "ta"): self._receive_ta}
        self._certificate_hash: bytes | None = None

    @property
    def engineer_certificate_hash(self) -> bytes | None:
        """SHA-256 of the certificate that the engineer must show next; None until they have proved the code."""
        return self._certificate_hash if self.outcome == "paired" else None

    def _receive_ya(self, run: _Run, body: bytes) -> None:
        self._certificate_hash = _decode_engineer(body[cpace.SHARE_BYTES :])
        run.agree(body, is_initiator=False)
        self._send("yb", run.opening())
        self.state = "waiting_for_ta"

    def _receive_ta(self, run: _Run, body: bytes) -> None:
        if not run.is_their_tag(body):
            self._finish("wrong-code")
            return
        self._send("tb", run.own_tag())
        self._finish("paired")
