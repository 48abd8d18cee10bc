"""One example of each body that the broker takes, for its description in OpenAPI; a test holds them to it."""

from typing import Any

from serving.identity_api.examples import IDENTITY_EXAMPLES

_KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
_SIGNATURE = "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw"
_SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea sam@laptop"

EXAMPLES: dict[str, Any] = {
    **IDENTITY_EXAMPLES,
    "CertificateBody": {"public_key": _KEY},
    "NoteBody": {"text": "Replaced the cable; receipts are printed again."},
    "EndBody": {"why": "The caller is not who they say they are."},
    "RequestBody": {"customer": "Ann Example", "words": "Receipts never arrive.", "contact": "+1 555 0100"},
    "RequestEndBody": {"served": True, "session_id": "0123456789abcdef0123456789abcdef"},
    "WhisperBody": {"text": "Ask for the model before you replace anything."},
    "SshGatewayBody": {
        "ssh_public_key": _SSH_KEY,
        "gateway_id": "AAECAwQFBgcICQoLDA0ODw",
        "gateway_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    },
    "RatingBody": {
        "stars": 5,
        "solved": True,
        "comment": "quick and friendly",
        "rated_at_ms": 1_795_000_000_000,
        "signature": _SIGNATURE,
        "delegation": {"public_key": _KEY, "signature": _SIGNATURE},
    },
    "PersonBody": {
        "user_name": "sam",
        "name": "Sam Example",
        "staff_number": "S-17",
        "role": "engineer",
        "max_scopes": ["view", "shell", "files:r"],
    },
    "PersonChangeBody": {"name": "Sam Example", "role": "supervisor", "max_scopes": ["view"], "disabled": False},
    "TeamOfBody": {"team": "Berlin"},
    "TeamRenameBody": {"team": "Berlin", "name": "Berlin and Leipzig"},
    "WebhookBody": {"url": "https://desk.example.org/hooks/consentry", "events": ["session.ended", "rating.kept"]},
    "LogBody": {"kind": "view", "session_id": "0123456789abcdef0123456789abcdef", "commitment": 4 * "0123456789abcdef"},
}
