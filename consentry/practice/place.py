"""The folder of one practice organisation: made with our own commands, as an administrator would make it."""

import contextlib
import json
import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from audit.vault.keys import make_audit_key
from audit.vault.library import find_session, scan_headers
from consentry.practice.claims import claim
from consentry.practice.processes import free_port, run_consentry
from consentry.practice.together import RunStep, commands_together
from protocol.errors import ConsentryError, InputError, UnavailableError
from protocol.profile import encode_recipient

USER = "practice"
ADMINISTRATOR = "administrator"
REVIEWER = "reviewer"
AUDIT_SERVICE = "practice"
PULLED_WITHIN_SECONDS = 10.0


class PracticeHalfMade(InputError):
    """The first start was interrupted. Nothing is removed here that somebody might miss."""

    sentence = (
        "The practice organisation in {folder} was not finished. Remove that folder, or name another with --data."
    )


class PracticeRunning(UnavailableError):
    """Two in one folder would found it twice, and take each other's broker for their own."""

    sentence = "The practice in {folder} runs already. Stop it first, or name another folder with --data."


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

    @property
    def is_prepared(self) -> bool:
        return all(one.exists() for one in (self.password, self.administrator_password, self.reviewer_password))

    def log(self, part: str) -> Path:
        return self.folder / f"{part}.log"

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the broker's profile says, and the address with the root key."""
        with commands_together() as run:
            return self._read_facts(run)

    def _read_facts(self, run: RunStep) -> dict[str, Any]:
        return dict(json.loads(run("admin", "profile", "show", "--json", "--data", self.broker)))

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
        """Found the organisation at the first start; at later ones, find it again. Raises PracticeRunning."""
        for folder in (self.folder, self.audit, self.engineer, self.customer):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not claim(self.folder / ".lock"):
            raise PracticeRunning(folder=self.folder)
        if not self.shared_files.exists():
            self.shared_files.mkdir()
            (self.shared_files / "receipts.log").write_text("14:02 printer jammed\n14:03 printer jammed\n")
        if not self.password.exists() and self.broker.exists():
            raise PracticeHalfMade(folder=self.folder)
        with commands_together() as run:
            self._prepare_with(run)

    def _prepare_with(self, run: RunStep) -> None:
        if not self.password.exists():
            self._found(run)
        facts = self._read_facts(run)
        if facts["log"] is None:  # founded by a version that had no transparency log
            run("admin", "profile", "update", "--new-log", "--data", self.broker)
            facts = self._read_facts(run)
        vars(self)["facts"] = facts  # or a process of its own would be asked for them again
        if not (self.audit / "service.json").exists():
            self._set_up_audit(run)
        if not self.administrator_password.exists():
            self._add_administrator(run)
        if not self.reviewer_password.exists():
            self._add_reviewer(run)

    def _found(self, run: RunStep) -> None:
        recipient = self.audit_key.with_name("recipient.json")
        if not recipient.exists():
            recipient.write_bytes(encode_recipient(make_audit_key(self.audit_key)))
        origin = f"https://localhost:{free_port()}"
        run(
            "admin", "init", "--name", "Practice", "--origin", origin, "--audit-recipient", recipient,
            "--data", self.broker,
        )  # fmt: skip
        password = secrets.token_urlsafe(24)
        run(
            "admin", "user", "add", USER, "--name", "Practice Engineer", "--staff-number", "1",
            "--password-stdin", "--data", self.broker, stdin=f"{password}\n",
        )  # fmt: skip
        # Written last and at once: where it is, the organisation is whole.
        _write_secret(_part_of(self.password), password)
        _part_of(self.password).replace(self.password)

    def _set_up_audit(self, run: RunStep) -> None:
        """Also for a practice organisation of a version that had no audit service."""
        added = run("admin", "audit-service", "list", "--json", "--data", self.broker)
        if json.loads(added):  # stopped between the two steps: the token is lost
            run("admin", "audit-service", "remove", AUDIT_SERVICE, "--data", self.broker)
        token = run("admin", "audit-service", "add", AUDIT_SERVICE, "--data", self.broker)
        run("audit", "init", "--broker", self.address, "--key", self.audit_key, "--data", self.audit, stdin=token)

    def _add_administrator(self, run: RunStep) -> None:
        """Also for a practice organisation of a version that had no roles."""
        of_broker = ("admin", "user"), self.broker
        self._add_somebody(
            run, *of_broker, ADMINISTRATOR, self.administrator_password, "--role", "administrator",
            "--name", "Practice Administrator", "--staff-number", "2",
        )  # fmt: skip

    def _add_reviewer(self, run: RunStep) -> None:
        """Also for a practice organisation of a version that had no desk."""
        of_audit = ("audit", "user"), self.audit
        self._add_somebody(
            run, *of_audit, REVIEWER, self.reviewer_password, "--role", "supervisor", "--name", "Practice Reviewer"
        )

    @staticmethod
    def _add_somebody(
        run: RunStep, command: tuple[str, str], data: Path, user: str, password: Path, *facts: str
    ) -> None:
        """Also after a stop in the middle of this: where the password is, they are."""
        part = _part_of(password)
        known = []
        if part.exists():
            known = json.loads(run(*command, "list", "--json", "--data", data))
        else:
            _write_secret(part, secrets.token_urlsafe(24))
        if not any(one["user_name"] == user for one in known):
            run(*command, "add", user, *facts, "--password-stdin", "--data", data, stdin=f"{part.read_text()}\n")
        part.replace(password)

    def log_engineer_in(self) -> None:
        run_consentry(
            "login", self.address, "--user", USER, "--password-stdin",
            stdin=f"{self.password.read_text()}\n", home=self.engineer,
        )  # fmt: skip


def _part_of(path: Path) -> Path:
    return path.with_suffix(".part")


def _write_secret(path: Path, secret: str) -> None:
    path.touch(mode=0o600)
    path.write_text(secret)
