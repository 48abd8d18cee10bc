"""`consentry audit proof`: the log's word on a session's end, as a file for whoever has to complete a receipt.

What it holds is in the public log, and proves itself: `consentry complete --proof` judges it with the receipt.
"""

import sys

import msgspec

from audit.command_line import RecordsOption, SessionArgument
from audit.session_files import LOG_FILE, SessionLogEvidence, read_small_file
from audit.vault.library import find_session
from protocol.errors import InputError


class EndNotProved(InputError):
    """The broker's records folder has no such file; an audit service's has it once it has asked the log."""

    sentence = "No proof of the end of session {session} is kept here. An audit service keeps it beside the recording."


def proof(session: SessionArgument, records: RecordsOption) -> None:
    recording = find_session(records, session)
    kept = read_small_file(recording.folder / LOG_FILE, SessionLogEvidence)
    if kept is None or kept.closed is None:
        raise EndNotProved(session=recording.session_id.hex())
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(kept.closed), indent=2).decode() + "\n")
