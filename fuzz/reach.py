"""Which lines of ours an input reached. An input that reaches a new one is worth breeding from.

Python 3.11 has nothing faster than `sys.settrace`; functions of other packages are left out at their first line, so
that what is not ours costs next to nothing.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

_HOME = str(Path(__file__).parent.parent) + "/"
_PACKAGES = tuple(
    f"{_HOME}{name}/" for name in ("protocol", "tunnel", "agent_client", "engineer_client", "broker", "audit")
)

Line = tuple[str, int]


def lines_reached(run: Callable[[bytes], None], data: bytes) -> set[Line]:
    """Runs it and answers with (file, line) of our own packages. What `run` raises is the caller's."""
    reached: set[Line] = set()

    def in_function(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return in_function

    def at_call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return in_function if frame.f_code.co_filename.startswith(_PACKAGES) else None

    before = sys.gettrace()
    sys.settrace(at_call)
    try:
        run(data)
    finally:
        sys.settrace(before)
    return reached
