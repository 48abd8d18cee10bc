"""How recording can fail.

RecordingNotOpened (UnavailableError)    record 0 was not acknowledged in time: there is no session
RecordingUnconfirmed (UnavailableError)  nothing was acknowledged for too long: the session ends
RecordingStopped (UnavailableError)      what a waiter gets after any failure: nothing will come any more
RecordsRefused (RefusedError)            the broker will not take these records
AcksDisagree (PeerError)                 the broker acknowledges what was never sent, or another chain
SpoolBroken (UnavailableError)           this machine's disk does not take what was sealed
BadRedactionRules (InputError)           the file of redaction rules cannot be used
"""

from protocol.errors import InputError, PeerError, RefusedError, UnavailableError


class RecordingNotOpened(UnavailableError):
    """Raised by `Recorder.start`; nothing was shared."""

    sentence = (
        "The recording could not be opened: the organisation's broker did not confirm it in time. "
        "Nothing was shared. Check the connection and share again."
    )


class RecordingUnconfirmed(UnavailableError):
    """The longest wait for an acknowledgement is over."""

    sentence = (
        "The session was ended because the organisation's broker did not confirm the recording for too long. "
        "What was recorded is delivered when you share the next time."
    )


class RecordingStopped(UnavailableError):
    """Raised where somebody waits for a recording that has failed; the failure itself went to `on_failed`."""

    sentence = "The session was ended because it could no longer be recorded: {problem}"


class RecordsRefused(RefusedError):
    """The broker refuses the upload, in order and with a reason."""

    sentence = "The organisation's broker refuses this recording: {reason}"


class AcksDisagree(PeerError):
    """An acknowledgement that does not fit what was sent: the broker lost records, or is not honest."""

    sentence = "The broker acknowledged records that do not fit what was sent ({problem}). The session was ended."


class SpoolBroken(UnavailableError):
    """A write or fdatasync of the spool failed. Free some space, or mend the disk, and share again."""

    sentence = "The recording cannot be kept on this machine ({problem}). Free some disk space and share again."


class BadRedactionRules(InputError):
    """The rules file is not TOML, or a rule in it cannot be used."""

    sentence = "The redaction rules in {path} cannot be used: {problem}. Correct the file and share again."
