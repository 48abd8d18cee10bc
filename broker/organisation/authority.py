"""The engineer CA: short certificates for those who are logged in."""

from dataclasses import dataclass

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.organisation.engineers import Engineer
from protocol.certificates import issue_certificate
from protocol.grants import Scope
from serving.clock import Clock
from serving.identity.login import Caller

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Issued:
    """A certificate in DER, and until when it is good."""

    certificate: bytes
    """DER."""
    expires_at_ms: int


class Authority:
    """Signs certificates under the CA that is in force."""

    def __init__(self, ca_key: Ed25519PrivateKey, organisation: str, clock: Clock, *, certificate_life_ms: int) -> None:
        self._ca_key = ca_key
        self._organisation = organisation
        self._clock = clock
        self._certificate_life_ms = certificate_life_ms

    def issue(self, caller: Caller[Engineer], public_key: bytes, *, max_scopes: frozenset[Scope]) -> Issued:
        """A certificate over an Ed25519 public key (32 bytes) in the caller's name; never outlives the login.

        `max_scopes` are the caller's, or fewer.

        Raises CertificateFieldError for bytes that are no usable key.
        """
        now_ms = self._clock.unix_ms()
        lifetime_ms = min(self._certificate_life_ms, caller.expires_at_ms - now_ms)
        certificate = issue_certificate(
            self._ca_key,
            name=caller.user.name,
            staff_number=caller.user.staff_number,
            organisation=self._organisation,
            public_key=public_key,
            max_scopes=max_scopes & caller.user.max_scopes,
            now_ms=now_ms,
            lifetime_ms=lifetime_ms,
        )
        log.info("certificate_issued", user=caller.user.user_name)
        return Issued(certificate, now_ms + lifetime_ms)
