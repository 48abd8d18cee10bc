"""`consentry practice`: everything real on one machine, and the reader is the engineer."""

import json
import os
import queue
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import ptyprocess
import pytest
from msgspec import structs
from rich.console import Console

from broker.organisation.folder import read_private_key
from consentry.practice import place as places
from consentry.practice import processes, servers
from consentry.practice.claims import keeping_claims
from consentry.practice.place import Place, PracticeHalfMade
from consentry.practice.processes import (
    PracticePartFailed,
)
from consentry.practice.servers import PortTaken, broker_running
from consentry.practice.stage import Stage
from protocol.profile import open_profile, sign_profile
from tests.helpers.deployment import hearing_hangup
from tests.helpers.ports import free_port
from tests.helpers.recordings import make_recording
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Wording


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A practice organisation that was founded once, on a port that no other practice on this machine would take."""
    place = Place(tmp_path_factory.mktemp("practice"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "FIRST_PORT", free_port())
        place.prepare()
    return place


def test_a_second_start_finds_everything_again(place: Place) -> None:
    """Keys, people and the address stay; what the reader changed in the shared folder stays too."""
    note = place.broker / "organisation" / "profile.note"
    password, profile = place.password.read_bytes(), note.read_bytes()
    (place.shared_files / "receipts.log").write_text("mended")
    place.prepare()
    assert (place.password.read_bytes(), note.read_bytes()) == (password, profile)
    assert (place.shared_files / "receipts.log").read_text() == "mended"


def test_a_practice_of_before_the_log_is_given_one(place: Place, tmp_path: Path) -> None:
    """The next start adds it, and goes on."""
    older = Place(Path(shutil.copytree(place.folder, tmp_path / "older")))
    folder = older.broker / "organisation"
    root = read_private_key(folder / "root.key")
    profile = open_profile((folder / "profile.note").read_bytes(), root.public_key().public_bytes_raw())
    (folder / "profile.note").write_bytes(sign_profile(structs.replace(profile, log=None), root))
    (folder / "log.key").unlink()
    older.prepare()
    assert older.facts["log"] is not None


def test_secrets_are_the_readers_own(place: Place) -> None:
    """The audit key lies where the broker does not look; nobody else on the machine reads any of it."""
    assert place.password.stat().st_mode & 0o777 == 0o600
    assert place.administrator_password.stat().st_mode & 0o777 == 0o600
    assert place.reviewer_password.stat().st_mode & 0o777 == 0o600
    assert place.audit_key.stat().st_mode & 0o777 == 0o600
    assert place.broker not in place.audit_key.parents
    assert place.broker.stat().st_mode & 0o077 == 0


def test_a_first_start_that_was_interrupted_says_what_to_do(tmp_path: Path) -> None:
    """Nothing is guessed, and nothing is removed."""
    place = Place(tmp_path)
    place.broker.mkdir()
    (place.broker / "something").write_text("kept")
    with pytest.raises(PracticeHalfMade, match="--data"):
        place.prepare()
    assert (place.broker / "something").read_text() == "kept"


def test_a_port_that_is_taken_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's answer is not taken for the broker's."""
    port = free_port()
    monkeypatch.setitem(place.__dict__, "facts", {"broker_origin": f"https://localhost:{port}"})
    with (
        socket.create_server(("localhost", port)),
        pytest.raises(PortTaken, match=str(port)),
        broker_running(place, print),
    ):
        raise AssertionError("no broker runs here")


