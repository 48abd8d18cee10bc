"""What the reader sees, and the practice customer: a program that reads the request out and says yes."""

import contextlib
import json
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from audit.vault.library import find_session
from consentry.practice.place import ADMINISTRATOR, REVIEWER, USER, Place
from consentry.practice.processes import PracticePartFailed, environment_of, is_root, own_command, stopped_after
from consentry.practice.servers import Servers, Turn
from protocol.errors import ConsentryError
from wording import Wording, safe_text

ANSWER_AFTER_MS = 200
"""How much later than the earliest moment the practice customer says yes."""


class Stage:
    """Session after session: tells the reader what to paste, plays the customer, tells how to look back."""

    def __init__(self, place: Place, wording: Wording, console: Console) -> None:
        self._place = place
        self._wording = wording
        self._console = console
        self.desk = ""
        """Where supervisors look back, once the servers run."""

    def run(self, servers: Servers) -> None:
        self.desk = servers.desk
        address = self._place.address
        while True:
            servers.are_there.wait()
            self._one_session(address, servers)

    def servers_turn(self, turn: Turn) -> None:
        """Called in the thread that looks after them."""
        self._say(f"practice-servers-{turn}", log=str(self._place.log("broker")))

    def _one_session(self, address: str, servers: Servers) -> None:
        with self._place.log("customer").open("a") as log:
            process = subprocess.Popen(
                [
                    *own_command(), "share", address, "--json", "--folder", str(self._place.shared_files),
                    *(["--as-root"] if is_root() else []),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment_of(self._place.customer) | {"HOME": str(self._place.shared_files)},
                start_new_session=True,
            )  # fmt: skip
            with stopped_after(process):
                self._play(process)
                if process.wait() != 0 and servers.are_there.is_set():
                    raise PracticePartFailed(part="customer", log=self._place.log("customer"))

    def _play(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            answer = self._hear(event)
            if answer is not None:
                # Where the customer stopped by itself, its exit status says so in a moment.
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(json.dumps(answer) + "\n")
                    process.stdin.flush()

    def _hear(self, event: dict[str, Any]) -> dict[str, Any] | None:
        match event["event"]:
            case "code-shown":
                self._invite(event["code"])
            case "consent-question":
                self._say("practice-asked", reason=event["reason"], scopes=", ".join(event["scopes"]))
                wait_ms = event["allow_not_before_ms"] + ANSWER_AFTER_MS - time.time_ns() // 1_000_000
                time.sleep(max(0, wait_ms) / 1000)
                self._say("practice-allowed")
                return {"command": "answer", "question": event["question"], "allow": True}
            case "command-run":
                self._say("practice-command", command=event["command"])
            case "file-touched":
                self._say("practice-file", action=event["action"], path=event["path"])
            case "failed":
                self._console.print(Text(safe_text(event["sentence"])))
            case "rating-question":
                return {"command": "rate", "stars": 5, "solved": True, "comment": ""}
            case "receipt-written":
                self._look_back(event["path"])
            case _:
                pass
        return None

    def _invite(self, code: str) -> None:
        scopes = ["shell", "files:r", "files:w", *(["root"] if is_root() else [])]
        paste = shlex.join(
            [
                "env", f"CONSENTRY_HOME={self._place.engineer}", *own_command(), "connect", code,
                "--reason", "receipts never arrive", "--no-ssh-config", "--end",
                *(word for scope in scopes for word in ("--scope", scope)),
            ]
        )  # fmt: skip
        self._console.print(Panel(Text(self._wording.say("practice-invitation", code=code)), title="Consentry"))
        # Alone on its line and never wrapped, so that it can be pasted whole.
        self._console.print(Text(paste), soft_wrap=True, highlight=False)
        origin = self._place.address.partition("/#")[0]
        password = self._place.password.read_text()
        self._say("practice-browser", address=f"{origin}/console/", user=USER, password=password)
        administrator_password = self._place.administrator_password.read_text()
        self._say(
            "practice-administrator", address=f"{origin}/console/", user=ADMINISTRATOR, password=administrator_password
        )
        reviewer_password = self._place.reviewer_password.read_text()
        self._say("practice-desk", address=self.desk, user=REVIEWER, password=reviewer_password)
        self._console.print()

    def _look_back(self, receipt: str) -> None:
        session = Path(receipt).stem.removeprefix("receipt-")
        records = self._place.records_of(session)
        options = ["--records", str(records), "--key", str(self._place.audit_key)]
        self._say("practice-look-back", receipt=receipt)
        authority = ["--ca", str(self._place.facts["engineer_ca_key"])]
        for verb, more in (("replay", []), ("verify", authority), ("show", [])):
            line = shlex.join([*own_command(), "audit", verb, session, *options, *more])
            self._console.print(Text(f"  {line}"), soft_wrap=True, highlight=False)
        self._console.print(
            Text(f"  {shlex.join([*own_command(), 'verify', receipt])}"), soft_wrap=True, highlight=False
        )
        with contextlib.suppress(ConsentryError, OSError):
            place = f"#/sessions/{find_session(records, session).session_id.hex()}"
            self._console.print(Text(f"  {self.desk}{place}"), soft_wrap=True, highlight=False)
        self._console.print()

    def _say(self, sentence: str, **fields: str) -> None:
        self._console.print(
            Text(self._wording.say(sentence, **{key: safe_text(value) for key, value in fields.items()}))
        )
