"""Several of our own commands in one process, one after the other: most of what each costs is its beginning.

It is another process than the practice itself: what commands open and load is gone with it before servers start. It
reads one command a line and answers each with a line, JSON both ways; where nobody asks any more, it ends.
"""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol

from consentry.practice.processes import PracticeStepFailed, stopped_after


class RunStep(Protocol):
    """Runs one command to its end and returns what it said. Raises PracticeStepFailed."""

    def __call__(self, *arguments: str | Path, stdin: str = "") -> str: ...


@contextlib.contextmanager
def commands_together() -> Iterator[RunStep]:
    """Each call inside the block runs one of our commands in the same process."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "consentry.practice.together"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us
    )

    def run(*arguments: str | Path, stdin: str = "") -> str:
        words = [str(argument) for argument in arguments]
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # said below, with its status
            process.stdin.write(json.dumps({"arguments": words, "stdin": stdin}) + "\n")
            process.stdin.flush()
        line = process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"status": process.wait(), "stdout": "", "stderr": ""}
        if answer["status"] != 0 or not line:
            problem = answer["stderr"].strip() or f"exit status {answer['status']}"
            raise PracticeStepFailed(step=" ".join(words[:2]), problem=problem)
        return str(answer["stdout"])

    with stopped_after(process):
        yield run


def answer_all(questions: IO[str], answers: IO[str]) -> None:
    """The other end."""
    for line in questions:
        step = json.loads(line)
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            status = _run(step["arguments"], step["stdin"])
        answer = {"status": status, "stdout": said.getvalue(), "stderr": complained.getvalue()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _run(arguments: list[str], stdin: str) -> int:
    from consentry.cli import run

    sys.stdin = io.StringIO(stdin)
    try:
        return run(arguments)
    except Exception as error:  # noqa: BLE001  # told as it is told where it ends a process
        sys.excepthook(type(error), error, error.__traceback__)
        return 1


if __name__ == "__main__":
    answer_all(sys.stdin, sys.stdout)
