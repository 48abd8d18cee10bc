"""Engineers' certificates: what a CA issues, and what an agent refuses to read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from protocol.certificates import (
    CLOCK_ALLOWANCE_MS,
    LIFETIME_LIMIT_MS,
    MAX_SCOPES_OID,
    CertificateError,
    CertificateFieldError,
    CertificateOutdated,
    EngineerCa,
    _encode_scopes,
    _key_usage,
    issue_certificate,
    read_certificate,
    read_certificate_of,
)
from protocol.grants import Scope
from tests.helpers.pairing import NOW_MS

CA = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
CA_PUBLIC = CA.public_key().public_bytes_raw()
ENGINEER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
ENGINEER_PUBLIC = ENGINEER.public_key().public_bytes_raw()


def issue(**changes: object) -> bytes:
    fields: dict[str, object] = {
        "name": "Engineer One",
        "staff_number": "E-17",
        "organisation": "Example Help",
        "public_key": ENGINEER_PUBLIC,
        "max_scopes": frozenset({Scope.SHELL, Scope.FILES_READ}),
        "now_ms": NOW_MS,
        "lifetime_ms": LIFETIME_LIMIT_MS,
    }
    return issue_certificate(CA, **(fields | changes))  # type: ignore[arg-type]


def test_what_is_issued_can_be_read() -> None:
    """Every field comes back; the scopes with what they imply."""
    der = issue(name="工程师 甲")
    certificate = read_certificate(der, CA_PUBLIC, NOW_MS)
    assert (certificate.name, certificate.staff_number, certificate.organisation) == (
        "工程师 甲",
        "E-17",
        "Example Help",
    )
    assert certificate.public_key == ENGINEER_PUBLIC
    assert certificate.max_scopes == {Scope.VIEW, Scope.SHELL, Scope.FILES_READ}
    assert certificate.not_before_ms == NOW_MS - CLOCK_ALLOWANCE_MS
    assert certificate.not_after_ms == NOW_MS + LIFETIME_LIMIT_MS
    assert certificate.der == der


@given(st.sets(st.sampled_from(Scope), min_size=1))
def test_any_scopes_survive(scopes: set[Scope]) -> None:
    """Whatever set an administrator chooses."""
    certificate = read_certificate(issue(max_scopes=frozenset(scopes)), CA_PUBLIC, NOW_MS)
    assert certificate.max_scopes >= scopes
    assert certificate.max_scopes - scopes <= {Scope.VIEW}


def test_serial_numbers_differ() -> None:
    """Two certificates of one engineer can be told apart."""
    assert len({read_certificate(issue(), CA_PUBLIC, NOW_MS).serial for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("offset_ms", "is_valid"),
    [
        (-CLOCK_ALLOWANCE_MS - 1, False),
        (-CLOCK_ALLOWANCE_MS, True),
        (LIFETIME_LIMIT_MS - 1, True),
        (LIFETIME_LIMIT_MS, False),
        (24 * 3_600_000, False),
        (-24 * 3_600_000, False),
        (-NOW_MS, False),
        (10**18, False),
    ],
)
def test_validity_by_this_machine_s_clock(offset_ms: int, is_valid: bool) -> None:
    """To the millisecond; a clock that is off by a day gets the sentence that speaks of clocks."""
    der = issue()
    if is_valid:
        read_certificate(der, CA_PUBLIC, NOW_MS + offset_ms)
    else:
        with pytest.raises(CertificateOutdated, match="clock"):
            read_certificate(der, CA_PUBLIC, NOW_MS + offset_ms)


def test_another_organisation_s_certificate_is_refused() -> None:
    """The CA key of the pinned profile is the only trust anchor."""
    with pytest.raises(CertificateError, match="not signed by this organisation"):
        read_certificate(issue(), ENGINEER_PUBLIC, NOW_MS)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 65},
        {"name": "right-to-left \u202e"},
        {"name": "two\nlines"},
        {"name": " spaced "},
        {"staff_number": ""},
        {"staff_number": "\x1b[2J"},
        {"organisation": "x" * 65},
        {"lifetime_ms": LIFETIME_LIMIT_MS + 1},
        {"lifetime_ms": 0},
        {"max_scopes": frozenset()},
        {"public_key": b"short"},
    ],
)
def test_what_no_certificate_may_say(changes: dict[str, object]) -> None:
    """Names that could deceive on a screen, lives over 12 hours and certificates for nothing are not issued."""
    with pytest.raises(CertificateFieldError):
        issue(**changes)


@given(st.integers(0), st.integers(0, 7))
def test_any_changed_bit_is_noticed(position: int, bit: int) -> None:
    """Anywhere in the DER."""
    der = bytearray(issue())
    der[position % len(der)] ^= 1 << bit
    with pytest.raises(CertificateError):
        read_certificate(bytes(der), CA_PUBLIC, NOW_MS)


def test_a_signature_is_written_in_one_way() -> None:
    """DER's count of unused bits lies outside of what is signed: a signature that ends in zeros could have others."""
    while (der := bytearray(issue()))[-1] & 1:
        pass
    der[-65] = 1
    with pytest.raises(CertificateError):
        read_certificate(bytes(der), CA_PUBLIC, NOW_MS)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_certificate_error(data: bytes) -> None:
    """Nothing makes the reader fail in another way."""
    with pytest.raises(CertificateError):
        read_certificate(data, CA_PUBLIC, NOW_MS)


@pytest.mark.parametrize("der", [issue() + b"\0", issue()[:-1], bytes(5000)])
def test_a_certificate_has_one_length(der: bytes) -> None:
    """Nothing behind it, nothing missing, nothing huge."""
    with pytest.raises(CertificateError):
        read_certificate(der, CA_PUBLIC, NOW_MS)


