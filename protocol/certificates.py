"""Who an engineer is, signed by the organisation: X.509 certificates of a few hours, and the request made with one.

    issuer      O = organisation, CN = Consentry engineer CA
    subject     CN = name, serialNumber = staff number, O = organisation
    key         Ed25519; signature Ed25519 by the engineer CA of the profile, which is the only trust anchor
    validity    at most 12 h, plus 5 minutes into the past for clocks that are slow
    extensions  basicConstraints (critical, no CA), keyUsage (critical, digitalSignature),
                2.25.302977619787537149114030714663979381732 (critical): the scopes that may be asked for at most, as a
                DER UTF8String of their names, sorted, joined by commas

Nothing else is accepted: no chains, no other algorithms, no other extensions. There is one way to read one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID, SignatureAlgorithmOID

from protocol.calendar_time import calendar_time
from protocol.details import Detail
from protocol.errors import IntegrityError
from protocol.grants import Scope, with_implied

CERTIFICATE_LIMIT_BYTES = 4096
LIFETIME_LIMIT_MS = 12 * 60 * 60 * 1000
"""A lost laptop is harmless the next day, and nobody has to run a revocation list."""

CLOCK_ALLOWANCE_MS = 5 * 60 * 1000
"""How far into the past a certificate is valid when it is issued."""

MAX_SCOPES_OID = x509.ObjectIdentifier("2.25.302977619787537149114030714663979381732")
"""2.25 is the arc of UUIDs (ITU-T X.667): this one is e3ef5df6-8451-4c2e-9984-1424ca8af3e4."""

NAME_LIMIT_CHARACTERS = 64
"""Upper bound of X.520 for names and serial numbers."""

FOR_EVER_MS = 2**53

UNREADABLE_X509 = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for a certificate that is not well-formed, at the latest when its fields are read."""

_ISSUER_NAME = "Consentry engineer CA"
_DER_UTF8_STRING = 0x0C
_DER_BITS_OF_SIGNATURE = b"\x03\x41\x00"
"""A BIT STRING of 64 bytes in which every bit counts. Parsers also take one that says that its last bits do not."""
_EXTENSIONS = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, MAX_SCOPES_OID}


class CertificateError(IntegrityError):
    """An engineer's certificate that is malformed, forged, or not what it must be."""

    sentence = "The engineer's certificate cannot be accepted: {problem}."


class CertificateOutdated(CertificateError):
    """Signed by the right organisation, but not valid now by this machine's clock."""

    sentence = (
        "The engineer's certificate is valid from {not_before} to {not_after} UTC, and this machine's clock says "
        "{now}. If that is right, the server's clock is wrong, and the engineer's administrator has to set it; if not, "
        "set this machine's clock."
    )


class CertificateFieldError(CertificateError):
    """What was asked to be put into a certificate cannot be in one."""

    sentence = "No certificate can be issued: {problem}."


@dataclass(frozen=True)
class EngineerCertificate:
    """A certificate that was verified. `max_scopes` holds what its scopes imply too. Times are Unix milliseconds."""

    name: str
    staff_number: str
    organisation: str
    public_key: bytes
    max_scopes: frozenset[Scope]
    not_before_ms: int
    not_after_ms: int
    serial: int
    der: bytes = field(repr=False)


def issue_certificate(
    ca_key: Ed25519PrivateKey,
    *,
    name: str,
    staff_number: str,
    organisation: str,
    public_key: bytes,
    max_scopes: frozenset[Scope],
    now_ms: int,
    lifetime_ms: int,
) -> bytes:
    """A new certificate in DER, with a random serial number. Raises CertificateFieldError."""
    for what, text in (
        (Detail("name"), name),
        (Detail("staff number"), staff_number),
        (Detail("organisation"), organisation),
    ):
        _check_text(what, text)
    if not 0 < lifetime_ms <= LIFETIME_LIMIT_MS:
        raise CertificateFieldError(problem="its life must be more than nothing and at most 12 hours")
    if not max_scopes:
        raise CertificateFieldError(problem="it would allow nothing")
    try:
        engineer_key = Ed25519PublicKey.from_public_bytes(public_key)
    except ValueError:
        raise CertificateFieldError(problem="the public key is not an Ed25519 key of 32 bytes") from None
    certificate = (
        x509.CertificateBuilder()
        .issuer_name(_issuer(organisation))
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                    x509.NameAttribute(NameOID.COMMON_NAME, name),
                    x509.NameAttribute(NameOID.SERIAL_NUMBER, staff_number),
                ]
            )
        )
        .public_key(engineer_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_to_datetime(now_ms - CLOCK_ALLOWANCE_MS))
        .not_valid_after(_to_datetime(now_ms + lifetime_ms))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.UnrecognizedExtension(MAX_SCOPES_OID, _encode_scopes(max_scopes)), critical=True)
        .sign(ca_key, None)
    )
    return certificate.public_bytes(Encoding.DER)


def made_at_ms(der: bytes) -> int:
    """When a certificate was made, by the clock of whoever made it; for one that was verified but for its time."""
    return _to_ms(x509.load_der_x509_certificate(der).not_valid_before_utc) + CLOCK_ALLOWANCE_MS


def read_certificate(der: bytes, ca_public_key: bytes, now_ms: int) -> EngineerCertificate:
    """Verifies and reads a certificate. Raises CertificateError, CertificateOutdated.

    The signature is verified before anything but the outermost structure is believed.
    """
    if len(der) > CERTIFICATE_LIMIT_BYTES:
        raise CertificateError(problem="it is too long")
    try:
        certificate = x509.load_der_x509_certificate(der)
        _verify_signature(certificate, ca_public_key)
        if not der.endswith(_DER_BITS_OF_SIGNATURE + certificate.signature):
            raise CertificateError(problem="it is written in another way than the one that we use")
        engineer = _read_fields(certificate, der)
    except UNREADABLE_X509:
        raise CertificateError(problem="it is not a certificate of the form that we use") from None
    if not engineer.not_before_ms <= now_ms < engineer.not_after_ms:
        raise CertificateOutdated(
            not_before=_to_text(engineer.not_before_ms), not_after=_to_text(engineer.not_after_ms), now=_to_text(now_ms)
        )
    return engineer


