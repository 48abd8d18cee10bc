"""A whole deployment out of real processes: broker, customers, engineers, each as a person would start it.

Everything is driven through the command line and stock OpenSSH; nothing is imported from the product but what makes an
audit key. Waiting means waiting for a line, a file or an exit, with a limit; never for time.
"""

import contextlib
import hashlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.vault.keys import make_audit_key
from protocol.profile import encode_recipient
from tests.helpers.ports import free_port
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until

CONSENTRY = (sys.executable, "-m", "consentry")
REASON = "reason-needle-44c1d9"
PASSWORD = "correct horse battery staple"
AS_ROOT = os.geteuid() == 0
SAM, KIM = ("sam", "Sam Example", "S-17"), ("kim", "Kim Example", "S-18")
"""Engineers: user name, name, staff number."""
TOGETHER = "import json, sys; from consentry.cli import run; sys.exit(any(map(run, json.loads(sys.argv[1]))))"
ALL_SCOPES = ("shell", "files:r", "files:w", *(("root",) if AS_ROOT else ()))


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run(
    *arguments: str | Path, environment: dict[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """One command to its end; fails the test with what it said when its status is not the expected one."""
    expected = options.pop("status", 0)
    done = subprocess.run(
        [str(argument) for argument in arguments],
        env=environment or plain_environment(),
        text=options.pop("text", True),
        capture_output=True,
        timeout=options.pop("timeout", PATIENCE_SECONDS),
        check=False,
        **options,
    )
    assert done.returncode == expected, f"{arguments}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def run_together(lines: Sequence[Sequence[str]], typed: str) -> str:
    """Several commands in one process, and what they said: most of what each of them costs is its beginning."""
    return run(sys.executable, "-c", TOGETHER, json.dumps(lines), input=typed).stdout


def plain_environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "USER", "LOGNAME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "NO_COLOR": "1", **more}


@contextlib.contextmanager
def hearing_hangup() -> Iterator[None]:
    """For what is started meanwhile: under `nohup` it would inherit that nobody minds a closed terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


class Broker:
    """One organisation and its broker on a fixed port, so that it can be killed and started again."""

    def __init__(
        self,
        folder: Path,
        *,
        output_policy: str = "bounded",
        behind_wire: bool = False,
        host: str = "127.0.0.1",
        people: Sequence[tuple[str, str, str]] = (),
        like: "Broker | None" = None,
    ) -> None:
        """`people` work here from the beginning, as `SAM` does.

        With `behind_wire`, people reach it at `port` only through a `Wire` to `listen_port`. `like` an organisation
        that does not run means a copy of it, with its people and at its address.
        """
        self.host = host
        self.folder = folder
        self.data = folder / "broker"
        self.key = folder / "audit" / "audit.key"
        self.port = free_port() if like is None else like.port
        self.listen_port = free_port() if behind_wire else self.port
        self._process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}
        """Settings of the broker beyond the usual ones."""
        self.log = folder / "broker.log"
        self.origin = f"https://{host}:{self.port}"
        if like is None:
            self.facts = self._found(output_policy, people)
        else:
            shutil.copytree(like.folder, folder)
            self.facts = like.facts

    def _found(self, output_policy: str, people: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
        self.key.parent.mkdir(parents=True)
        recipient = self.folder / "audit" / "recipient.json"
        recipient.write_bytes(encode_recipient(make_audit_key(self.key)))
        found = (
            "init", "--name", "Test Support", "--origin", self.origin, "--audit-recipient", str(recipient),
            "--output-policy", output_policy, "--json",
        )  # fmt: skip
        commands = [found, *(_adding(*person) for person in people)]
        lines = [["admin", *command, "--data", str(self.data)] for command in commands]
        said = run_together(lines, f"{PASSWORD}\n" * len(people))
        facts: dict[str, Any] = json.JSONDecoder().raw_decode(said)[0]
        return facts

    @property
    def address(self) -> str:
        return str(self.facts["share_url"])

    @property
    def records(self) -> Path:
        return self.data / "records"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _admin(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        return run(*CONSENTRY, "admin", *arguments, "--data", self.data, **options)

    def set_up_audit(self) -> None:
        """From the next start on an audit service runs beside it: two processes under one command."""
        token = self._admin("audit-service", "add", "audit-1").stdout
        run(
            *CONSENTRY, "audit", "init", "--broker", self.address, "--key", self.key, "--data", self.key.parent,
            input=token,
        )  # fmt: skip

    def add_user(self, user: str, *, name: str, staff_number: str) -> None:
        self._admin(*_adding(user, name, staff_number), input=f"{PASSWORD}\n")

    def events(self) -> str:
        """What was decided at it, as its administrator reads it."""
        return str(self._admin("events", "--json").stdout)

    def change_profile(self, *options: str) -> None:
        self._admin("profile", "update", *options)

    @property
    def certificate(self) -> tuple[Path, Path]:
        return self.data / "organisation" / "tls_certificate.pem", self.data / "organisation" / "tls_key.pem"

    def start(self, *, tls: str = "own") -> None:
        self.launch(tls=tls)
        wait_until(self.answers, "the broker listens")

    def launch(self, *, tls: str = "own") -> None:
        """Starts it and does not wait."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *CONSENTRY, "serve", "--data", str(self.data), "--host", self.host,
                    "--port", str(self.listen_port), "--tls", tls,
                ],
                stdout=log,
                stderr=log,
                # A test machine's disk may be nearly full without being in the way of the tests.
                env=plain_environment(
                    CONSENTRY_MIN_FREE_DISK_PERCENT="0", CONSENTRY_MIN_FREE_DISK_GIB="0", **self.environment
                ),
            )  # fmt: skip

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.listen_port), timeout=1):
            return True
        return False

    def kill(self) -> None:
        """The power goes, as far as the process is concerned."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise AssertionError("the broker did not stop when told to") from None

    def audit(self, *arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
        command, *rest = arguments
        return run(
            *CONSENTRY, "audit", command, *rest, "--records", self.records, "--key", self.key, status=status
        )  # fmt: skip


def _adding(user: str, name: str, staff_number: str) -> tuple[str, ...]:
    return ("user", "add", user, "--name", name, "--staff-number", staff_number, "--password-stdin")


@dataclass
class Customer:
    """`consentry share --json` with a person's decisions behind it. Allows everything unless told otherwise."""

    broker: Broker
    folder: Path
    decide: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _question: {"allow": True}
    rating: dict[str, Any] | None = field(default_factory=lambda: {"stars": 5, "solved": True, "comment": "thank you"})
    address: str = ""
    extra: tuple[str, ...] = ()
    program: tuple[str, ...] = CONSENTRY
    state: Path = None  # type: ignore[assignment]  # a folder of its own, unless another's is named

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.state = self.state or self.folder / "state"
        self.home.mkdir(parents=True, exist_ok=True)
        self.events: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self.start()

    def start(self) -> None:
        self.events.clear()
        with (self.folder / "share.err").open("ab") as errors:
            self.process = subprocess.Popen(
                [
                    *self.program, "share", self.address or self.broker.address, "--json", "--folder", str(self.home),
                    *(["--as-root"] if AS_ROOT else []), *self.extra,
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=plain_environment(CONSENTRY_HOME=str(self.state), HOME=str(self.home)),
            )  # fmt: skip
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
            if event["event"] == "consent-question" and (answer := self.decide(event)) is not None:
                allowed_in = event["allow_not_before_ms"] / 1000 - time.time() if answer["allow"] else 0
                threading.Timer(
                    max(0.0, allowed_in) + 0.05,
                    self.say,
                    ("answer",),
                    {"question": event["question"], **answer},
                ).start()
            if event["event"] == "rating-question":
                if self.rating is None:
                    self.say("skip-rating")
                else:
                    self.say("rate", **self.rating)

    def say(self, command: str, **fields: Any) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            self.process.stdin.write(json.dumps({"command": command, **fields}).encode() + b"\n")
            self.process.stdin.flush()

    def heard(self, event: str, *, count: int = 1, **fields: Any) -> dict[str, Any]:
        """The `count`-th event of that name with those fields, once it has come."""

        def found() -> list[dict[str, Any]]:
            return [
                one
                for one in self.events
                if one["event"] == event and all(one.get(name) == value for name, value in fields.items())
            ]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, PATIENCE_SECONDS), (
                f"no {event} {fields or ''} came; what came: {[one['event'] for one in self.events]}\n"
                f"{(self.folder / 'share.err').read_text()}\n{self._log()}"
            )
            return found()[count - 1]

    def _log(self) -> str:
        path = self.state / "agent" / "agent.log"
        return path.read_text()[-3000:] if path.exists() else ""

    @property
    def code(self) -> str:
        """The newest open code."""
        self.heard("code-shown")
        return str([one for one in self.events if one["event"] == "code-shown"][-1]["code"])

    def new_code(self) -> str:
        shown = sum(one["event"] == "code-shown" for one in self.events)
        self.say("new-code")
        return str(self.heard("code-shown", count=shown + 1)["code"])

    def wait(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.say("end")
            self.rating = None
            try:
                self.process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"the agent did not end\n{self._log()}") from None

    @property
    def receipt(self) -> Path:
        return Path(self.heard("receipt-written")["path"])


