"""Changes to asyncssh: one of a cipher, one that keeps a hostile client from filling the memory, and one that fits a
channel's window to the way. What bulk needs beside them is in `ssh_bulk.py`.

Each leans on a private name of asyncssh; `tests/tunnel/test_ssh_tuning.py` notices when one moves.
"""

import asyncssh
from asyncssh import encryption
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG_BYTES = 16

WINDOW_LIMIT_BYTES = 16 * 1024 * 1024
"""A channel's widest window: what a client that is not kept up with may fill of our memory."""

RATE_TO_FILL_BYTES_PER_SECOND = 128 * 1024 * 1024
"""A window that holds one round trip of this rate does not hold the client up: Gigabit Ethernet's, at any distance
up to 125 ms; beyond it, WINDOW_LIMIT_BYTES in each round trip."""


class _NoEnvironment(dict[bytes, bytes]):
    def __setitem__(self, name: bytes, value: bytes) -> None:
        """Nobody reads it."""


def leave_out_environment(channel: asyncssh.SSHServerChannel[bytes]) -> None:
    """Keep no variable that the client asks to be set: programs get the customer's environment, and nothing else.

    asyncssh accepts them all, for as long as one channel asks, which could be for ever. Leans on: `_env`.
    """
    channel._env = _NoEnvironment()


def widen_window(channel: asyncssh.SSHServerChannel[bytes], round_trip_seconds: float) -> None:
    """Let the client send ahead what `round_trip_seconds` ask for; never less than the window that it has.

    A wide window is no gift on a short way: OpenSSH's client takes from `sftp` whatever the window allows, and copies
    all that waits for each piece that it adds (`sshbuf_allocate`). With 16 MiB of it, a `put` took five times the CPU
    time. Takes effect with the next window adjustment (RFC 4254, section 5.2). Leans on: `_init_recv_window`.
    """
    wanted_bytes = min(int(round_trip_seconds * RATE_TO_FILL_BYTES_PER_SECOND), WINDOW_LIMIT_BYTES)
    channel._init_recv_window = max(channel._init_recv_window, wanted_bytes)


class CachedGcmEncryption(encryption.GCMEncryption):
    """AES-GCM (RFC 5647) with the key schedule computed once, not once per packet. Leans on: `_enc_params`."""

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._gcm = AESGCM(key)
        self._fixed = iv[:4]
        self._invocation = int.from_bytes(iv[4:], "big")

    @classmethod
    def new(
        cls, cipher_name: str, key: bytes, iv: bytes, mac_alg: bytes = b"", mac_key: bytes = b"", etm: bool = False
    ) -> "CachedGcmEncryption":
        del cipher_name, mac_alg, mac_key, etm
        return cls(key, iv)

    def encrypt_packet(self, seq: int, header: bytes, packet: bytes) -> tuple[bytes, bytes]:
        del seq
        return header + self._gcm.encrypt(self._nonce(), packet, header), b""

    def decrypt_packet(self, seq: int, first: bytes, rest: bytes, header_len: int, mac: bytes) -> bytes | None:
        del seq
        try:
            return self._gcm.decrypt(self._nonce(), first[header_len:] + rest + mac, first[:header_len])
        except InvalidTag:
            return None

    def seal(self, header: bytes, packet: bytes) -> bytes:
        """As `encrypt_packet`, without the header in front."""
        return self._gcm.encrypt(self._nonce(), packet, header)

    def opened(self, sealed: memoryview) -> bytes | None:
        """The next packet, its length in front and its tag behind; None if it is forged. It stays the next one until
        `take_opened`."""
        try:
            return self._gcm.decrypt(self._next_nonce, sealed[4:], sealed[:4])
        except InvalidTag:
            return None

    def take_opened(self) -> None:
        """Goes on to the packet after it."""
        self._invocation = (self._invocation + 1) & 0xFFFF_FFFF_FFFF_FFFF

    @property
    def _next_nonce(self) -> bytes:
        return self._fixed + self._invocation.to_bytes(8, "big")

    def _nonce(self) -> bytes:
        nonce = self._next_nonce
        self.take_opened()
        return nonce


def install_cached_gcm() -> None:
    """Put the class above into asyncssh's table, for the whole process."""
    for algorithm, cipher in ((b"aes256-gcm@openssh.com", "aes256-gcm"), (b"aes128-gcm@openssh.com", "aes128-gcm")):
        encryption._enc_params[algorithm] = (CachedGcmEncryption, cipher)