@dataclass(frozen=True)
class EngineerCa:
    """A key that signs engineers' certificates. Those of `until_ms` and later are not believed, whenever they say that
    they were made."""

    public_key: bytes
    until_ms: int = FOR_EVER_MS


def read_certificate_of(der: bytes, cas: Sequence[EngineerCa], now_ms: int) -> tuple[EngineerCertificate, EngineerCa]:
    """As `read_certificate`, of whichever of these is believed at that time, and which that was. When none is, it is
    told whether one that is believed no more signed it; else the first one's word.

    Raises CertificateError, CertificateOutdated.
    """
    refused: CertificateError | None = None
    for ca in cas:
        is_over = now_ms >= ca.until_ms
        try:
            certificate = read_certificate(der, ca.public_key, now_ms)
            if not is_over:
                return certificate, ca
        except CertificateOutdated:
            if not is_over:
                raise
        except CertificateError as error:
            refused = refused or error
            continue
        refused = CertificateError(problem="it was signed by an engineer CA that was replaced, and counts no more")
        break
    raise refused or CertificateError(problem="it was not signed by this organisation")


def _verify_signature(certificate: x509.Certificate, ca_public_key: bytes) -> None:
    if certificate.signature_algorithm_oid != SignatureAlgorithmOID.ED25519:
        raise CertificateError(problem="it is signed with an algorithm that we do not use")
    try:
        ca = Ed25519PublicKey.from_public_bytes(ca_public_key)
        ca.verify(certificate.signature, certificate.tbs_certificate_bytes)
    except InvalidSignature:
        raise CertificateError(problem="it was not signed by this organisation") from None


def _read_fields(certificate: x509.Certificate, der: bytes) -> EngineerCertificate:
    subject = {attribute.oid: attribute.value for attribute in certificate.subject}
    expected = {NameOID.COMMON_NAME, NameOID.SERIAL_NUMBER, NameOID.ORGANIZATION_NAME}
    if subject.keys() != expected or len(list(certificate.subject)) != len(expected):
        raise CertificateError(problem="it does not name an engineer as it must")
    name, staff_number, organisation = (
        str(subject[oid]) for oid in (NameOID.COMMON_NAME, NameOID.SERIAL_NUMBER, NameOID.ORGANIZATION_NAME)
    )
    if certificate.issuer != _issuer(organisation):
        raise CertificateError(problem="it was issued for another organisation")
    public_key = certificate.public_key()
    if not isinstance(public_key, Ed25519PublicKey):
        raise CertificateError(problem="its key is of a kind that we do not use")
    not_before_ms = _to_ms(certificate.not_valid_before_utc)
    not_after_ms = _to_ms(certificate.not_valid_after_utc)
    # One second: X.509 has no fractions, and each end of the time may have been rounded.
    if not_after_ms - not_before_ms > LIFETIME_LIMIT_MS + CLOCK_ALLOWANCE_MS + 1000:
        raise CertificateError(problem="it is valid for more than 12 hours")
    return EngineerCertificate(
        name=name,
        staff_number=staff_number,
        organisation=organisation,
        public_key=public_key.public_bytes_raw(),
        max_scopes=_read_extensions(certificate.extensions),
        not_before_ms=not_before_ms,
        not_after_ms=not_after_ms,
        serial=certificate.serial_number,
        der=der,
    )


def _read_extensions(extensions: x509.Extensions) -> frozenset[Scope]:
    if {extension.oid for extension in extensions} != _EXTENSIONS or not all(e.critical for e in extensions):
        raise CertificateError(problem="its extensions are not the ones that we use")
    constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    if constraints.ca or usage != _key_usage():
        raise CertificateError(problem="it is not for an engineer's signatures")
    scopes = extensions.get_extension_for_oid(MAX_SCOPES_OID).value
    assert isinstance(scopes, x509.UnrecognizedExtension)
    return _decode_scopes(scopes.value)


def _encode_scopes(scopes: frozenset[Scope]) -> bytes:
    text = ",".join(sorted(scopes)).encode()
    assert len(text) < 0x80  # the short form of a DER length
    return bytes((_DER_UTF8_STRING, len(text))) + text


def _decode_scopes(data: bytes) -> frozenset[Scope]:
    if len(data) < 3 or data[0] != _DER_UTF8_STRING:
        raise CertificateError(problem="its scopes cannot be read")
    try:
        scopes = frozenset(Scope(name) for name in data[2:].decode().split(","))
    except ValueError:
        raise CertificateError(problem="it names a scope that we do not know") from None
    if _encode_scopes(scopes) != data:
        raise CertificateError(problem="its scopes cannot be read")
    return with_implied(scopes)


def _issuer(organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, _ISSUER_NAME),
        ]
    )


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _check_text(what: str, text: str) -> None:
    if not 0 < len(text) <= NAME_LIMIT_CHARACTERS or not text.isprintable() or text != text.strip():
        raise CertificateFieldError(
            problem=Detail(
                "the {what} must have 1 to {limit} characters, all of them printable",
                what=what,
                limit=NAME_LIMIT_CHARACTERS,
            )
        )


def _to_datetime(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms // 1000, UTC)


def _to_ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _to_text(unix_ms: int) -> str:
    return calendar_time(unix_ms).strftime("%Y-%m-%d %H:%M")
