"""Take the README's pictures anew from a real session: `python tools/take_picture.py FOLDER`, or `make picture`.

A broker, a customer and an engineer run on this machine as people run them, the two people each on a pseudo-terminal of
their own, typed into key by key. Both terminals are recorded as casts, with markers where a picture is wanted, and
rendered by `render_cast.py`. Nothing is drawn by hand: what the pictures show is what the product did.

Where Linux' `unshare` may be used, the customer sits at a machine called `desk-4` and is nobody's administrator, so
that the picture shows neither this machine's name nor the sentence that root is asked for; and the engineer's `~/.ssh`
is an empty folder, so that `connect` can add its line without touching the real one. Elsewhere it is told not to.
"""

import contextlib
import json
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import ptyprocess
import pyte
from render_cast import Cast, render, screen_at

from audit.vault.keys import make_audit_key
from protocol.profile import encode_recipient, open_profile
from protocol.share_url import parse_share_url

COLUMNS, ROWS = 68, 18
"""Of the two people's terminals: small enough to be read side by side."""

AUDITOR_COLUMNS, AUDITOR_ROWS = 98, 28

PATIENCE_SECONDS = 60.0
BETWEEN_KEYS_SECONDS = 0.03
BETWEEN_LOOKS_SECONDS = 0.02

CONSENTRY = (sys.executable, "-m", "consentry")
PASSWORD = "a password for one picture"  # noqa: S105 (of an organisation that lives for a minute)
HOST = "desk-4"
HOME = Path("/srv/shop")
UNTOUCHED = "--no-ssh-config "
PROMPT = f"customer@{HOST}:~$"
ORGANISATION = "Acme"
ENGINEER = "Duty Engineer"

FILES = {
    "printer.conf": "# receipt printer\nport  = /dev/usb/lp0\nqueue = paused\n",
    "receipts.log": "14:01 printed\n14:02 held: queue is paused\n14:03 held: queue is paused\n",
}