def test_a_broker_that_does_not_start_points_to_its_log(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it said last is there."""
    monkeypatch.setattr(servers, "own_command", lambda: [sys.executable, "-c", "raise SystemExit('no disk')"])
    monkeypatch.setitem(place.__dict__, "facts", {"broker_origin": f"https://localhost:{free_port()}"})
    with pytest.raises(PracticePartFailed) as failed, broker_running(place, print):
        raise AssertionError("no broker runs here")
    assert str(place.log("broker")) in str(failed.value)
    assert "no disk" in place.log("broker").read_text()


def test_one_folder_is_practised_in_once(place: Place) -> None:
    """Whoever comes while another prepares or runs is told so, and changes nothing."""
    with keeping_claims():
        place.prepare()
        second = subprocess.run(
            [sys.executable, "-m", "consentry", "practice", "--data", str(place.folder)],
            capture_output=True,
            text=True,
            env={**os.environ, "CONSENTRY_LANGUAGE": "en", "COLUMNS": "400"},
            check=False,
        )
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert str(place.folder) in second.stderr


# ── the practice customer ───────────────────────────────────────────────────────────────────────────────────────────


DESK = "https://127.0.0.1:1/desk/"


class Theatre:
    """The customer's part without a process behind it."""

    def __init__(self, place: Place) -> None:
        self.console = Console(record=True, width=60, force_terminal=False)
        self._stage = Stage(place, Wording("en"), self.console)
        self._stage.desk = DESK

    def hear(self, event: str, **facts: Any) -> dict[str, Any] | None:
        return self._stage._hear({"event": event, **facts})

    @property
    def text(self) -> str:
        return self.console.export_text(clear=False)


@pytest.fixture
def theatre(place: Place) -> Theatre:
    return Theatre(place)


def test_the_command_to_paste_is_one_line(theatre: Theatre, place: Place) -> None:
    """However narrow the terminal is: it can be pasted whole, and names the code and the reader's own folder."""
    theatre.hear("code-shown", code="482-9137-7552")
    line = next(line for line in theatre.text.splitlines() if line.startswith("env "))
    words = shlex.split(line)
    assert words[1] == f"CONSENTRY_HOME={place.engineer}"
    assert words[words.index("connect") + 1] == "482-9137-7552"


def test_the_customer_says_yes_and_gives_five_stars(theatre: Theatre) -> None:
    """Not before the question may be answered; the reason is read out."""
    question = {"question": 3, "reason": "receipts never arrive", "scopes": ["shell"], "allow_not_before_ms": 0}
    assert theatre.hear("consent-question", **question) == {"command": "answer", "question": 3, "allow": True}
    assert "receipts never arrive" in " ".join(theatre.text.split())
    rating = theatre.hear("rating-question")
    assert rating is not None
    assert rating["stars"] == 5


def test_what_an_engineer_wrote_cannot_steer_the_terminal(theatre: Theatre) -> None:
    """Reasons, commands, paths and sentences are shown, never obeyed."""
    hostile = "\x1b]52;c;aGk=\x07"
    theatre.hear("command-run", command=hostile)
    theatre.hear("file-touched", action="write", path=hostile)
    theatre.hear("failed", sentence=hostile)
    assert "\x1b" not in theatre.text
    assert "\x07" not in theatre.text


def test_the_way_to_look_back_is_told(theatre: Theatre, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay, verify and show, with the records and the key of this practice; where the audit service did not pull the
    session, the broker's records. And the receipt, for which nothing is needed."""
    monkeypatch.setattr(places, "PULLED_WITHIN_SECONDS", 0.0)
    theatre.hear("receipt-written", path="/somewhere/receipt-0123456789ab.json")
    lines = [shlex.split(line) for line in theatre.text.splitlines() if " audit " in line]
    assert [line[line.index("audit") + 1 :][:2] for line in lines] == [
        [verb, "0123456789ab"] for verb in ("replay", "verify", "show")
    ]
    assert all(str(place.audit_key) in line for line in lines)
    assert any(line.endswith("verify /somewhere/receipt-0123456789ab.json") for line in theatre.text.splitlines())


def test_the_way_to_the_desk_is_told(
    theatre: Theatre, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the session, with the password of an account that is there; after it, the very session."""
    records = tmp_path / "records"
    recording = make_recording()
    recording.write(records)
    monkeypatch.setattr(Place, "records_of", lambda _place, _session: records)
    theatre.hear("code-shown", code="482-9137-7552")
    assert f"{DESK} as “reviewer”, password {place.reviewer_password.read_text()}" in " ".join(theatre.text.split())
    theatre.hear("receipt-written", path=f"/somewhere/receipt-{recording.session_id.hex()[:12]}.json")
    assert f"{DESK}#/sessions/{recording.session_id.hex()}\n" in theatre.text


def test_the_reviewer_is_added_to_an_older_practice(place: Place, tmp_path: Path) -> None:
    """And after a stop in the middle: the password that was told first is the one that counts."""
    older = Place(Path(shutil.copytree(place.folder, tmp_path / "older")))
    password = older.reviewer_password.read_text()
    older.reviewer_password.rename(older.reviewer_password.with_suffix(".part"))
    older.prepare()
    assert older.reviewer_password.read_text() == password


def test_other_events_need_no_answer(theatre: Theatre) -> None:
    """A newer agent may say more."""
    assert theatre.hear("something-new") is None


# ── the whole thing ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_the_pasted_line_to_a_clean_stop(place: Place) -> None:
    """What is printed can be pasted and is let in; servers that are killed come back; Ctrl-C ends all, and nothing
    listens any more."""
    environment = {**os.environ, "CONSENTRY_LANGUAGE": "en", "NO_COLOR": "1", "COLUMNS": "80"}
    port = int(place.facts["broker_origin"].rpartition(":")[2])
    running = subprocess.Popen(
        [sys.executable, "-m", "consentry", "practice", "--data", str(place.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    assert running.stdout is not None
    lines: queue.Queue[str] = queue.Queue()
    out = running.stdout

    def read() -> None:
        for line in out:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()

    def line_with(words: str) -> str:
        said = []
        while words not in (line := lines.get(timeout=PATIENCE_SECONDS)):
            said.append(line)
            assert line, f"practice ended by itself: {said}\n{place.log('broker').read_text()}"
        return line.strip()

    try:
        pasted = shlex.split(line_with("connect"))
        done = subprocess.run(
            [*pasted, "--json", "--no-shell"], capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)
        next(one for one in psutil.Process(running.pid).children() if "serve" in one.cmdline()).kill()
        line_with("have stopped by themselves")
        line_with("They run again")
    finally:
        running.send_signal(signal.SIGINT)
        status = running.wait(PATIENCE_SECONDS)
    assert status == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("localhost", port), timeout=1)


def test_a_closed_terminal_ends_all_of_it(place: Place) -> None:
    """Whoever closes the window has stopped it: no server goes on for ever, nor does the customer."""
    environment = {**os.environ, "CONSENTRY_LANGUAGE": "en", "NO_COLOR": "1"}
    with hearing_hangup():
        window = ptyprocess.PtyProcess.spawn(
            [sys.executable, "-m", "consentry", "practice", "--data", str(place.folder)], env=environment
        )
    said = b""
    while b"/console/" not in said:
        said += window.read()
    practice = psutil.Process(window.pid)
    started = practice.children(recursive=True)
    assert any("serve" in one.cmdline() for one in started)
    window.fileobj.close()
    window.wait()
    _, still_there = psutil.wait_procs(started, timeout=PATIENCE_SECONDS)
    assert not still_there
