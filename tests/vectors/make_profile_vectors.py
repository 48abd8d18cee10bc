"""Makes former_cas.json beside this file: profiles that name engineer CAs of before.

    python tests/vectors/make_profile_vectors.py

The certificate of certificates.json is one of a former CA here. As with the other files, a test compares.
"""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.profile import FORMER_CA_LIMIT
from protocol.signed_note import sign_note
from tests.helpers.pairing import CONTEXT, NOW_MS
from tests.vectors.make_pairing_vectors import CA_SEED, FOLDER, ROOT_SEED

FILE = FOLDER / "former_cas.json"
HALF_DAY_MS = 12 * 60 * 60 * 1000

ROOT = Ed25519PrivateKey.from_private_bytes(ROOT_SEED)
PRESENT, FORMER, OLDER = (
    Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    for seed in (b"\x05" * 32, CA_SEED, b"\x06" * 32)
)

ACCEPTED: dict[str, list[tuple[bytes, int]]] = {
    "one": [(FORMER, NOW_MS)],
    "a planned change, and one before it at once": [(FORMER, NOW_MS + HALF_DAY_MS), (OLDER, NOW_MS - 1)],
    "as many as there may be": [(bytes([number]) * 32, number) for number in range(FORMER_CA_LIMIT)],
    "none": [],
}


def _entry(key: bytes, until_ms: int) -> dict[str, Any]:
    return {"public_key": base64.b64encode(key).decode(), "until_ms": until_ms}


REFUSED: dict[str, object] = {
    "the present CA": [_entry(FORMER, NOW_MS), _entry(PRESENT, NOW_MS)],
    "one more than there may be": [_entry(FORMER, NOW_MS)] * (FORMER_CA_LIMIT + 1),
    "a key that is too short": [_entry(FORMER[:31], NOW_MS)],
    "a key that is no base64": [_entry(FORMER, NOW_MS) | {"public_key": "!" * 44}],
    "no end": [{"public_key": base64.b64encode(FORMER).decode()}],
    "an end before time began": [_entry(FORMER, -1)],
    "an end that no number holds": [_entry(FORMER, 2**53 + 2)],
    "an end between two milliseconds": [_entry(FORMER, NOW_MS) | {"until_ms": NOW_MS + 0.5}],
    "an end in words": [_entry(FORMER, NOW_MS) | {"until_ms": str(NOW_MS)}],
    "a field that nobody knows": [_entry(FORMER, NOW_MS) | {"from_ms": 0}],
    "no list": _entry(FORMER, NOW_MS),
    "nothing": None,
}

BELIEVED = [
    {"until_ms": NOW_MS + HALF_DAY_MS, "at_ms": NOW_MS, "believed": True},
    {"until_ms": NOW_MS + 1, "at_ms": NOW_MS, "believed": True},
    {"until_ms": NOW_MS, "at_ms": NOW_MS, "believed": False},
    {"until_ms": NOW_MS + 2 * HALF_DAY_MS, "at_ms": NOW_MS + HALF_DAY_MS - 1, "believed": True},
    {"until_ms": NOW_MS + 2 * HALF_DAY_MS, "at_ms": NOW_MS + HALF_DAY_MS, "believed": False},
]
"""Of the certificate that the former CA made at NOW_MS for twelve hours, in a session that begins at `at_ms`."""


def former_cas() -> dict[str, Any]:
    """What a reader takes, what every reader refuses, and what follows for a certificate."""
    return {
        "root_key": ROOT.public_key().public_bytes_raw().hex(),
        "engineer_ca_key": PRESENT.hex(),
        "former_ca_key": FORMER.hex(),
        "accepted": [
            {
                "about": about,
                "note": _profile_naming([_entry(*ca) for ca in cas]),
                "former": [{"public_key": key.hex(), "until_ms": until_ms} for key, until_ms in cas],
            }
            for about, cas in ACCEPTED.items()
        ],
        "refused": [{"about": about, "note": _profile_naming(cas)} for about, cas in REFUSED.items()],
        "certificate": BELIEVED,
    }


def _profile_naming(former: object) -> str:
    """Signed, whatever it says."""
    fields = {
        "format": 1,
        "version": 3,
        "organisation": "Example Help",
        "broker_origin": CONTEXT.broker_origin,
        "engineer_ca_key": base64.b64encode(PRESENT).decode(),
        "audit_recipients": [],
        "former_engineer_cas": former,
    }
    return sign_note(json.dumps(fields, indent=2) + "\n", "Example-Help", ROOT).decode()


def as_text() -> str:
    """The contents of the file."""
    return json.dumps(former_cas(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
