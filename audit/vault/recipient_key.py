"""What a vault asks of an audit key, without the code that has one: confined workers load no more of keys than this."""

from typing import TYPE_CHECKING, Protocol

from protocol.errors import IntegrityError

if TYPE_CHECKING:
    from protocol.profile import AuditRecipient  # with certificates and the library that reads them


class UnsealError(IntegrityError):
    """Not sealed to this key, or with other surroundings."""

    sentence = "The audit key {key_id} does not open this."


class RecipientKey(Protocol):
    """Whatever opens what was sealed to one audit recipient. All that a vault asks of a key."""

    @property
    def recipient(self) -> "AuditRecipient": ...

    def unseal(self, ciphertext: bytes, info: bytes) -> bytes:
        """HPKE's single-shot opening (RFC 9180, section 6.1): encapsulation ‖ ciphertext, with this `info`.

        Blocks. Raises UnsealError if it was not sealed to this key, or not so.
        """
        ...
