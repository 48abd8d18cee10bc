"""What lies in the database is opened with the key file beside it, for the one whose it is, and by nothing else."""

from pathlib import Path

import pytest

from serving.identity.secret_box import SecretBox, SecretUnreadable, load_secret_box
from serving.private_files import KeyFileUnusable

KEY = bytes(range(32))


def test_a_secret_comes_back_for_its_owner_alone() -> None:
    """A row that is copied to another user opens nothing."""
    box = SecretBox(KEY, Path("identity.key"))
    sealed = box.seal("JBSWY3DPEHPK3PXP", "wei")
    assert "JBSWY3DPEHPK3PXP" not in sealed
    assert sealed != box.seal("JBSWY3DPEHPK3PXP", "wei")
    assert box.open(sealed, "wei") == "JBSWY3DPEHPK3PXP"
    for text, name in ((sealed, "li"), (sealed[:-4] + "AAA=", "wei"), ("sealed:", "wei"), ("sealed:ä", "wei")):
        with pytest.raises(SecretUnreadable):
            box.open(text, name)
    with pytest.raises(SecretUnreadable, match=r"identity\.key"):
        SecretBox(bytes(32), Path("identity.key")).open(sealed, "wei")


def test_what_an_earlier_version_kept_in_the_open_is_still_read() -> None:
    """Until the next start seals it."""
    assert SecretBox(KEY, Path("identity.key")).open("JBSWY3DPEHPK3PXP", "wei") == "JBSWY3DPEHPK3PXP"


def test_digests_depend_on_key_and_owner() -> None:
    """Equal codes of two people do not look equal, and cannot be tried without the key."""
    box = SecretBox(KEY, Path("identity.key"))
    assert box.digest("code", "wei") == box.digest("code", "wei")
    others = {box.digest("code", "li"), SecretBox(bytes(32), Path("identity.key")).digest("code", "wei")}
    assert box.digest("code", "wei") not in others


def test_the_key_is_made_once_and_read_from_then_on(tmp_path: Path) -> None:
    """Readable by its owner alone; a broken one is refused, not replaced: what it sealed would be lost."""
    path = tmp_path / "identity.key"
    sealed = load_secret_box(path).seal("secret", "wei")
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_secret_box(path).open(sealed, "wei") == "secret"
    path.write_text("cut off")
    with pytest.raises(KeyFileUnusable, match=r"identity\.key"):
        load_secret_box(path)
    assert path.read_text() == "cut off"
