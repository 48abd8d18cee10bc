"""The engineer's signed request for access: what the signature covers, and the only way to accept one.

The certificate says who the engineer is, the pairing says that whoever is at the other end knows the code, and this
signature ties the two: it is by the certificate's key, over the pairing's transcript and over every field asked for.
"""

import hmac
from collections.abc import Iterable, Sequence
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import structs

from protocol.certificates import CertificateError, EngineerCa, EngineerCertificate, read_certificate_of
from protocol.cpace import lv_cat
from protocol.errors import IntegrityError
from protocol.grants import Scope, ScopeNotAllowed, with_implied
from protocol.messages.control import RequestAccess, RequestPlace
from protocol.pairing import certificate_hash

ACCESS_REQUEST_LABEL = b"consentry/access-request/v1"
TAKE_OVER_LABEL = b"consentry/take-over-request/v1"

Client = Literal["ssh", "cli", "browser"]


class AccessRequestForged(IntegrityError):
    """The request was not signed by the certificate's owner, in this pairing, with these words."""

    sentence = "The engineer's request is not properly signed, and was refused. Ask for a new code."


def access_request_bytes(
    transcript_hash: bytes,
    *,
    certificate: bytes,
    reason: str,
    ticket: str,
    scopes: Iterable[Scope],
    minutes: int,
    ssh_user_key: bytes,
    client: Client,
    takes_over: str | None = None,
) -> bytes:
    """What `RequestAccess.signature` covers: the pairing and every other field, in the order in which they are sent;
    whom it takes over from comes first, under a label of its own."""
    beginning = [ACCESS_REQUEST_LABEL] if takes_over is None else [TAKE_OVER_LABEL, takes_over.encode()]
    return lv_cat(
        *beginning,
        transcript_hash,
        certificate,
        reason.encode(),
        ticket.encode(),
        minutes.to_bytes(4, "big"),
        ssh_user_key,
        client.encode(),
        *(scope.value.encode() for scope in scopes),
    )


def sign_access_request(
    engineer_key: Ed25519PrivateKey,
    transcript_hash: bytes,
    *,
    certificate: bytes,
    reason: str,
    ticket: str,
    scopes: tuple[Scope, ...],
    minutes: int,
    ssh_user_key: bytes,
    client: Client,
    takes_over: str | None = None,
) -> RequestAccess:
    """The finished message; with `takes_over`, a `RequestPlace`."""
    signed = access_request_bytes(
        transcript_hash,
        certificate=certificate,
        reason=reason,
        ticket=ticket,
        scopes=scopes,
        minutes=minutes,
        ssh_user_key=ssh_user_key,
        client=client,
        takes_over=takes_over,
    )
    request = RequestAccess(
        certificate=certificate,
        signature=engineer_key.sign(signed),
        reason=reason,
        ticket=ticket,
        scopes=scopes,
        minutes=minutes,
        ssh_user_key=ssh_user_key,
        client=client,
    )
    return request if takes_over is None else RequestPlace(**structs.asdict(request), takes_over=takes_over)


def verify_access_request(
    request: RequestAccess,
    *,
    transcript_hash: bytes,
    paired_certificate_hash: bytes,
    cas: Sequence[EngineerCa],
    organisation: str,
    now_ms: int,
) -> EngineerCertificate:
    """Whose request it is. Raises CertificateError, AccessRequestForged, ScopeNotAllowed.

    `paired_certificate_hash` is what the engineer named while pairing: a certificate cannot be exchanged afterwards.
    `organisation`, `cas` are the pinned profile's.
    """
    if not hmac.compare_digest(certificate_hash(request.certificate), paired_certificate_hash):
        raise CertificateError(problem="it is not the one that was named while pairing")
    certificate, _ = read_certificate_of(request.certificate, cas, now_ms)
    if certificate.organisation != organisation:
        raise CertificateError(problem="it is of another organisation")
    signed = access_request_bytes(
        transcript_hash,
        certificate=request.certificate,
        reason=request.reason,
        ticket=request.ticket,
        scopes=request.scopes,
        minutes=request.minutes,
        ssh_user_key=request.ssh_user_key,
        client=request.client,
        takes_over=request.takes_over if isinstance(request, RequestPlace) else None,
    )
    try:
        Ed25519PublicKey.from_public_bytes(certificate.public_key).verify(request.signature, signed)
    except InvalidSignature:
        raise AccessRequestForged from None
    excess = with_implied(request.scopes) - certificate.max_scopes
    if excess:
        raise ScopeNotAllowed(scopes=", ".join(sorted(excess)))
    return certificate
