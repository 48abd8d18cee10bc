"""Which organisations this machine has shared with before: their root keys and the newest profile version seen."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from protocol.errors import IntegrityError
from protocol.profile import Profile
from protocol.share_url import ShareUrl, ShareUrlError, decode_root_key, encode_root_key
from tunnel.whole_files import replace_file


class AnotherOrganisation(IntegrityError):
    """The same address shows another root key than before: a new installation, or somebody in between."""

    sentence = (
        "The organisation behind {origin} is not the one that this machine knows: its key has changed. Do not go on. "
        "If your support organisation confirms the change, remove {path} and try again."
    )


@dataclass(frozen=True)
class Pin:
    """What is remembered of one organisation: its 32-byte root key, and the newest version of its profile."""

    root_key: bytes
    profile_version: int


class Pins:
    """One small file per broker address below `<state>/organisations/`."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "organisations"

    def find(self, origin: str) -> Pin | None:
        """What is known of the broker. A file that cannot be read is an error, not a reason to trust anew."""
        path = self._path(origin)
        if not path.exists():
            return None
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return Pin(decode_root_key(str(content["root_key"])), int(content["profile_version"]))
        except (ValueError, KeyError, TypeError, ShareUrlError):
            raise AnotherOrganisation(origin=origin, path=path) from None

    def pinned_address(self, address: ShareUrl) -> ShareUrl:
        """The address with the root key that is known for it. Raises AnotherOrganisation where the two disagree."""
        pin = self.find(address.origin)
        if pin is None:
            return address
        if address.root_key not in (None, pin.root_key):
            raise AnotherOrganisation(origin=address.origin, path=self._path(address.origin))
        return ShareUrl(address.origin, pin.root_key)

    def remember(self, profile: Profile, root_key: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = {"root_key": encode_root_key(root_key), "profile_version": profile.version}
        replace_file(self._path(profile.broker_origin), json.dumps(content).encode())

    def _path(self, origin: str) -> Path:
        # No two addresses may share a file: neither may speak for the other.
        return self._folder / f"{quote(origin.removeprefix('https://'), safe='')}.json"
