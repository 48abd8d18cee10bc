"""The practice organisation of all simulations: its keys, its engineers, and the auditor who can read at the end."""

from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.vault.keys import AuditKey, key_id_of
from broker.organisation.engineers import Engineer
from broker.organisation.organisation import Organisation
from protocol.grants import Scope
from protocol.profile import AuditRecipient, Profile, ProfileLog, sign_profile
from protocol.signed_note import NoteKey
from simulation.nodes import EPOCH_UNIX_NS

DAY_MS = 24 * 3600 * 1000
LOG_ORIGIN = "broker/log"
SCOPES = frozenset({Scope.VIEW, Scope.SHELL, Scope.FILES_READ})


def _audit_key() -> AuditKey:
    """X25519 alone: X-Wing costs more time and changes nothing that is simulated."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    now_ms = EPOCH_UNIX_NS // 10**6
    recipient = AuditRecipient(key_id_of("x25519", public), "x25519", public, now_ms - 9 * DAY_MS, now_ms + 9 * DAY_MS)
    return AuditKey(recipient, private)


@dataclass
class PracticeOrganisation:
    """Made once per process: which keys it has plays no part in what happens."""

    root_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    ca_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    log_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    audit_key: AuditKey = field(default_factory=_audit_key)

    @property
    def root_public_key(self) -> bytes:
        return self.root_key.public_key().public_bytes_raw()

    def profile(self, policy: Literal["bounded", "strict"], resume_window_seconds: int) -> Profile:
        return Profile(
            version=1,
            organisation="Example Support",
            broker_origin="https://broker",
            engineer_ca_key=self.ca_key.public_key().public_bytes_raw(),
            audit_recipients=(self.audit_key.recipient,),
            output_policy=policy,
            resume_window_seconds=resume_window_seconds,
            log=ProfileLog(NoteKey(LOG_ORIGIN, self.log_key.public_key().public_bytes_raw()).vkey),
        )

    def organisation(self, profile: Profile) -> Organisation:
        note = sign_profile(profile, self.root_key)
        return Organisation(profile, note, self.root_public_key, self.ca_key, b"\x05" * 32, self.log_key)

    def users(self) -> dict[str, Engineer]:
        return {
            f"engineer-{number}": Engineer(
                user_id=number,
                user_name=f"engineer-{number}",
                name=f"Engineer {number}",
                role="engineer",
                staff_number=f"E-{number}",
                max_scopes=SCOPES,
                disabled=False,
                has_totp=False,
                created_at_ms=0,
            )
            for number in (1, 2)
        }


ORGANISATION = PracticeOrganisation()
