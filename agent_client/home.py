"""Where the customer's side keeps what it has to remember: pins, spools, receipts, which logs it has seen."""

from pathlib import Path

import platformdirs

from protocol.errors import InputError

HOME_VARIABLE = "CONSENTRY_HOME"
RECEIPTS_FOLDER = "receipts"


class HomeUnusable(InputError):
    """Nothing can be kept there, and so nothing can be recorded."""

    sentence = (
        "The folder {path} for this program's own files cannot be used: {problem}. "
        "Name another with --home, or in {variable}."
    )


def state_folder(home: Path | None) -> Path:
    """`home` is what the option or HOME_VARIABLE says."""
    return home or platformdirs.user_state_path("consentry")
