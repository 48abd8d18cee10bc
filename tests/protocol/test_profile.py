"""The organisation's signed profile: what is pinned, and what is refused."""

import base64
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from protocol.profile import (
    AuditRecipient,
    Profile,
    ProfileError,
    ProfileOutdated,
    RecipientUnreadable,
    decode_recipient,
    encode_recipient,
    open_profile,
    sign_profile,
)
from protocol.signed_note import sign_note

ROOT = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
ROOT_PUBLIC = ROOT.public_key().public_bytes_raw()
OTHER_ROOT = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)

RECIPIENT = AuditRecipient(
    key_id=b"audit-01", suite="x-wing", public_key=b"\x05" * 1216, not_before_ms=1, not_after_ms=2
)
PROFILE = Profile(
    version=7,
    organisation="Example Help + 示例",
    broker_origin="https://help.example.org:8443",
    engineer_ca_key=b"\x07" * 32,
    audit_recipients=(RECIPIENT,),
    notice={"en": "We never call you first.", "zh-CN": "我们从不主动来电。"},
)


def test_a_signed_profile_opens_under_its_root() -> None:
    """Every field comes back, whatever characters the organisation's name has."""
    assert open_profile(sign_profile(PROFILE, ROOT), ROOT_PUBLIC) == PROFILE


def test_defaults_are_the_safe_ones() -> None:
    """Ten minutes to resume, two hours at a time, the system's trust store."""
    assert (PROFILE.resume_window_seconds, PROFILE.max_minutes) == (600, 120)
    assert (PROFILE.output_policy, PROFILE.broker_certificate_pem) == ("bounded", "")


def test_another_root_s_profile_is_refused() -> None:
    """Also if it is word for word the same."""
    with pytest.raises(ProfileError, match="nobody"):
        open_profile(sign_profile(PROFILE, OTHER_ROOT), ROOT_PUBLIC)


def test_an_older_version_is_refused() -> None:
    """Who has seen version 8 does not go back to 7; 7 itself is fine for who has seen 7."""
    note = sign_profile(PROFILE, ROOT)
    assert open_profile(note, ROOT_PUBLIC, at_least_version=7) == PROFILE
    with pytest.raises(ProfileOutdated, match=r"version 7 .* version 8"):
        open_profile(note, ROOT_PUBLIC, at_least_version=8)


def test_a_changed_profile_is_refused() -> None:
    """One character in the middle of it."""
    note = sign_profile(PROFILE, ROOT).replace(b"help.example.org", b"evil.example.org")
    with pytest.raises(ProfileError):
        open_profile(note, ROOT_PUBLIC)


def test_the_body_is_json_with_standard_base64() -> None:
    """Other programs read it with what they have."""
    body = json.loads(sign_profile(PROFILE, ROOT).decode().rpartition("\n\n")[0])
    assert base64.b64decode(body["engineer_ca_key"]) == PROFILE.engineer_ca_key
    assert body["audit_recipients"][0]["suite"] == "x-wing"
    assert (body["format"], body["version"]) == (1, 7)


def altered(change: Callable[[dict[str, object]], object], name: str = "Example-Help---示例") -> bytes:
    """A profile with a change that `sign_profile` would not sign, under a proper signature."""
    body = json.loads(sign_profile(PROFILE, ROOT).decode().rpartition("\n\n")[0])
    change(body)
    return sign_note(json.dumps(body, ensure_ascii=False) + "\n", name, ROOT)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(format=2),
        lambda body: body.update(surprise=1),
        lambda body: body.update(version=0),
        lambda body: body.update(version="7"),
        lambda body: body.update(broker_origin="http://help.example.org"),
        lambda body: body.update(broker_origin="https://help.example.org/"),
        lambda body: body.update(broker_origin="help.example.org"),
        lambda body: body.update(engineer_ca_key="AAAA"),
        lambda body: body.update(audit_recipients=body["audit_recipients"] * 5),
        lambda body: body["audit_recipients"][0].update(suite="x25519"),
        lambda body: body["audit_recipients"][0].update(suite="rsa"),
        lambda body: body["audit_recipients"][0].update(not_after_ms=1),
        lambda body: body.update(resume_window_seconds=1801),
        lambda body: body.update(output_policy="none"),
        lambda body: body.update(organisation=""),
        lambda body: body.pop("engineer_ca_key"),
    ],
)
def test_a_properly_signed_but_improper_profile_is_refused(change: Callable[[dict[str, object]], object]) -> None:
    """A root that signs nonsense, or something for a newer program, is not half obeyed."""
    with pytest.raises(ProfileError):
        open_profile(altered(change), ROOT_PUBLIC)


def test_the_signature_stands_under_the_organisation_s_name() -> None:
    """A root that signs other notes too cannot have one of them taken for its profile by another name."""
    with pytest.raises(ProfileError, match="another organisation"):
        open_profile(altered(lambda body: None, name="checkpoint"), ROOT_PUBLIC)


def test_signing_refuses_what_opening_would_refuse() -> None:
    """An administrator learns of a mistake before customers do."""
    with pytest.raises(ProfileError):
        sign_profile(structs.replace(PROFILE, broker_origin="https://help.example.org/help"), ROOT)


@pytest.mark.parametrize("note", [b"", b"\xff", b"{}\n\n", sign_note("[]\n", "x", ROOT)])
def test_what_is_no_profile(note: bytes) -> None:
    """A broker that answers with something else gets one sentence."""
    with pytest.raises(ProfileError):
        open_profile(note, ROOT_PUBLIC)


def test_a_recipient_travels_as_a_file() -> None:
    """From the audit side to whoever signs the profile."""
    assert decode_recipient(encode_recipient(RECIPIENT)) == RECIPIENT
    for bad in (b"", b"{}", encode_recipient(structs.replace(RECIPIENT, suite="x25519"))):
        with pytest.raises(ProfileError):
            decode_recipient(bad)


def test_whoever_brings_the_key_itself_is_told_which_half_is_wanted() -> None:
    """It is the administrator who reads this: nothing about addresses, and what to do instead."""
    with pytest.raises(RecipientUnreadable, match=r"make-key` printed, never the key file itself"):
        decode_recipient(b'{"format": "consentry-audit-key-1", "key_id": "9Da38E1wfBs="}')
