"""Where the customer's side keeps what it has to remember: pins, spools, receipts, which logs it has seen."""

from pathlib import Path

import platformdirs

HOME_VARIABLE = "CONSENTRY_HOME"
RECEIPTS_FOLDER = "receipts"


def state_folder(home: Path | None) -> Path:
    """`home` is what the option or HOME_VARIABLE says."""
    return home or platformdirs.user_state_path("consentry")
