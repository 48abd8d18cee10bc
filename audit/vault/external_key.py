"""An audit key that another program holds: a smart card, an HSM, a cloud's key service.

The program is started for each epoch (once an hour of each recording) and gets one JSON object on standard input:

    {"version": 1, "key_id": "…", "suite": "x-wing", "enc": "…", "ciphertext": "…", "info": "…"}

`enc` is HPKE's encapsulation and `ciphertext` what follows it, with KDF HKDF-SHA256 and AEAD AES-256-GCM; bytes are in
standard base64. It answers with the opened 32 bytes in base64, alone on one line of standard output, and status 0.
Whatever it says on standard error is told to the reader when its status is another. What a PKCS#11 module or a KMS
does is the derivation of HPKE's shared secret; the rest is a few lines in any language.
"""

import base64
import binascii
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from protocol.details import system_reason
from protocol.errors import UnavailableError
from protocol.profile import AuditRecipient

OPENER_SECONDS = 60.0
"""A person may have to touch a card."""

ANSWER_LIMIT_CHARACTERS = 4096
ENCAPSULATION_BYTES = {"x-wing": 1120, "x25519": 32}


class OpenerFailedError(UnavailableError):
    """The program that holds the key did not give what it was asked for."""

    sentence = "The program {program}, which holds the audit key {key_id}, did not open it: {problem}."


@dataclass(frozen=True)
class ExternalKey:
    """A RecipientKey (recipient_key.py) whose private half is never here."""

    recipient: AuditRecipient
    opener: Sequence[str]

    def unseal(self, ciphertext: bytes, info: bytes) -> bytes:
        """Raises OpenerFailedError."""
        split = ENCAPSULATION_BYTES[self.recipient.suite]
        question = {
            "version": 1,
            "key_id": self.recipient.key_id.hex(),
            "suite": self.recipient.suite,
            "enc": _text(ciphertext[:split]),
            "ciphertext": _text(ciphertext[split:]),
            "info": _text(info),
        }
        try:
            done = subprocess.run(
                list(self.opener),
                input=json.dumps(question).encode() + b"\n",
                capture_output=True,
                timeout=OPENER_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise self._failed("it did not answer in time") from None
        except OSError as error:
            raise self._failed(system_reason(error)) from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise self._failed(said[-1][:200] if said else f"it ended with status {done.returncode}")
        try:
            return base64.b64decode(done.stdout[:ANSWER_LIMIT_CHARACTERS].strip(), validate=True)
        except binascii.Error:
            raise self._failed("its answer is not base64") from None

    def _failed(self, problem: str) -> OpenerFailedError:
        return OpenerFailedError(program=self.opener[0], key_id=self.recipient.key_id.hex(), problem=problem)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
