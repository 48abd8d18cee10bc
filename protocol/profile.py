"""What an organisation is, signed by its root: the one thing that an agent or an engineer pins.

A profile is JSON inside a signed note (`signed_note.py`) under the organisation's name. It says where the broker is,
whose certificates engineers carry, to whom recordings are sealed, and what is allowed at all. Its version only ever
rises: who has seen version 5 refuses 4, so that a stolen old profile brings no retired key back.

Bytes are standard base64 in the JSON. Unknown fields are refused: a rule that we do not know is no rule we may skip.
"""

from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.certificates import EngineerCa
from protocol.cosignature import parse_witness_vkey
from protocol.decoding import UNREADABLE
from protocol.details import Detail
from protocol.errors import IntegrityError
from protocol.log_proof import LogPolicy
from protocol.messages.fields import Bytes32, UnixMs
from protocol.share_url import ShareUrlError, normal_origin
from protocol.signed_note import NoteError, NoteKey, claimed_signers, open_note, parse_vkey, sign_note

RECIPIENT_LIMIT = 4
"""Active and escrow keys, twice, while they are being rotated. Each costs 1.2 KB an hour in every recording."""

_PUBLIC_KEY_BYTES = {"x-wing": 1216, "x25519": 32}
"""X-Wing: ML-KEM-768 public key 1184 ‖ X25519 public key 32 (draft-connolly-cfrg-xwing-kem)."""

WITNESS_LIMIT = 8
FORMER_CA_LIMIT = 16
FORMER_LOG_LIMIT = 16

VerifierKey = Annotated[str, Meta(max_length=400)]
"""c2sp.org/signed-note: `<name>+<id>+<key>`."""

Bytes8 = Annotated[bytes, Meta(min_length=8, max_length=8)]


class ProfileError(IntegrityError):
    """The profile is malformed or not signed by the root that was pinned."""

    sentence = (
        "The organisation's profile cannot be accepted: {problem}. Check the address with your support organisation; "
        "do not go on."
    )


class RecipientUnreadable(ProfileError):
    """Not what `encode_recipient` writes: most often the key file itself, whose private half nobody may bring along."""

    sentence = (
        "This is not the public half of an audit key ({problem}). Give the file with what `consentry audit make-key` "
        "printed, never the key file itself."
    )


class ProfileOutdated(ProfileError):
    """A profile older than one that was seen before: somebody may be bringing back a retired key."""

    sentence = (
        "The broker shows version {offered} of its organisation's profile, but version {known} was seen here before. "
        "Do not go on; tell your support organisation."
    )


class AuditRecipient(Struct, frozen=True, forbid_unknown_fields=True):
    """One key that recordings are sealed to, and from when until when it may be used (Unix milliseconds)."""

    key_id: Bytes8
    suite: Literal["x-wing", "x25519"]
    public_key: Annotated[bytes, Meta(max_length=2048)]
    not_before_ms: UnixMs
    not_after_ms: UnixMs


class FormerCa(Struct, frozen=True, forbid_unknown_fields=True):
    """An engineer CA of before. Its certificates are believed in sessions that begin before `until_ms`: 12 hours after
    it was replaced, or at once where it was compromised."""

    public_key: Bytes32
    until_ms: UnixMs


