"""`consentry practice`: a broker, an audit service and a customer on this machine; the reader is the engineer.

Everything is the real thing, started the way people start it; only the customer is a program that reads the request out
and says yes. All data stays in one folder, and a second start finds it again.

    <data>/broker/      the broker's data: keys, database, sealed records
    <data>/audit/       the audit service's data, and the audit key, which the broker never sees
    <data>/engineer/    the reader's own state, logged in (CONSENTRY_HOME)
    <data>/administrator-password    of the account that looks after people, in the broker's console
    <data>/reviewer-password    of the account that looks back, at the audit service's desk
    <data>/customer/    the practice customer: its state, and `files`, the folder that it shares
"""

import contextlib
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from audit.vault.keys import make_audit_key
from audit.vault.library import find_session, scan_headers
from protocol.errors import ConsentryError, InputError, UnavailableError
from protocol.profile import encode_recipient
from wording import Wording, detect_language, safe_text

USER = "practice"
ADMINISTRATOR = "administrator"
REVIEWER = "reviewer"
DESK_HOST = "127.0.0.1"
"""Not the broker's “localhost”: a browser keeps cookies by host name alone, and sends each server its own this way."""
AUDIT_SERVICE = "practice"
FIRST_PORT = 18443
PORTS_TRIED = 200

START_WITHIN_SECONDS = 30.0
STOP_WITHIN_SECONDS = 15.0
PULLED_WITHIN_SECONDS = 10.0
ANSWER_AFTER_MS = 200
"""How much later than the earliest moment the practice customer says yes."""


class PracticePartFailed(UnavailableError):
    """One of the processes did not start, or stopped by itself."""

    sentence = "The {part} stopped by itself. What it said last is in {log}."


class NoFreePort(UnavailableError):
    sentence = "No free port was found between {first} and {last}. Stop something that listens there and try again."


class PortTaken(UnavailableError):
    """The broker's address is part of its profile: another port will not do."""

    sentence = "Something listens on port {port} already, perhaps another practice. Stop it and try again."


class PracticeHalfMade(InputError):
    """The first start was interrupted. Nothing is removed here that somebody might miss."""

    sentence = (
        "The practice organisation in {folder} was not finished. Remove that folder, or name another with --data."
    )


