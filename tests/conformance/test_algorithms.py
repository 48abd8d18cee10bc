"""What our SSH server offers before anybody has logged in, read off the wire: modern algorithms, and no others.

This is the list that `ssh-audit` judges. Of what it finds, two remarks stay, both on purpose: `curve25519-sha256` is
not safe against quantum computers, and OpenSSH before 9.9 has nothing better; `ecdsa-sha2-nistp256` is the host key
for the browser's SSH library, and stock clients are pinned to Ed25519.
"""

import asyncio
import struct

import pytest

from protocol.grants import Scope
from tests.agent_client.ssh.conftest import HOST_KEYS, Bench

MSG_KEXINIT = 20
LISTS = (
    "kex_algorithms",
    "server_host_key_algorithms",
    "encryption_client_to_server",
    "encryption_server_to_client",
    "mac_client_to_server",
    "mac_server_to_client",
    "compression_client_to_server",
    "compression_server_to_client",
)
"""RFC 4253, section 7.1."""


async def offered(port: int) -> dict[str, list[str]]:
    """The server's SSH_MSG_KEXINIT, without a library's opinion about it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        banner = await reader.readline()
        assert banner == b"SSH-2.0-Consentry\r\n"  # nothing about versions for those who collect them
        length = int.from_bytes(await reader.readexactly(4), "big")
        packet = await reader.readexactly(length)
    finally:
        writer.close()
    assert packet[1] == MSG_KEXINIT
    at = 2 + 16
    lists: dict[str, list[str]] = {}
    for name in LISTS:
        (size,) = struct.unpack_from(">I", packet, at)
        lists[name] = packet[at + 4 : at + 4 + size].decode().split(",")
        at += 4 + size
    return lists


async def test_exactly_these_are_offered(bench: Bench) -> None:
    """Post-quantum first; no SHA-1, no CBC, no 64-bit tags, no compression; strict key exchange announced."""
    engineer = await bench.engineer(Scope.SHELL)
    lists = await offered(engineer.port)
    ciphers = ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"]
    macs = ["hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com"]
    assert lists == {
        "kex_algorithms": [
            "mlkem768x25519-sha256", "curve25519-sha256", "ext-info-s", "kex-strict-s-v00@openssh.com",
        ],
        "server_host_key_algorithms": ["ssh-ed25519", "ecdsa-sha2-nistp256"],
        "encryption_client_to_server": ciphers,
        "encryption_server_to_client": ciphers,
        "mac_client_to_server": macs,
        "mac_server_to_client": macs,
        "compression_client_to_server": ["none"],
        "compression_server_to_client": ["none"],
    }  # fmt: skip


async def test_a_browsers_key_alone_opens_the_browsers_algorithms(bench: Bench) -> None:
    """Its SSH library knows neither X25519 nor Ed25519: whoever asked with a key of ECDSA P-256 gets P-384, too."""
    engineer = await bench.engineer(Scope.SHELL)
    engineer.access.ssh_user_key = HOST_KEYS.ecdsa.public_data
    lists = await offered(engineer.port)
    assert lists["kex_algorithms"] == [
        "mlkem768x25519-sha256", "curve25519-sha256", "ecdh-sha2-nistp384",
        "ext-info-s", "kex-strict-s-v00@openssh.com",
    ]  # fmt: skip
    engineer.access.ssh_user_key = b"\xff no key"
    assert "ecdh-sha2-nistp384" not in (await offered(engineer.port))["kex_algorithms"]


async def test_terrapin_has_nothing_to_hold_on_to(bench: Bench) -> None:
    """CVE-2023-48795 needs ChaCha20-Poly1305, or CBC with encrypt-then-MAC; neither is there, and strict key exchange
    is: with a client that does not know it, AES-GCM alone keeps the attack out."""
    engineer = await bench.engineer(Scope.SHELL)
    lists = await offered(engineer.port)
    for direction in ("encryption_client_to_server", "encryption_server_to_client"):
        assert all("gcm" in cipher for cipher in lists[direction])
    assert "kex-strict-s-v00@openssh.com" in lists["kex_algorithms"]
    said = await engineer.run("-o", "LogLevel=DEBUG3", "alias", "true")
    assert said.status == 0
    assert "cipher: aes" in said.errors
    assert "MAC: <implicit>" in said.errors  # the list of MACs is there for show: AES-GCM needs none


@pytest.mark.parametrize(
    "weak",
    [
        "Ciphers=chacha20-poly1305@openssh.com",
        "Ciphers=aes256-ctr",
        "Ciphers=aes128-cbc",
        "KexAlgorithms=diffie-hellman-group14-sha1",
        "KexAlgorithms=ecdh-sha2-nistp256",
        "HostKeyAlgorithms=rsa-sha2-512",
    ],
)
async def test_a_client_that_insists_on_less_is_turned_away(bench: Bench, weak: str) -> None:
    """No common algorithm: ssh says which, and no login is tried."""
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.run("-o", weak, "-o", "LogLevel=INFO", "alias", "true")
    assert ran.status == 255
    assert "no matching" in ran.errors


@pytest.mark.parametrize(
    "option",
    [
        ("-o", "PreferredAuthentications=password,keyboard-interactive", "-o", "PubkeyAuthentication=no"),
        ("-o", "PreferredAuthentications=none"),
        ("-o", "PreferredAuthentications=hostbased"),
    ],
)
async def test_there_is_one_way_to_log_in(bench: Bench, option: tuple[str, ...]) -> None:
    """The admitted key; no password is ever asked for, and the server names no other method."""
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.run(*option, "-o", "LogLevel=DEBUG1", "alias", "true")
    assert ran.status == 255
    assert "Authentications that can continue: publickey" in ran.errors
    assert "password" not in ran.errors.split("Authentications that can continue:", 1)[1].splitlines()[0]