class ProfileWitness(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who vouches for the log. `url` is the prefix of its tlog-witness interface, as the broker reaches it."""

    vkey: VerifierKey
    url: Annotated[str, Meta(max_length=300, pattern=r"^https?://[!-~]+$")]


class ProfileLog(Struct, frozen=True, forbid_unknown_fields=True):
    """The organisation's transparency log. Its origin is the name in `vkey`.

    `witness` "required": no proof counts without the word of at least one of the witnesses, if any are named. `former`
    are the keys of logs that were lost before this one, the first first; it is written only where there are any, so
    that agents of before can read the profiles of those who never lost one.
    """

    vkey: VerifierKey
    witnesses: Annotated[tuple[ProfileWitness, ...], Meta(max_length=WITNESS_LIMIT)] = ()
    witness: Literal["required", "optional"] = "required"
    former: Annotated[tuple[VerifierKey, ...], Meta(max_length=FORMER_LOG_LIMIT)] | UnsetType = UNSET

    @property
    def former_vkeys(self) -> tuple[str, ...]:
        return () if self.former is UNSET else self.former

    @property
    def short_name(self) -> str:
        """The last part of its origin, which no other log of the organisation has."""
        return parse_vkey(self.vkey).name.rpartition("/")[2]

    @property
    def policy(self) -> LogPolicy:
        """Whose word counts."""
        keys = tuple(parse_witness_vkey(one.vkey) for one in self.witnesses)
        needed = 1 if keys and self.witness == "required" else 0
        return LogPolicy(parse_vkey(self.vkey), keys, needed, tuple(map(parse_vkey, self.former_vkeys)))


class Profile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`version` rises with each change. `broker_certificate_pem` "" means that the system's trust store decides.

    `notice` is the organisation's own warning on the code screen, by language. `output_policy` "strict" holds output
    back until its record is acknowledged. `browser_allowed`: may an engineer come in with a browser at all.
    `ssh_gateway_allowed`: may one who came in with a browser use an SSH program of their own besides; it is written
    only where it was decided, so that agents of before can read the profiles of those who never use it. So are
    `former_engineer_cas`, the newest first. `log` None: a profile of before there was a log; it is still read, and no
    session is begun under it.
    """

    format: Literal[1] = 1
    version: Annotated[int, Meta(ge=1, le=2**53)]
    organisation: Annotated[str, Meta(min_length=1, max_length=64)]
    broker_origin: Annotated[str, Meta(max_length=300)]
    broker_certificate_pem: Annotated[str, Meta(max_length=16 * 1024)] = ""
    engineer_ca_key: Bytes32
    audit_recipients: Annotated[tuple[AuditRecipient, ...], Meta(max_length=RECIPIENT_LIMIT)]
    notice: dict[Annotated[str, Meta(max_length=35)], Annotated[str, Meta(max_length=2000)]] = {}
    output_policy: Literal["bounded", "strict"] = "bounded"
    max_minutes: Annotated[int, Meta(ge=1, le=480)] = 120
    resume_window_seconds: Annotated[int, Meta(ge=1, le=1800)] = 600
    browser_allowed: bool = True
    ssh_gateway_allowed: bool | UnsetType = UNSET
    former_engineer_cas: Annotated[tuple[FormerCa, ...], Meta(max_length=FORMER_CA_LIMIT)] | UnsetType = UNSET
    log: ProfileLog | None = None

    @property
    def former_cas(self) -> tuple[FormerCa, ...]:
        return () if self.former_engineer_cas is UNSET else self.former_engineer_cas

    @property
    def engineer_cas(self) -> tuple[EngineerCa, ...]:
        """Whose certificates are believed, and until when: the present one, then those of before."""
        former = (EngineerCa(one.public_key, one.until_ms) for one in self.former_cas)
        return (EngineerCa(self.engineer_ca_key), *former)

    @property
    def allows_ssh_gateway(self) -> bool:
        return self.browser_allowed and self.ssh_gateway_allowed is not False


_decoder = msgspec.json.Decoder(Profile)
_recipient_decoder = msgspec.json.Decoder(AuditRecipient)


def note_name(organisation: str) -> str:
    """The organisation's name as the name of a signing key, which may hold no white space and no plus sign."""
    return "".join("-" if c.isspace() or c == "+" or not c.isprintable() else c for c in organisation)


def sign_profile(profile: Profile, root_key: Ed25519PrivateKey) -> bytes:
    """The signed note. Raises ProfileError if `open_profile` would refuse it."""
    body = msgspec.json.format(msgspec.json.encode(profile), indent=2).decode() + "\n"
    _decode(body)
    return sign_note(body, note_name(profile.organisation), root_key)


def open_profile(note: bytes, root_public_key: bytes, *, at_least_version: int = 0) -> Profile:
    """The profile, if the root signed it. Raises ProfileError, ProfileOutdated."""
    try:
        candidates = [NoteKey(name, root_public_key) for name in claimed_signers(note)]
        opened = open_note(note, candidates)
    except NoteError as error:
        raise ProfileError(**error.fields) from None
    profile = _decode(opened.text)
    if note_name(profile.organisation) not in opened.signers:
        raise ProfileError(problem="it is signed under another organisation's name")
    if profile.version < at_least_version:
        raise ProfileOutdated(offered=profile.version, known=at_least_version)
    return profile


def encode_recipient(recipient: AuditRecipient) -> bytes:
    """An audit recipient as a small JSON file: it goes from the audit side to whoever signs the profile."""
    return msgspec.json.format(msgspec.json.encode(recipient), indent=2) + b"\n"


def decode_recipient(data: bytes) -> AuditRecipient:
    """Raises RecipientUnreadable, or ProfileError where it can be read and cannot be used."""
    try:
        recipient = _recipient_decoder.decode(data)
    except UNREADABLE as error:
        raise RecipientUnreadable(problem=error) from None
    _check_recipient(recipient)
    return recipient


def _decode(text: str) -> Profile:
    try:
        profile = _decoder.decode(text)
    except UNREADABLE as error:
        raise ProfileError(
            problem=Detail("it cannot be read, perhaps it is for a newer version ({error})", error=error)
        ) from None
    try:
        is_normal = normal_origin(profile.broker_origin) == profile.broker_origin
    except ShareUrlError:
        is_normal = False
    if not is_normal:
        raise ProfileError(problem="its broker's address is not of the form https://host:port")
    for recipient in profile.audit_recipients:
        _check_recipient(recipient)
    if profile.engineer_ca_key in [one.public_key for one in profile.former_cas]:
        raise ProfileError(problem="it names a retired engineer CA as the present one")
    if profile.log is not None:
        _check_log(profile.log)
    return profile


def _check_log(log: ProfileLog) -> None:
    try:
        policy = log.policy
    except NoteError as error:
        raise ProfileError(
            problem=Detail("it names a log or a witness with {problem}", problem=error.fields["problem"])
        ) from None
    if len({key.name for key in policy.witness_keys}) != len(policy.witness_keys):
        raise ProfileError(problem="two of its witnesses have one name")


def _check_recipient(recipient: AuditRecipient) -> None:
    if len(recipient.public_key) != _PUBLIC_KEY_BYTES[recipient.suite]:
        raise ProfileError(problem="an audit key has the wrong length")
    if recipient.not_before_ms >= recipient.not_after_ms:
        raise ProfileError(problem="an audit key ends before it begins")