def practice(data: Annotated[Path, typer.Option("--data", metavar="DIR")] = Path("consentry-practice")) -> None:
    folder = data.expanduser().resolve()
    wording = Wording(detect_language(os.environ))
    place = Place(folder)
    # A service manager's SIGTERM is to do what Ctrl-C does; and a shell starts background jobs with Ctrl-C ignored.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        place.prepare()
        with _broker(place) as desk:
            place.log_engineer_in()
            _Stage(place, wording, Console(), desk).run()
    typer.echo(wording.say("practice-stopped", folder=str(folder)))


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True)
class Place:
    """The folder of one practice organisation."""

    folder: Path

    @property
    def broker(self) -> Path:
        return self.folder / "broker"

    @property
    def audit_key(self) -> Path:
        return self.audit / "audit.key"

    @property
    def audit(self) -> Path:
        return self.folder / "audit"

    @property
    def engineer(self) -> Path:
        return self.folder / "engineer"

    @property
    def customer(self) -> Path:
        return self.folder / "customer"

    @property
    def shared_files(self) -> Path:
        return self.customer / "files"

    @property
    def password(self) -> Path:
        return self.folder / "engineer-password"

    @property
    def administrator_password(self) -> Path:
        return self.folder / "administrator-password"

    @property
    def reviewer_password(self) -> Path:
        return self.folder / "reviewer-password"

    def log(self, part: str) -> Path:
        return self.folder / f"{part}.log"

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the broker's profile says, and the address with the root key."""
        return self._read_facts()

    def _read_facts(self) -> dict[str, Any]:
        shown = _consentry("admin", "profile", "show", "--json", "--data", self.broker)
        return dict(json.loads(shown.stdout))

    @property
    def address(self) -> str:
        return str(self.facts["share_url"])

    def records_of(self, session: str) -> Path:
        """The audit service's own records, once it has pulled this session; it takes a moment after the end."""
        pulled = self.audit / "records"
        deadline = time.monotonic() + PULLED_WITHIN_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(ConsentryError, OSError):
                recording = find_session(pulled, session)
                with recording.open_file() as source:
                    if scan_headers(source).finished:
                        return pulled
            time.sleep(0.05)
        return self.broker / "records"

    def prepare(self) -> None:
        """Found the organisation at the first start; at later ones, find it again."""
        for folder in (self.folder, self.audit, self.engineer, self.customer):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.shared_files.exists():
            self.shared_files.mkdir()
            (self.shared_files / "receipts.log").write_text("14:02 printer jammed\n14:03 printer jammed\n")
        if not self.password.exists():
            if self.broker.exists():
                raise PracticeHalfMade(folder=self.folder)
            self._found()
        elif self._read_facts()["log"] is None:  # founded by a version that had no transparency log
            _consentry("admin", "profile", "update", "--new-log", "--data", self.broker)
        if not (self.audit / "service.json").exists():
            self._set_up_audit()
        if not self.administrator_password.exists():
            self._add_administrator()
        if not self.reviewer_password.exists():
            self._add_reviewer()

    def _found(self) -> None:
        recipient = self.audit_key.with_name("recipient.json")
        if not recipient.exists():
            recipient.write_bytes(encode_recipient(make_audit_key(self.audit_key)))
        origin = f"https://localhost:{_free_port()}"
        _consentry(
            "admin", "init", "--name", "Practice", "--origin", origin, "--audit-recipient", recipient,
            "--data", self.broker,
        )  # fmt: skip
        password = secrets.token_urlsafe(24)
        _consentry(
            "admin", "user", "add", USER, "--name", "Practice Engineer", "--staff-number", "1",
            "--password-stdin", "--data", self.broker, stdin=f"{password}\n",
        )  # fmt: skip
        # Written last and at once: where it is, the organisation is whole.
        _write_secret(_part_of(self.password), password)
        _part_of(self.password).replace(self.password)

    def _set_up_audit(self) -> None:
        """Also for a practice organisation of a version that had no audit service."""
        added = _consentry("admin", "audit-service", "list", "--json", "--data", self.broker)
        if json.loads(added.stdout):  # stopped between the two steps: the token is lost
            _consentry("admin", "audit-service", "remove", AUDIT_SERVICE, "--data", self.broker)
        token = _consentry("admin", "audit-service", "add", AUDIT_SERVICE, "--data", self.broker).stdout
        _consentry(
            "audit", "init", "--broker", self.address, "--key", self.audit_key, "--data", self.audit, stdin=token
        )

    def _add_administrator(self) -> None:
        """Also for a practice organisation of a version that had no roles."""
        of_broker = ("admin", "user"), self.broker
        self._add_somebody(
            *of_broker, ADMINISTRATOR, self.administrator_password, "--role", "administrator",
            "--name", "Practice Administrator", "--staff-number", "2",
        )  # fmt: skip

    def _add_reviewer(self) -> None:
        """Also for a practice organisation of a version that had no desk."""
        of_audit = ("audit", "user"), self.audit
        self._add_somebody(
            *of_audit, REVIEWER, self.reviewer_password, "--role", "supervisor", "--name", "Practice Reviewer"
        )

    @staticmethod
    def _add_somebody(command: tuple[str, str], data: Path, user: str, password: Path, *facts: str) -> None:
        """Also after a stop in the middle of this: where the password is, they are."""
        part = _part_of(password)
        if not part.exists():
            _write_secret(part, secrets.token_urlsafe(24))
        known = json.loads(_consentry(*command, "list", "--json", "--data", data).stdout)
        if not any(one["user_name"] == user for one in known):
            _consentry(*command, "add", user, *facts, "--password-stdin", "--data", data, stdin=f"{part.read_text()}\n")
        part.replace(password)

    def log_engineer_in(self) -> None:
        _consentry(
            "login", self.address, "--user", USER, "--password-stdin",
            stdin=f"{self.password.read_text()}\n", home=self.engineer,
        )  # fmt: skip


