"""An authenticator in software: makes passkeys and signs with them, honestly or not. Chromium's own is elsewhere."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def to_base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Authenticator:
    """Each field is what it claims; `replace` one to lie."""

    origin: str
    rp_id: str
    count: int = 0
    flags: int = PRESENT | VERIFIED
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: bytes | None = None

    def create(self, options: str, *, attestation: str = "none", kind: str = "webauthn.create") -> str:
        """What `navigator.credentials.create` answers, as JSON."""
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(cose)
        data = self._authenticator_data(HAS_KEY) + attested
        made = cbor2.dumps({"fmt": attestation, "attStmt": {}, "authData": data})
        client_data = self._client_data(kind, json.loads(options)["challenge"])
        return self._credential(clientDataJSON=client_data, attestationObject=made)

    def get(self, options: str, *, kind: str = "webauthn.get", challenge: str = "") -> str:
        """What `navigator.credentials.get` answers, as JSON."""
        client_data = self._client_data(kind, challenge or json.loads(options)["challenge"])
        data = self._authenticator_data(0)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        handle = {} if self.user_handle is None else {"userHandle": self.user_handle}
        return self._credential(clientDataJSON=client_data, authenticatorData=data, signature=signature, **handle)

    def but(self, **lies: Any) -> "Authenticator":
        return replace(self, **lies)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _authenticator_data(self, more_flags: int) -> bytes:
        flags = (self.flags | more_flags).to_bytes(1)
        return hashlib.sha256(self.rp_id.encode()).digest() + flags + self.count.to_bytes(4)

    def _credential(self, **response: bytes) -> str:
        named = to_base64url(self.credential_id)
        fields = {name: to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": fields})
