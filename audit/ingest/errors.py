"""The ways in which ingest says no. What is wrong with a record itself says `protocol/record_chain.py`."""

from protocol.errors import InputError, IntegrityError, PeerError, UnavailableError


class DiskFullError(UnavailableError):
    """Too little room for a new session, or none for another record."""

    sentence = (
        "The broker's disk is nearly full, so nothing can be recorded. Try again when the operator has made room."
    )


class StoreFailedError(UnavailableError):
    """A write or a sync failed: nothing is accepted until the process was started again."""

    sentence = "The broker could not write to its disk and has stopped recording. Nothing that it confirmed is lost."


class StoreBusyError(InputError):
    """Another process uses the same folder."""

    sentence = "The records folder {folder} is in use by another broker. Stop that one, or choose another folder."


class SessionNotOpenError(PeerError):
    """Records for a session that was not opened."""

    sentence = "Records came for a session whose recording was not opened. Open it first."


class OtherOpeningError(IntegrityError):
    """A session that is already open with another key or manifest."""

    sentence = "This session's recording was opened with another key or manifest. It is not changed."


class ForkDetectedError(IntegrityError):
    """The agent signed two different records with one number. Both are kept."""

    sentence = "Record {seq} contradicts a record that was signed before. The session is frozen; both are kept."


class SessionFrozenError(IntegrityError):
    """A fork was found earlier."""

    sentence = "The recording of this session is frozen, because its agent signed two different pasts."


class RecorderTooFastError(PeerError):
    """More unconfirmed bytes than the protocol allows."""

    sentence = "More than {limit_bytes} bytes of records came without waiting for confirmation."


class SessionErasedError(IntegrityError):
    """Records for a recording that was destroyed on purpose."""

    sentence = "The recording of this session was erased. Nothing more is taken for it."
