"""The signed request for access: it is of this engineer, in this pairing, in these words, or it is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from protocol.access_requests import (
    AccessRequestForged,
    access_request_bytes,
    sign_access_request,
    verify_access_request,
)
from protocol.certificates import (
    CertificateError,
    CertificateOutdated,
    EngineerCa,
    EngineerCertificate,
    issue_certificate,
)
from protocol.grants import Scope, ScopeNotAllowed
from protocol.messages.control import RequestAccess, RequestPlace
from protocol.pairing import certificate_hash
from tests.helpers.pairing import NOW_MS

CA = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
CA_PUBLIC = CA.public_key().public_bytes_raw()
ENGINEER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
TRANSCRIPT_HASH = b"\x03" * 32


def certificate_for(key: Ed25519PrivateKey, organisation: str = "Example Help") -> bytes:
    return issue_certificate(
        CA,
        name="Engineer One",
        staff_number="E-17",
        organisation=organisation,
        public_key=key.public_key().public_bytes_raw(),
        max_scopes=frozenset({Scope.SHELL, Scope.FILES_READ}),
        now_ms=NOW_MS,
        lifetime_ms=3_600_000,
    )


CERTIFICATE = certificate_for(ENGINEER)


def request(
    scopes: tuple[Scope, ...] = (Scope.VIEW, Scope.FILES_READ),
    certificate: bytes = CERTIFICATE,
    takes_over: str | None = None,
) -> RequestAccess:
    return sign_access_request(
        ENGINEER,
        TRANSCRIPT_HASH,
        certificate=certificate,
        reason="The printer is silent",
        ticket="T-1",
        scopes=scopes,
        minutes=30,
        ssh_user_key=b"key",
        client="ssh",
        takes_over=takes_over,
    )


def verify(message: RequestAccess, **changes: object) -> EngineerCertificate:
    fields: dict[str, object] = {
        "transcript_hash": TRANSCRIPT_HASH,
        "paired_certificate_hash": certificate_hash(CERTIFICATE),
        "cas": [EngineerCa(CA_PUBLIC)],
        "organisation": "Example Help",
        "now_ms": NOW_MS,
    }
    return verify_access_request(message, **(fields | changes))  # type: ignore[arg-type]


def test_a_proper_request_says_who_asks() -> None:
    """Verification gives the certificate that the customer's screen shows."""
    assert verify(request()).staff_number == "E-17"


OTHER_VALUES = {
    "reason": "The printer is silent.",
    "ticket": "",
    "scopes": (Scope.FILES_READ, Scope.VIEW),
    "minutes": 31,
    "ssh_user_key": b"other key",
    "client": "browser",
    "signature": bytes(64),
}


@pytest.mark.parametrize("field", OTHER_VALUES)
def test_every_field_is_signed(field: str) -> None:
    """Whatever field is changed on the way, the order of the scopes included, the request is refused."""
    with pytest.raises(AccessRequestForged):
        verify(structs.replace(request(), **{field: OTHER_VALUES[field]}))


def test_no_field_is_forgotten() -> None:
    """The test above, and the one on certificates, change every field that the message has."""
    assert {field.name for field in structs.fields(RequestAccess)} == OTHER_VALUES.keys() | {"certificate"}


def test_whom_a_request_takes_over_from_is_signed() -> None:
    """Neither another number nor none at all passes; everything else of it is signed as in any request."""
    place = request(takes_over="E-18")
    assert isinstance(place, RequestPlace)
    assert verify(place).staff_number == "E-17"
    added = {field.name for field in structs.fields(RequestPlace)} - {
        field.name for field in structs.fields(RequestAccess)
    }
    assert added == {"takes_over"}
    plain = {name: value for name, value in structs.asdict(place).items() if name != "takes_over"}
    for forged in (structs.replace(place, takes_over="E-19"), RequestAccess(**plain)):
        with pytest.raises(AccessRequestForged):
            verify(forged)
    with pytest.raises(AccessRequestForged):
        verify(RequestPlace(**structs.asdict(request()), takes_over=""))


def test_another_certificate_than_the_paired_one() -> None:
    """Also one of the same engineer: what was named while pairing counts."""
    with pytest.raises(CertificateError, match="while pairing"):
        verify(request(certificate=certificate_for(ENGINEER)))


def test_somebody_else_s_certificate() -> None:
    """Who paired with a colleague's certificate cannot sign for it."""
    theirs = certificate_for(Ed25519PrivateKey.generate())
    with pytest.raises(AccessRequestForged):
        verify(request(certificate=theirs), paired_certificate_hash=certificate_hash(theirs))


def test_another_organisation() -> None:
    """One CA key for two organisations does not let the one in at the other."""
    theirs = certificate_for(ENGINEER, organisation="Other Help")
    with pytest.raises(CertificateError, match="another organisation"):
        verify(request(certificate=theirs), paired_certificate_hash=certificate_hash(theirs))


def test_another_pairing() -> None:
    """A request cannot be carried from one customer to another."""
    with pytest.raises(AccessRequestForged):
        verify(request(), transcript_hash=b"\x04" * 32)


def test_a_certificate_that_has_run_out() -> None:
    """Is refused however good the signature is."""
    with pytest.raises(CertificateOutdated):
        verify(request(), now_ms=NOW_MS + 3_600_000)


def test_more_than_the_certificate_allows() -> None:
    """The sentence names what is too much; what is implied by an allowed scope is allowed."""
    with pytest.raises(ScopeNotAllowed, match="files:w, root"):
        verify(request(scopes=(Scope.ROOT, Scope.FILES_WRITE, Scope.VIEW)))
    verify(request(scopes=(Scope.SHELL,)))


def test_fields_cannot_run_into_each_other() -> None:
    """A letter that moves from the reason to the ticket changes what is signed."""

    def signed(reason: str, ticket: str) -> bytes:
        return access_request_bytes(
            TRANSCRIPT_HASH,
            certificate=CERTIFICATE,
            reason=reason,
            ticket=ticket,
            scopes=(Scope.VIEW,),
            minutes=30,
            ssh_user_key=b"",
            client="ssh",
        )

    assert signed("ab", "c") != signed("a", "bc")