@contextlib.contextmanager
def _broker(place: Place) -> Iterator[str]:
    """A broker that answers while the block runs; gives the address of the desk at its audit service."""
    port = int(place.facts["broker_origin"].rpartition(":")[2])
    if _listens(port):
        raise PortTaken(port=port)
    audit_port = _free_port(besides=port)
    with place.log("broker").open("a") as log:
        process = subprocess.Popen(
            [
                *_command(), "serve", "--data", str(place.broker), "--host", "localhost", "--port", str(port),
                "--audit-data", str(place.audit), "--audit-host", DESK_HOST, "--audit-port", str(audit_port),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us: we stop the customer first
        )  # fmt: skip
        with _stopped_after(process):
            deadline = time.monotonic() + START_WITHIN_SECONDS
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise PracticePartFailed(part="broker", log=place.log("broker"))
                time.sleep(0.05)
            yield f"https://{DESK_HOST}:{audit_port}/desk/"


class _Stage:
    """Session after session: tells the reader what to paste, plays the customer, tells how to look back."""

    def __init__(self, place: Place, wording: Wording, console: Console, desk: str) -> None:
        self._place = place
        self._desk = desk
        self._wording = wording
        self._console = console

    def run(self) -> None:
        address = self._place.address
        while True:
            self._one_session(address)

    def _one_session(self, address: str) -> None:
        with self._place.log("customer").open("a") as log:
            process = subprocess.Popen(
                [
                    *_command(), "share", address, "--json", "--folder", str(self._place.shared_files),
                    *(["--as-root"] if _is_root() else []),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=_environment(self._place.customer) | {"HOME": str(self._place.shared_files)},
                start_new_session=True,
            )  # fmt: skip
            with _stopped_after(process):
                self._play(process)
                if process.wait() != 0:
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
        scopes = ["shell", "files:r", "files:w", *(["root"] if _is_root() else [])]
        paste = shlex.join(
            [
                "env", f"CONSENTRY_HOME={self._place.engineer}", *_command(), "connect", code,
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
        self._say("practice-desk", address=self._desk, user=REVIEWER, password=reviewer_password)
        self._console.print()

    def _look_back(self, receipt: str) -> None:
        session = Path(receipt).stem.removeprefix("receipt-")
        records = self._place.records_of(session)
        options = ["--records", str(records), "--key", str(self._place.audit_key)]
        self._say("practice-look-back", receipt=receipt)
        authority = ["--ca", str(self._place.facts["engineer_ca_key"])]
        for verb, more in (("replay", []), ("verify", authority), ("show", [])):
            line = shlex.join([*_command(), "audit", verb, session, *options, *more])
            self._console.print(Text(f"  {line}"), soft_wrap=True, highlight=False)
        with contextlib.suppress(ConsentryError, OSError):
            place = f"#/sessions/{find_session(records, session).session_id.hex()}"
            self._console.print(Text(f"  {self._desk}{place}"), soft_wrap=True, highlight=False)
        self._console.print()

    def _say(self, sentence: str, **fields: str) -> None:
        self._console.print(
            Text(self._wording.say(sentence, **{key: safe_text(value) for key, value in fields.items()}))
        )


def _consentry(
    *arguments: str | Path, stdin: str | None = None, home: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """One of our own commands to its end. What went wrong was said by it, in the reader's language."""
    done = subprocess.run(
        [*_command(), *(str(argument) for argument in arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        env=_environment(home) if home else None,
        check=False,
    )
    if done.returncode != 0:
        raise PracticeStepFailed(step=" ".join(str(one) for one in arguments[:2]), problem=done.stderr.strip())
    return done


class PracticeStepFailed(ConsentryError):
    """A step of the set-up said no, and why."""

    sentence = "The practice organisation could not be set up: “consentry {step}” said: {problem}"


def _command() -> list[str]:
    """This very program, wherever the reader stands: the installed command where there is one."""
    installed = Path(sys.executable).with_name("consentry")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "consentry"]


def _environment(home: Path) -> dict[str, str]:
    return {**os.environ, "CONSENTRY_HOME": str(home)}


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextlib.contextmanager
def _stopped_after(process: "subprocess.Popen[Any]") -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)


def _close(pipe: IO[Any] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False


def _part_of(path: Path) -> Path:
    return path.with_suffix(".part")


def _write_secret(path: Path, secret: str) -> None:
    path.touch(mode=0o600)
    path.write_text(secret)


def _free_port(*, besides: int | None = None) -> int:
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if port == besides:
            continue
        with contextlib.suppress(OSError), socket.create_server(("localhost", port)):
            return port
    raise NoFreePort(first=FIRST_PORT, last=FIRST_PORT + PORTS_TRIED - 1)
