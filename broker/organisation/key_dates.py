"""Since when each of the broker's keys is here, as was written down when it was made.

A file's date would not do: a copy that was put back has the date of that day. Which key it is, its own hash says; until
when a former one counts stands in the signed profile.
"""

from collections.abc import Collection, Mapping
from hashlib import sha256

import msgspec
from msgspec import Struct

from broker.organisation.folder import OrganisationFolder
from protocol.profile import Profile
from serving.private_files import write_private_file


class KeyDate(Struct, frozen=True):
    """`is_older`: made before anybody wrote down when, and met at `since_ms`."""

    since_ms: int
    is_older: bool = False


class KeyDates:
    """What was written down. A file that cannot be read says nothing: the keys are no worse for it."""

    def __init__(self, folder: OrganisationFolder) -> None:
        self._file = folder.key_dates
        self._of = _read(folder)

    def of(self, public_key: bytes) -> KeyDate | None:
        return self._of.get(sha256(public_key).hexdigest())

    def write_down(self, now_ms: int, *, made: Collection[bytes] = (), met: Collection[bytes] = ()) -> None:
        """Of each that nothing is known of. Raises DataFolderUnusable."""
        new = {sha256(key).hexdigest(): KeyDate(now_ms, is_older=True) for key in met}
        new |= {sha256(key).hexdigest(): KeyDate(now_ms) for key in made}
        if not new.keys() <= self._of.keys():
            self._of = {**new, **self._of}
            write_private_file(self._file, msgspec.json.format(msgspec.json.encode(self._of), indent=2) + b"\n")


def keys_in_force(root_public_key: bytes, profile: Profile) -> frozenset[bytes]:
    """The public halves of those whose private ones are the broker's, and that carry no date of their own."""
    log = () if profile.log is None else (profile.log.policy.log_key.public_key,)
    return frozenset((root_public_key, profile.engineer_ca_key, *log))


def _read(folder: OrganisationFolder) -> Mapping[str, KeyDate]:
    try:
        return msgspec.json.decode(folder.key_dates.read_bytes(), type=dict[str, KeyDate])
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
        return {}
