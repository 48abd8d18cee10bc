"""The ways in which the log says no."""

from protocol.errors import InputError, IntegrityError, UnavailableError


class LogBroken(IntegrityError):
    """What is stored is not what was signed. Nobody mends that by guessing."""

    sentence = (
        "The transparency log cannot be continued: {problem}. Nothing was changed. Restore its files and its ledger "
        "from one moment after the newest checkpoint that anybody has seen; where nobody has them, begin another log: "
        "`consentry admin profile update --replace-lost-log`."
    )


class LogBusy(InputError):
    """Another process has the same log."""

    sentence = "The transparency log in {folder} is in use by another broker. Stop that one first."


class LogFailed(UnavailableError):
    """A write failed: nothing is appended until the process was started again."""

    sentence = (
        "The broker could not write to its transparency log and takes no sessions. Nothing that it proved is lost."
    )
