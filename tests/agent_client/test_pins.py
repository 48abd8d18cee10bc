"""A machine remembers whom it shared with: neither another key nor an older profile is taken for the same."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.pins import AnotherOrganisation, Pin, Pins
from protocol.profile import ProfileOutdated, open_profile, sign_profile
from protocol.share_url import ShareUrl
from tests.agent_client.people import a_profile

ORIGIN = "https://help.example.org"
ROOT_KEY = b"\x11" * 32


@pytest.fixture
def pins(tmp_path: Path) -> Pins:
    return Pins(tmp_path)


def test_a_first_meeting_takes_the_address_as_it_is(pins: Pins) -> None:
    """Nothing is known, nothing is added."""
    assert pins.find(ORIGIN) is None
    assert pins.pinned_address(ShareUrl(ORIGIN, None)) == ShareUrl(ORIGIN, None)


def test_a_bare_address_is_completed_by_what_is_known(pins: Pins) -> None:
    """From the second time on nobody has to trust the web's authorities."""
    pins.remember(a_profile(), ROOT_KEY)
    assert pins.pinned_address(ShareUrl(ORIGIN, None)) == ShareUrl(ORIGIN, ROOT_KEY)
    assert pins.find(ORIGIN) == Pin(ROOT_KEY, 3)


def test_a_changed_root_key_is_refused(pins: Pins, tmp_path: Path) -> None:
    """A new installation looks like somebody in between: one sentence says so, and which file decides."""
    pins.remember(a_profile(), ROOT_KEY)
    with pytest.raises(AnotherOrganisation) as refused:
        pins.pinned_address(ShareUrl(ORIGIN, b"\x12" * 32))
    assert "Do not go on" in str(refused.value)
    assert str(tmp_path) in str(refused.value)


def test_an_older_profile_is_refused(pins: Pins) -> None:
    """A broker that shows version 2 after version 3 may be bringing back a retired key."""
    root_key = Ed25519PrivateKey.generate()
    public_key = root_key.public_key().public_bytes_raw()
    pins.remember(a_profile(), public_key)
    pin = pins.find(ORIGIN)
    assert pin is not None
    older = sign_profile(a_profile(version=2), root_key)
    with pytest.raises(ProfileOutdated):
        open_profile(older, pin.root_key, at_least_version=pin.profile_version)


def test_a_newer_profile_is_remembered(pins: Pins) -> None:
    """The version that was seen last is the least that is taken."""
    pins.remember(a_profile(), ROOT_KEY)
    pins.remember(a_profile(version=4), ROOT_KEY)
    assert pins.find(ORIGIN) == Pin(ROOT_KEY, 4)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"root_key": "x", "profile_version": 1}', "\udcff"])
def test_a_pin_that_cannot_be_read_is_no_reason_to_trust_anew(pins: Pins, content: str) -> None:
    """Whoever can damage the file cannot make the agent forget."""
    pins.remember(a_profile(), ROOT_KEY)
    file = next(Path(pins._folder).iterdir())
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(AnotherOrganisation):
        pins.pinned_address(ShareUrl(ORIGIN, None))


@pytest.mark.parametrize("other", ["https://help.example.org:8443", "https://help.example.org-8443", "https://[::1]"])
def test_every_address_has_a_pin_of_its_own(pins: Pins, other: str) -> None:
    """No broker's address can be written so that it stands for another one's."""
    pins.remember(a_profile(broker_origin=other), ROOT_KEY)
    assert pins.find(ORIGIN) is None
    assert pins.find("https://help.example.org-8443" if other.endswith(":8443") else "https://::1") is None
    assert pins.find(other) == Pin(ROOT_KEY, 3)


def test_pins_are_the_customers_own(pins: Pins, tmp_path: Path) -> None:
    """The folder is for nobody else on the machine."""
    pins.remember(a_profile(), ROOT_KEY)
    assert (tmp_path / "organisations").stat().st_mode & 0o777 == 0o700