class Terminal:
    """A person's terminal: what is typed goes in, what comes out is recorded and can be waited for."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: dict[str, str],
        folder: Path,
        *,
        columns: int = COLUMNS,
        rows: int = ROWS,
    ) -> None:
        self._columns, self._rows = columns, rows
        self._process = ptyprocess.PtyProcess.spawn(
            list(arguments), env=environment, cwd=str(folder), dimensions=(rows, columns)
        )
        self._started = time.monotonic()
        self._events: list[tuple[float, str, str]] = []
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        pending = b""
        with contextlib.suppress(EOFError, OSError):
            while True:
                pending += os.read(self._process.fd, 65536)
                text = pending.decode("utf-8", errors="ignore")
                left = pending[len(text.encode()) :]  # a character that is cut in two waits for its other half
                with self._lock:
                    self._stream.feed(pending[: len(pending) - len(left)])
                    self._events.append((time.monotonic() - self._started, "o", text))
                pending = left

    @property
    def text(self) -> str:
        with self._lock:
            return "\n".join(self._screen.display)

    def sees(self, *wanted: str) -> None:
        """Returns once all of it stands on the screen; a long line may go on in the next row."""

        def seen() -> bool:
            rows = self.text
            return all(one in rows or one in rows.replace("\n", "") for one in wanted)

        _wait_until(seen, lambda: f"{wanted} did not appear:\n{self.text}")

    def sees_no(self, unwanted: str) -> None:
        _wait_until(lambda: unwanted not in self.text, lambda: f"{unwanted} did not go away:\n{self.text}")

    def types(self, text: str) -> None:
        for key in text:
            self._process.write(key.encode())
            time.sleep(BETWEEN_KEYS_SECONDS)

    def cast(self) -> Cast:
        with self._lock:
            return Cast(self._columns, self._rows, tuple(self._events))

    def picture(self) -> pyte.Screen:
        """The screen of this moment, played from the cast so far."""
        cast = self.cast()
        return screen_at(cast, cast.moment("end"))

    def close(self) -> None:
        self._process.close(force=True)


def write_cast(cast: Cast, path: Path) -> None:
    """asciicast version 3, for whoever wants to play what the pictures were taken from."""
    lines: list[object] = [{"version": 3, "term": {"cols": cast.columns, "rows": cast.rows}}]
    last = 0.0
    for seconds, code, data in cast.events:
        lines.append([round(seconds - last, 6), code, data])
        last = seconds
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def take(pictures: Path, folder: Path) -> None:
    """Plays one session in `folder` and writes the pictures."""
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(_broker(folder))
        engineer = stack.enter_context(_engineer(folder, address))
        customer = stack.enter_context(_customer(folder, address))

        customer.sees("Your code", "waiting for an engineer")
        code_screen = customer.picture()
        code = next(line for line in customer.text.splitlines() if "Your code" in line)
        digits = "-".join("".join(c if c.isdigit() else " " for c in code).split()[:3])

        engineer.types(
            f"consentry connect {digits} --ticket 8841 \\\n  --reason 'receipts never arrive' --scope shell\n"
        )
        customer.sees("receipts never arrive", "Allow?")
        customer.sees_no("s …")  # the pause before Allow is over
        request_screen = customer.picture()
        customer.types("a")

        engineer.sees(f"{PROMPT} ")
        engineer.types("tail -n 2 receipts.log\n")
        engineer.sees("14:03 held")
        engineer.types("grep queue printer.conf\n")
        engineer.sees("queue = paused")
        engineer.types("sed -i s/paused/on/ printer.conf\n")
        customer.sees("sed -i s/paused/on/ printer.conf")
        customer.types("echo 'it prints again, thank you!'\n")
        for each in (engineer, customer):
            each.sees("\nit prints again, thank you!")
        customer.sees("Ctrl-]", "pause")
        live = [("3 · what the customer sees", customer.picture()), ("3 · what the engineer sees", engineer.picture())]

        engineer.types("exit\n")
        engineer.sees("you have signed for it")
        engineer.types(f"clear; consentry end cs-{digits[:3]}\n")
        customer.sees("How was it?")
        customer.types("5")
        customer.sees("solved?")
        customer.types("y")
        customer.sees("A comment")
        customer.types("explained while typing, thank you")
        customer.types("\n")
        auditor = stack.enter_context(_auditor(folder, parse_share_url(address).root_key or b""))
        session = next(each.parent.name for each in (folder / "broker" / "records").glob("*/records.csr"))
        auditor.types(f"consentry audit verify {session[:12]}\n")
        auditor.sees("Intact", "\n$ ")
        audit_screen = auditor.picture()
        write_cast(customer.cast(), folder / "customer.cast")
        write_cast(engineer.cast(), folder / "engineer.cast")

    write_picture(
        pictures / "consent.svg",
        [("1 · the customer's code", code_screen), ("2 · who asks for what, and why", request_screen)],
        "Two screens of the customer. First a one-time code and a warning about callers; then who asks for what, why "
        "and for how long, to be allowed, changed or refused.",
    )
    write_picture(
        pictures / "session.svg",
        live,
        "Two terminals side by side. Customer and engineer see one shell and both type in it; under the customer's "
        "stand who is in, what they may do, for how long, how much is recorded, and keys to pause, change and end.",
    )
    write_picture(
        pictures / "afterwards.svg",
        [("4 · whoever holds the audit key, afterwards", audit_screen)],
        "A terminal in which consentry audit verify lists each check of a recording with its result: intact.",
    )


def write_picture(path: Path, panels: Sequence[tuple[str, pyte.Screen]], description: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(panels, description), encoding="utf-8")


@contextlib.contextmanager
def _broker(folder: Path) -> Iterator[str]:
    """An organisation with one engineer and its broker; gives the address to share with."""
    data, key, recipient = folder / "broker", folder / "audit.key", folder / "recipient.json"
    recipient.write_bytes(encode_recipient(make_audit_key(key)))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    founded = _run(
        "admin", "init", "--name", ORGANISATION, "--origin", f"https://localhost:{port}",
        "--audit-recipient", recipient, "--data", data, "--json",
    )  # fmt: skip
    _run(
        "admin", "user", "add", "duty", "--name", ENGINEER, "--staff-number", "7", "--password-stdin",
        "--data", data, stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    with (folder / "broker.log").open("wb") as log:
        process = subprocess.Popen(
            [*CONSENTRY, "serve", "--data", str(data), "--host", "localhost", "--port", str(port)],
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until(lambda: _answers(port), lambda: f"no broker:\n{(folder / 'broker.log').read_text()}")
        yield str(json.loads(founded)["share_url"])
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


@contextlib.contextmanager
def _engineer(folder: Path, address: str) -> Iterator[Terminal]:
    home = folder / "engineer"
    home.mkdir()
    environment = _environment(folder, home)
    _run("login", address, "--user", "duty", "--password-stdin", stdin=f"{PASSWORD}\n", environment=environment)
    terminal = Terminal([*_own_ssh_folder(folder), "/bin/sh"], environment | {"PS1": "$ "}, home)
    try:
        terminal.sees("$")
        yield terminal
    finally:
        terminal.close()


@contextlib.contextmanager
def _auditor(folder: Path, root_key: bytes) -> Iterator[Terminal]:
    """Whoever holds the audit key, at a copy of the records."""
    home = folder / "auditor"
    home.mkdir()
    profile = open_profile((folder / "broker" / "organisation" / "profile.note").read_bytes(), root_key)
    places = {
        "CONSENTRY_RECORDS": str(folder / "broker" / "records"),
        "CONSENTRY_AUDIT_KEY": str(folder / "audit.key"),
        "CONSENTRY_ENGINEER_CA": profile.engineer_ca_key.hex(),
    }
    terminal = Terminal(
        ["/bin/sh"], _environment(folder, home) | places | {"PS1": "$ "}, home,
        columns=AUDITOR_COLUMNS, rows=AUDITOR_ROWS,
    )  # fmt: skip
    try:
        terminal.sees("$")
        yield terminal
    finally:
        terminal.close()


@contextlib.contextmanager
def _customer(folder: Path, address: str) -> Iterator[Terminal]:
    home = folder / "customer"
    home.mkdir()
    for name, content in FILES.items():
        (home / name).write_text(content)
    for name in (".profile", ".bashrc", ".zshrc"):
        (home / name).write_text(f"PS1='\x1b[32m{PROMPT}\x1b[0m '\n")
    (home / ".hushlogin").touch()
    share = [*CONSENTRY, "share", address, "--no-page"]
    terminal = Terminal([*_other_machine(home), *share], _environment(folder, home) | {"LOGNAME": "customer"}, home)
    try:
        yield terminal
    finally:
        terminal.close()


def _other_machine(home: Path) -> list[str]:
    """What makes a command believe that it runs at `HOST`, by an ordinary user whose home is `HOME`: namespaces, which
    need no privileges. Nothing where the system has none."""
    place = (
        f"hostname {HOST} && mount -t tmpfs none {HOME.parent} && mkdir {HOME} && "
        f"mount --bind {shlex.quote(str(home))} {HOME} && cd {HOME} && HOME={HOME} CONSENTRY_HOME={HOME}/.consentry "
        'exec unshare --user --map-user=4242 --map-group=4242 "$@"'
    )
    return _if_it_works(["unshare", "--user", "--map-root-user", "--uts", "--mount", "sh", "-c", place, "sh"])


def _own_ssh_folder(folder: Path) -> list[str]:
    """What lends a command a `~/.ssh` in `folder` (ssh goes by the password database); nothing where none can be."""
    user, group, lent = os.getuid(), os.getgid(), folder / "ssh"
    lent.mkdir(mode=0o700, exist_ok=True)
    real = Path(pwd.getpwuid(user).pw_dir) / ".ssh"
    place = (
        f"mount --bind {shlex.quote(str(lent))} {shlex.quote(str(real))} && "
        f'exec unshare --user --map-user={user} --map-group={group} "$@"'
    )
    return _if_it_works(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", place, "sh"])


def _if_it_works(words: list[str]) -> list[str]:
    if shutil.which(words[0]) is None or subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
        return []
    return words


def _environment(folder: Path, home: Path) -> dict[str, str]:
    launcher = Path(sys.executable).parent  # where `consentry` is
    return {
        "TERM": "xterm-256color", "PATH": f"{launcher}:{os.environ.get('PATH', os.defpath)}", "HOME": str(home),
        "LANG": "C.UTF-8", "CONSENTRY_HOME": str(folder / f"{home.name}-state"), "CONSENTRY_LANGUAGE": "en",
    }  # fmt: skip


def _run(*arguments: str | Path, stdin: str = "", environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [*CONSENTRY, *map(str, arguments)], input=stdin, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"consentry {arguments[0]}: {done.stderr}")
    return done.stdout


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False


def _wait_until(condition: Callable[[], bool], problem: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(problem())
        time.sleep(BETWEEN_LOOKS_SECONDS)


def main() -> None:
    pictures = Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="consentry-picture-") as folder:
        take(pictures, Path(folder))


if __name__ == "__main__":
    main()
