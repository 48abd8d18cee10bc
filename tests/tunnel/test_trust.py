"""Whom the clients trust: the root's signature, then exactly the broker that it names; and no one by chance."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from protocol.messages.wire import SUBPROTOCOL
from protocol.profile import ProfileError, ProfileOutdated, sign_profile
from protocol.share_url import ShareUrl
from tests.helpers.relay_house import RelayHouse, make_certificate
from tunnel.control import BrokerUnavailable, ConversationRefused, connect_websocket
from tunnel.pinned_tls import CertificateUnreadable, broker_tls
from tunnel.trust import BrokerUnproven, ProfileUnavailable, fetch_profile, fetch_signed_profile

ROOT = Ed25519PrivateKey.from_private_bytes(b"r" * 32)
ROOT_KEY = ROOT.public_key().public_bytes_raw()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RelayHouse]:
    async with RelayHouse(tmp_path) as house:
        house.http_body = sign_profile(house.pairing.profile(), ROOT)
        yield house


def address(house: RelayHouse, root_key: bytes | None = ROOT_KEY) -> ShareUrl:
    return ShareUrl(house.pairing.origin, root_key)


async def test_root_key_is_enough(house: RelayHouse) -> None:
    """With the root key in the address, a certificate that no authority vouches for is no obstacle."""
    fetched = await fetch_signed_profile(address(house))
    assert fetched.profile == house.pairing.profile()
    assert (fetched.note, fetched.root_key) == (house.http_body, ROOT_KEY)


async def test_another_root(house: RelayHouse) -> None:
    """A profile that another root signed is refused."""
    with pytest.raises(ProfileError):
        await fetch_profile(address(house, b"x" * 32))


async def test_older_profile(house: RelayHouse) -> None:
    """A version older than the one that was seen before is refused."""
    with pytest.raises(ProfileOutdated):
        await fetch_profile(address(house), at_least_version=2)


async def test_profile_of_another_broker(house: RelayHouse) -> None:
    """A well-signed profile that names another broker is not good for this one."""
    elsewhere = replace(house.pairing.profile(), broker_origin="https://elsewhere.example.org")
    house.http_body = sign_profile(elsewhere, ROOT)
    with pytest.raises(ProfileError, match=r"elsewhere\.example\.org"):
        await fetch_profile(address(house))


async def test_bare_address_needs_an_authority(house: RelayHouse) -> None:
    """Without a root key, a self-signed certificate is refused, and the sentence says what is missing."""
    with pytest.raises(BrokerUnproven, match="after #"):
        await fetch_profile(address(house, None))


async def test_endless_profile(house: RelayHouse) -> None:
    """An answer without end is not read to its end."""
    house.http_body = b"x" * 1_000_000
    with pytest.raises(ProfileUnavailable):
        await fetch_profile(address(house))


async def test_no_broker(house: RelayHouse) -> None:
    """Nobody listens: one sentence that names the host."""
    await house.stop_relay()
    with pytest.raises(ProfileUnavailable, match=f"127.0.0.1:{house.pairing.port}"):
        await fetch_profile(address(house))
    with pytest.raises(BrokerUnavailable):
        await connect_websocket(house.pairing.profile(), "/v1/agent")
    await house.start_relay()


async def test_websocket_to_the_broker(house: RelayHouse) -> None:
    """A conversation runs under our subprotocol, over the pinned certificate."""
    websocket = await connect_websocket(house.pairing.profile(), "/v1/agent", headers={"X-Test": "1"})
    assert websocket.subprotocol == SUBPROTOCOL
    await websocket.send(b"hello")
    assert await websocket.recv() == b"hello"
    await websocket.close()


async def test_websocket_refused(house: RelayHouse) -> None:
    """A status in place of an upgrade is told as such."""
    with pytest.raises(ConversationRefused, match="401"):
        await connect_websocket(house.pairing.profile(), "/relay/agent")


async def test_websocket_to_an_impostor(house: RelayHouse, tmp_path: Path) -> None:
    """Only the certificate in the profile will do, not another one for the same name."""
    (tmp_path / "other").mkdir()
    _, _, other_pem = make_certificate(tmp_path / "other")
    profile = replace(house.pairing.profile(), broker_certificate_pem=other_pem)
    with pytest.raises(BrokerUnavailable):
        await connect_websocket(profile, "/v1/agent")


def test_unreadable_certificate() -> None:
    """A profile whose certificate is none is refused with a sentence."""
    with pytest.raises(CertificateUnreadable):
        broker_tls("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n")
