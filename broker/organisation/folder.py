"""Which file is where in the data folder.

<data folder>/                     0700
    broker.sqlite3                 people, sessions, notes, ratings
    records/                       sealed recordings
    log/                           the transparency log's tiles and its published checkpoint
    log.sqlite3                    its ledger: the newest checkpoint, which the tiles are held against
    organisation/                  0700
        root.key                   signs profiles. May be moved offline; `serve` does not need it
        root.pub                   its public half, which share addresses carry
        engineer_ca.key            signs engineers' certificates; .next for a moment, while another takes its place
        log.key                    signs the transparency log's checkpoints; log-<time>.key where that log was lost
        relay_tickets.key          32 bytes in hex, for tickets that admit relay legs
        identity.key               32 bytes in hex, under which second factors' secrets lie in the database
        ssh_gateway.key            the SSH gateway's host key, where there is a gateway
        tls_key.pem, tls_certificate.pem
        key_dates.json             since when each of these keys is here
        profile.note               the signed profile. Written last: with it, the organisation is founded
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from serving.private_files import KeyFileUnusable, read_file

FIRST_LOG = "log"
"""What an organisation's first log is called. One that takes a lost one's place has the time in its name: whatever copy
it was that came back, nobody has seen that name before."""


class OrganisationFolder:
    """Names of files; opens none."""

    def __init__(self, data_folder: Path) -> None:
        self.path = data_folder / "organisation"
        self.root_key = self.path / "root.key"
        self.root_public_key = self.path / "root.pub"
        self.engineer_ca_key = self.path / "engineer_ca.key"
        self.next_engineer_ca_key = self.path / "engineer_ca.key.next"
        self.relay_ticket_key = self.path / "relay_tickets.key"
        self.identity_key = self.path / "identity.key"
        self.ssh_gateway_key = self.path / "ssh_gateway.key"
        self.tls_key = self.path / "tls_key.pem"
        self.tls_certificate = self.path / "tls_certificate.pem"
        self.key_dates = self.path / "key_dates.json"
        self.profile_note = self.path / "profile.note"

    def log_key(self, name: str) -> Path:
        return self.path / f"{name}.key"


def encode_private_key(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Raises KeyFileUnusable, also for a file that others may read."""
    data = read_file(path)
    if path.stat().st_mode & 0o077:
        raise KeyFileUnusable(path=path, problem="others than its owner may read it; run chmod 600 on it")
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError):
        raise KeyFileUnusable(path=path, problem="it holds no private key that can be read") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileUnusable(path=path, problem="it holds a key of another kind than Ed25519")
    return key
