"""`consentry audit verify` where an engineer CA was replaced: which of several certified the engineer."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.profile import FormerCa, Profile, sign_profile
from protocol.receipt_verification import root_fingerprint
from protocol.share_url import ShareUrl
from tests.helpers.recordings import START_MS, SealedRecording, make_recording

Run = Callable[..., tuple[int, str, str]]

BEFORE, AFTER = "1111", "2222"
ROOT = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "https://support.example.org:8443"
BROKER = str(ShareUrl(ORIGIN, ROOT.public_key().public_bytes_raw()))


@dataclass(frozen=True)
class Change:
    """One recording of before the change and one of after it, in one folder."""

    before: SealedRecording
    after: SealedRecording

    def profile(self, until_ms: int = START_MS + 1) -> bytes:
        """As the root signed it after the change; the former CA counts until then."""
        signed = Profile(
            version=2,
            organisation="Example Support",
            broker_origin=ORIGIN,
            engineer_ca_key=self.after.ca_public_key,
            audit_recipients=(),
            former_engineer_cas=(FormerCa(self.before.ca_public_key, until_ms),),
        )
        return sign_profile(signed, ROOT)


@pytest.fixture
def change(recording: SealedRecording, tmp_path: Path) -> Change:
    after = make_recording(keys=recording.keys, session_id=b"\x22" * 16)
    after.write(tmp_path / "records")
    return Change(recording, after)


def certified(out: str) -> str:
    [line] = [line for line in out.splitlines() if "Mei Example (E-17)" in line]
    return line


def test_each_recording_names_the_ca_that_fitted(audit: Run, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given all of them, one after the other or in the environment; with the wrong one alone, it is not intact."""
    keys = [one.ca_public_key for one in (change.after, change.before)]
    for session, key in ((BEFORE, change.before.ca_public_key), (AFTER, change.after.ca_public_key)):
        status, out, _ = audit("verify", session, "--ca", keys[0].hex(), "--ca", keys[1].hex())
        assert status == 0
        assert certified(out).startswith("✓")
        assert f"by the engineer CA {root_fingerprint(key)}" in certified(out)
    status, out, _ = audit("verify", BEFORE, "--ca", keys[0].hex())
    assert status == 1
    assert "✗" in certified(out)
    assert "not signed by this organisation" in certified(out)
    monkeypatch.setenv("CONSENTRY_ENGINEER_CA", " ".join(key.hex() for key in keys))
    assert audit("verify", BEFORE)[0] == audit("verify", AFTER)[0] == 0


def test_a_ca_given_until_a_time_counts_for_sessions_of_before(audit: Run, change: Change) -> None:
    """As the profile has it: whoever has a stolen key makes certificates for sessions of later."""
    key = change.before.ca_public_key.hex()
    _, out, _ = audit("verify", BEFORE, "--ca", f"{key}@2026-09-21T14:13:21Z")
    assert f"a former engineer CA, {root_fingerprint(change.before.ca_public_key)}" in certified(out)
    assert "began before 2026-09-21 14:13:21Z" in certified(out)
    status, out, _ = audit("verify", BEFORE, "--json", "--ca", f"{key}@2026-09-21T14:13:20Z")
    [check] = [one for one in json.loads(out)["checks"] if one["check"] == "certificate"]
    assert (status, check["outcome"]) == (1, "failed")
    assert "replaced, and counts no more" in check["sentence"]
    for wrong, problem in ((f"{key}@soon", "no date"), ("abcd@2026-09-21", "as the profile writes it")):
        status, _, err = audit("verify", BEFORE, "--ca", wrong)
        assert (status, problem in err) == (1, True), err


def test_the_profile_says_it_all(audit: Run, change: Change, tmp_path: Path) -> None:
    """Proved by the address, and by nothing else: not by another root, and not without one."""
    file = tmp_path / "profile.note"
    file.write_bytes(change.profile())
    for session, said in ((BEFORE, "a former engineer CA"), (AFTER, "by the engineer CA")):
        status, out, _ = audit("verify", session, "--profile", file, "--broker", BROKER)
        assert status == 0
        assert said in certified(out)
    for broker, problem in (
        ((), "with the part after #"),
        (("--broker", ORIGIN), "with the part after #"),
        (("--broker", str(ShareUrl(ORIGIN, bytes(32)))), "cannot be accepted"),
    ):
        status, _, err = audit("verify", BEFORE, "--profile", file, *broker)
        assert status != 0
        assert problem in err
    status, _, err = audit("verify", BEFORE, "--profile", tmp_path / "none", "--broker", BROKER)
    assert (status, "cannot be read" in err) == (1, True)
    file.write_bytes(change.profile(until_ms=START_MS))
    status, out, _ = audit("verify", BEFORE, "--profile", file, "--broker", BROKER)
    assert (status, "counts no more" in certified(out)) == (1, True)


def test_in_an_audit_services_folder_it_is_known(audit: Run, change: Change, tmp_path: Path) -> None:
    """The profile that the service saw last names them."""
    (tmp_path / "profile.note").write_bytes(change.profile())
    (tmp_path / "service.json").write_bytes(msgspec.json.encode({"broker": BROKER}))
    for session, said in ((BEFORE, "a former engineer CA"), (AFTER, "by the engineer CA")):
        assert said in certified(audit("verify", session)[1])
