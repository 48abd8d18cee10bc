"""The session's SSH host keys: made fresh, kept in memory, part of what the pairing confirms."""

from dataclasses import dataclass

import asyncssh


@dataclass(frozen=True, repr=False)
class HostKeys:
    """Ed25519 for OpenSSH and our own client, ECDSA P-256 for the browser's SSH library, in this order."""

    ed25519: asyncssh.SSHKey
    ecdsa: asyncssh.SSHKey

    @classmethod
    def generate(cls) -> "HostKeys":
        return cls(asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ecdsa-sha2-nistp256"))

    @property
    def private_keys(self) -> tuple[asyncssh.SSHKey, ...]:
        return self.ed25519, self.ecdsa

    @property
    def public_blobs(self) -> tuple[bytes, ...]:
        """As OpenSSH public-key blobs (RFC 4253, section 6.6), in the order of the pairing transcript."""
        return tuple(key.public_data for key in self.private_keys)
