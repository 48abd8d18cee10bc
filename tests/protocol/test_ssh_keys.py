"""Public keys as OpenSSH writes them: read strictly, written and named as `ssh-keygen` does."""

import asyncssh
import pytest

from protocol.ssh_keys import (
    SshKeyKindRefused,
    SshKeyUnreadable,
    is_ed25519,
    parse_public_line,
    public_line,
    ssh_fingerprint,
)

KEY = asyncssh.generate_private_key("ssh-ed25519")
LINE = KEY.export_public_key().decode()


def test_a_line_of_a_pub_file_is_read_and_written_alike() -> None:
    """With a comment, without one, with blanks around it; the fingerprint is asyncssh's, and so OpenSSH's."""
    blob = parse_public_line(LINE)
    assert blob == KEY.public_data
    assert is_ed25519(blob)
    assert parse_public_line(f"  {public_line(blob)} sam@laptop, at work \n") == blob
    assert ssh_fingerprint(blob) == KEY.get_fingerprint()


@pytest.mark.parametrize("kind", ["ecdsa-sha2-nistp256", "ssh-rsa"])
def test_other_kinds_of_keys_are_refused(kind: str) -> None:
    other = asyncssh.generate_private_key(kind)
    assert not is_ed25519(other.public_data)
    with pytest.raises(SshKeyKindRefused):
        parse_public_line(other.export_public_key().decode())


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519", "ssh-ed25519 ???", LINE + LINE, f"{LINE.strip()}\nssh-ed25519 AAAA", "x" * 3000,
     "-----BEGIN OPENSSH PRIVATE KEY-----", "ssh-ed25519 ünïcode"],
    ids=["empty", "kind-alone", "no-base64", "two-lines", "rest-of-a-line", "too-long", "private-key", "not-ascii"],
)  # fmt: skip
def test_what_is_no_line_of_a_pub_file_is_refused(line: str) -> None:
    """One line, a kind and base64; a private key is named as what it is."""
    with pytest.raises(SshKeyUnreadable):
        parse_public_line(line)


def test_a_blob_with_more_or_less_is_none() -> None:
    """Exactly 51 bytes, and the kind in the blob, whatever the line says."""
    blob = KEY.public_data
    assert not is_ed25519(blob + b"\0")
    assert not is_ed25519(blob[:-1])
    assert not is_ed25519(b"")
    with pytest.raises(SshKeyKindRefused):
        parse_public_line(LINE.replace("ssh-ed25519", "ssh-rsa", 1))
