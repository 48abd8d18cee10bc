"""`consentry share` with a recorder that drops what an engineer sees and does: only to know what recording costs.

The session is opened with a real record 0, because no agent starts without one; then nothing more is kept. This is no
switch of the product, and there is none: a session that cannot be recorded ends.
"""

import sys

from agent_client import live
from agent_client.recorder.recorder import Recorder
from consentry.cli import run
from protocol.events import CommandOutput, Event, InputHidden, TerminalInput, TerminalOutput


class DroppingRecorder(Recorder):
    def record(self, event: Event) -> None:
        if not isinstance(event, CommandOutput | TerminalOutput | TerminalInput | InputHidden):
            super().record(event)


if __name__ == "__main__":
    vars(live)["Recorder"] = DroppingRecorder
    sys.exit(run(sys.argv[1:]))