class Engineer:
    """A person with an account, a folder of their own, and stock OpenSSH."""

    def __init__(self, broker: Broker, folder: Path, user: str) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = plain_environment(CONSENTRY_HOME=str(folder / "state"), HOME=str(folder))
        self._paired = 0
        self.consentry("login", broker.address, "--user", user, "--password-stdin", input=f"{PASSWORD}\n")

    def consentry(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        return run(*CONSENTRY, *arguments, environment=self.environment, **options)

    def pair(self, code: str, *scopes: str, **options: Any) -> str:
        """Pairs without opening a shell; returns the alias for ssh, a new one each time."""
        self._paired += 1
        alias = f"case-{self._paired}"
        self.consentry(
            "connect", code, "--reason", REASON, "--ticket", "8841", "--alias", alias,
            "--no-shell", "--no-ssh-config",
            *(word for scope in scopes or ALL_SCOPES for word in ("--scope", scope)), **options,
        )  # fmt: skip
        return alias

    @property
    def ssh_options(self) -> tuple[str, ...]:
        return ("-F", str(self.folder / "state" / "ssh_config"))

    def ssh(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[Any]:
        return run("ssh", *self.ssh_options, *arguments, environment=self.environment, **options)

    def sftp_put(self, alias: str, path: Path) -> None:
        """Puts one file into the customer's first folder."""
        run("scp", *self.ssh_options, "-q", path, f"{alias}:", environment=self.environment)

    def popen(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """A client that goes on while the test does something else."""
        return subprocess.Popen(arguments, env=self.environment, **options)


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


KEPT_BYTES = 128 * 1024
"""Of a process' output: enough to find a marker in a flood."""


class Lines:
    """Reads a process' output in the background, so that a test can wait for text in it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._pieces: queue.Queue[bytes] = queue.Queue()
        self.text = b""
        assert process.stdout is not None
        self._file = process.stdout
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while piece := os.read(self._file.fileno(), 65536):
            self._pieces.put(piece)
        self._pieces.put(b"")

    def wait_for_end(self, *, seconds: float = PATIENCE_SECONDS) -> bytes:
        """All that there was, up to the newest KEPT_BYTES."""
        while piece := self._pieces.get(timeout=seconds):
            self.text = (self.text + piece)[-KEPT_BYTES:]
        return self.text

    def wait_for(self, wanted: bytes, *, seconds: float = PATIENCE_SECONDS) -> bytes:
        deadline = time.monotonic() + seconds
        while wanted not in self.text:
            try:
                piece = self._pieces.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{wanted!r} did not come; what came: {self.text[-2000:]!r}") from None
            assert piece, f"the output ended before {wanted!r} came: {self.text[-2000:]!r}"
            self.text = (self.text + piece)[-KEPT_BYTES:]
        return self.text