Builder = x509.CertificateBuilder


def name_of(*pairs: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])


ISSUER = name_of((NameOID.ORGANIZATION_NAME, "Example Help"), (NameOID.COMMON_NAME, "Consentry engineer CA"))
SUBJECT = name_of(
    (NameOID.ORGANIZATION_NAME, "Example Help"), (NameOID.COMMON_NAME, "Engineer"), (NameOID.SERIAL_NUMBER, "1")
)
SCOPES = x509.UnrecognizedExtension(MAX_SCOPES_OID, _encode_scopes(frozenset({Scope.VIEW})))
NO_CA = x509.BasicConstraints(ca=False, path_length=None)


def build(
    *,
    issuer: x509.Name = ISSUER,
    subject: x509.Name = SUBJECT,
    key: object = None,
    hours: int = 12,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = ((NO_CA, True), (_key_usage(), True), (SCOPES, True)),
) -> bytes:
    """A certificate by the right CA that `issue_certificate` would not make."""
    now = datetime.fromtimestamp(NOW_MS // 1000, UTC)
    builder = (
        Builder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key or ENGINEER.public_key())  # type: ignore[arg-type]
        .serial_number(5)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(hours=hours))
    )
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(CA, None).public_bytes(Encoding.DER)


def scopes_extension(data: bytes) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    return ((NO_CA, True), (_key_usage(), True), (x509.UnrecognizedExtension(MAX_SCOPES_OID, data), True))


def test_the_plain_one_is_accepted() -> None:
    """What the next test changes one thing at a time is itself accepted."""
    assert read_certificate(build(), CA_PUBLIC, NOW_MS).name == "Engineer"


@pytest.mark.parametrize(
    "make",
    [
        lambda: build(issuer=name_of((NameOID.ORGANIZATION_NAME, "Other"))),
        lambda: build(subject=name_of((NameOID.COMMON_NAME, "Engineer"))),
        lambda: build(subject=name_of(*[(a.oid, str(a.value)) for a in SUBJECT], (NameOID.COMMON_NAME, "Second"))),
        lambda: build(subject=name_of(*[(a.oid, str(a.value)) for a in SUBJECT], (NameOID.TITLE, "Dr"))),
        lambda: build(key=ec.generate_private_key(ec.SECP256R1()).public_key()),
        lambda: build(hours=13),
        lambda: build(extensions=()),
        lambda: build(extensions=((NO_CA, True), (_key_usage(), True))),
        lambda: build(extensions=((NO_CA, True), (_key_usage(), True), (SCOPES, False))),
        lambda: build(
            extensions=((x509.BasicConstraints(ca=True, path_length=0), True), (_key_usage(), True), (SCOPES, True))
        ),
        lambda: build(
            extensions=(
                (NO_CA, True),
                (_key_usage(), True),
                (SCOPES, True),
                (x509.SubjectAlternativeName([x509.DNSName("a.example")]), False),
            )
        ),
        lambda: build(extensions=scopes_extension(b"")),
        lambda: build(extensions=scopes_extension(b"\x0c\x00")),
        lambda: build(extensions=scopes_extension(b"\x0c\x05shell")[:2]),
        lambda: build(extensions=scopes_extension(b"\x0c\x06shell")),
        lambda: build(extensions=scopes_extension(b"\x0c\x0ashell,view,")),
        lambda: build(extensions=scopes_extension(b"\x0c\x0aview,shell")),
        lambda: build(extensions=scopes_extension(b"\x0c\x09view,view")),
        lambda: build(extensions=scopes_extension(b"\x0c\x08anything")),
        lambda: build(extensions=scopes_extension(b"\x0c\x02\xff\xfe")),
    ],
)
def test_by_the_right_ca_but_of_another_form(make: Callable[[], bytes]) -> None:
    """Whatever else that CA may be made to sign, it does not make an engineer."""
    with pytest.raises(CertificateError):
        read_certificate(make(), CA_PUBLIC, NOW_MS)


def test_other_signature_algorithms_are_refused() -> None:
    """A certificate signed with ECDSA is not even verified."""
    other_ca = ec.generate_private_key(ec.SECP256R1())
    now = datetime.fromtimestamp(NOW_MS // 1000, UTC)
    der = (
        Builder()
        .issuer_name(ISSUER)
        .subject_name(SUBJECT)
        .public_key(ENGINEER.public_key())
        .serial_number(5)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(hours=1))
        .sign(other_ca, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    with pytest.raises(CertificateError, match="algorithm"):
        read_certificate(der, CA_PUBLIC, NOW_MS)


def test_a_ca_of_before_is_believed_until_its_time_and_no_longer() -> None:
    """Beside the present one; whatever the certificate itself says of its time."""
    present = EngineerCa(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    der = issue()
    former = EngineerCa(CA_PUBLIC, NOW_MS + 1)
    for cas, fitting in (([present, former], former), ([EngineerCa(CA_PUBLIC), present], EngineerCa(CA_PUBLIC))):
        certificate, ca = read_certificate_of(der, cas, NOW_MS)
        assert (certificate.der, ca) == (der, fitting)
    for believed in ([present], []):
        with pytest.raises(CertificateError, match="not signed by this organisation"):
            read_certificate_of(der, believed, NOW_MS)
    for now_ms in (NOW_MS, NOW_MS + LIFETIME_LIMIT_MS):
        with pytest.raises(CertificateError, match="replaced, and counts no more"):
            read_certificate_of(der, [present, EngineerCa(CA_PUBLIC, NOW_MS)], now_ms)
    with pytest.raises(CertificateOutdated):
        read_certificate_of(der, [present, EngineerCa(CA_PUBLIC)], NOW_MS + LIFETIME_LIMIT_MS)
