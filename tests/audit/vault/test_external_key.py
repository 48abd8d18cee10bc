"""A key that another program holds opens the same recordings, and this process never has it."""

import sys
from pathlib import Path

import pytest

from audit.vault.external_key import OpenerFailedError
from audit.vault.keys import AuditKeyError, load_audit_key, load_key, make_audit_key, write_external_key
from audit.vault.library import find_session
from audit.vault.reading import open_recording
from tests.helpers.recordings import START_MS, make_recording

OPENER = """
import base64, json, sys
from pathlib import Path
from audit.vault.keys import load_audit_key
asked = json.loads(sys.stdin.readline())
key = load_audit_key(Path(sys.argv[1]))
ciphertext = base64.b64decode(asked["enc"]) + base64.b64decode(asked["ciphertext"])
print(base64.b64encode(key.unseal(ciphertext, base64.b64decode(asked["info"]))).decode())
"""


@pytest.mark.parametrize("suite", ["x-wing", "x25519"])
def test_a_program_opens_what_the_key_would(tmp_path: Path, suite: str) -> None:
    """It gets one epoch's ciphertext at a time, and gives the secret back."""
    recipient = make_audit_key(tmp_path / "audit.key", suite=suite, now_ms=START_MS - 1)  # type: ignore[arg-type]
    write_external_key(
        tmp_path / "external.key", recipient, [sys.executable, "-c", OPENER, str(tmp_path / "audit.key")]
    )
    recording = make_recording(keys=[load_audit_key(tmp_path / "audit.key")])
    recording.write(tmp_path / "records")
    found = find_session(tmp_path / "records", recording.session_id.hex())
    with open_recording(found, [load_key(tmp_path / "external.key")]) as opened:
        assert opened.manifest() == recording.manifest
    with pytest.raises(AuditKeyError):
        load_audit_key(tmp_path / "external.key")


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("import sys; sys.exit('the card is not in its reader')", "the card is not in its reader"),
        ("import sys; sys.exit(3)", "status 3"),
        ("print('not base64!')", "not base64"),
    ],
)
def test_a_program_that_fails_is_quoted(tmp_path: Path, program: str, problem: str) -> None:
    """Whoever waits for the recording reads what the program said."""
    recipient = make_audit_key(tmp_path / "audit.key", suite="x25519", now_ms=START_MS - 1)
    write_external_key(tmp_path / "external.key", recipient, [sys.executable, "-c", program])
    recording = make_recording(keys=[load_audit_key(tmp_path / "audit.key")])
    recording.write(tmp_path / "records")
    found = find_session(tmp_path / "records", recording.session_id.hex())
    with (
        open_recording(found, [load_key(tmp_path / "external.key")]) as opened,
        pytest.raises(OpenerFailedError, match=problem),
    ):
        opened.manifest()
