"""The private names of asyncssh that we lean on are where we think they are, and do what we think they do."""

import asyncio
import os
from unittest.mock import Mock

import asyncssh
import pytest
from asyncssh import encryption
from asyncssh.constants import MSG_CHANNEL_WINDOW_ADJUST
from asyncssh.crypto.cipher import GCMCipher
from asyncssh.packet import UInt32

from tunnel import ssh_tuning as tuning


def test_cached_gcm_is_asyncsshs_gcm() -> None:
    """Packet after packet, ours seals to the same bytes as asyncssh's own and opens what it sealed."""
    key, iv = os.urandom(32), b"abcd" + b"\xff" * 7 + b"\xfe"  # the counter wraps within the test
    ours = tuning.CachedGcmEncryption.new("aes256-gcm", key, iv)
    theirs = encryption.GCMEncryption(GCMCipher("aes256-gcm", key, iv))
    opener = tuning.CachedGcmEncryption.new("aes256-gcm", key, iv)
    for sequence in range(5):
        packet = os.urandom(48)
        header = len(packet).to_bytes(4, "big")
        sealed = b"".join(ours.encrypt_packet(sequence, header, packet))
        assert sealed == b"".join(theirs.encrypt_packet(sequence, header, packet))
        assert opener.decrypt_packet(sequence, sealed[:16], sealed[16:-16], 4, sealed[-16:]) == packet


def test_a_forged_packet_is_refused() -> None:
    """A flipped bit opens to nothing, which asyncssh takes as a failed MAC."""
    key, iv = os.urandom(32), os.urandom(12)
    sealed = bytearray(
        b"".join(tuning.CachedGcmEncryption.new("", key, iv).encrypt_packet(0, b"\0\0\0\x10", bytes(16)))
    )
    sealed[7] ^= 1
    opener = tuning.CachedGcmEncryption.new("", key, iv)
    assert opener.decrypt_packet(0, bytes(sealed[:16]), bytes(sealed[16:-16]), 4, bytes(sealed[-16:])) is None


def test_asyncssh_takes_the_cached_class_from_its_table() -> None:
    """After installing, a new cipher for either AES-GCM is ours."""
    tuning.install_cached_gcm()
    for algorithm, size in ((b"aes256-gcm@openssh.com", 32), (b"aes128-gcm@openssh.com", 16)):
        made = encryption.get_encryption(algorithm, bytes(size), bytes(12))
        assert isinstance(made, tuning.CachedGcmEncryption)
        assert encryption.get_encryption_params(algorithm)[:3] == (size, 12, 16)


@pytest.mark.parametrize(
    ("round_trip_seconds", "window_bytes"),
    [(0.0, 2 * 1024 * 1024), (0.001, 2 * 1024 * 1024), (0.0625, 8 * 1024 * 1024), (60.0, tuning.WINDOW_LIMIT_BYTES)],
)
async def test_the_window_fits_the_way(round_trip_seconds: float, window_bytes: int) -> None:
    """A channel tops its client up to what one round trip of the wanted rate holds: between its first window and the
    widest."""
    connection = Mock()
    connection.get_key_option.return_value = {}
    channel = asyncssh.SSHServerChannel[bytes](
        connection, asyncio.get_running_loop(), True, False, False, 0, 0, None, "strict", 2 * 1024 * 1024, 32 * 1024
    )
    channel._send_state, channel._send_chan, channel._recv_paused = "open", 0, False
    tuning.widen_window(channel, round_trip_seconds)
    received_bytes = 2 * 1024 * 1024
    channel._accept_data(bytes(received_bytes))
    assert connection.send_packet.call_args.args == (MSG_CHANNEL_WINDOW_ADJUST, UInt32(0) + UInt32(window_bytes))
