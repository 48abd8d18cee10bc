"""`consentry audit search`, `commands`, `tail` and segments, as a person or a script uses them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.replay_index.erasing import erase_index
from audit.replay_index.keys import IndexKeys
from audit.vault.keys import load_audit_key
from protocol.events import InputHidden, TerminalOutput
from tests.helpers.indexes import session_of
from tests.helpers.recordings import SealedRecording, make_session

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(tmp_path: Path, recording: SealedRecording) -> SealedRecording:
    """A second session, in which somebody typed."""
    session = make_session(keys=recording.keys, session_id=b"\x22" * 16)
    made = session_of(
        [
            [TerminalOutput(6000, 0, b"shop@till:~$ ")],
            [InputHidden(7000, 0, 1, 1), TerminalOutput(7100, 0, b"systemctl restart nginx\r\n")],
            [TerminalOutput(9000, 0, "需要重启服务\r\n".encode())],
        ],
        session=session,
    )
    made.write(tmp_path / "records")
    return made


def test_search_finds_words_and_says_where(audit: Run, typed: SealedRecording) -> None:
    """A line for people, an object for programs, and a word when there is nothing."""
    status, out, _ = audit("search", "重启")
    assert status == 0
    assert out.startswith("222222222222")
    assert "00:09.0  output    Mei Example  需要重启服务" in out
    _, out, _ = audit("search", "restart nginx", "--kind", "command", "--json")
    found = json.loads(out)
    assert (found["session_id"], found["t_ms"], found["source"]) == (typed.session_id.hex(), 7100, "prompt")
    status, out, err = audit("search", "nowhere")
    assert (status, out) == (0, "")
    assert "Nothing holds nowhere." in err


def test_a_search_can_be_narrowed_and_continued(audit: Run, typed: SealedRecording) -> None:
    """By people and time; a page says how to go on."""
    assert audit("search", "nginx", "--engineer", "nobody")[1] == ""
    assert audit("search", "nginx", "--from", "2030-01-01")[1] == ""
    assert audit("search", "nginx", "--to", "2030-01-01T12:00")[1] != ""
    _, out, err = audit("search", "receipts", "--limit", "1")
    place = err.split("--after ")[1].split()[0]
    _, rest, err = audit("search", "receipts", "--after", place)
    assert out.split()[0] != rest.split()[0]
    assert "--after" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", "--", "--"), "holds no word"),
        (("search", "x", "--from", "yesterday"), "yesterday is no date"),
        (("search", "x", "--after", "there"), "no place to go on from"),
        (("export", "1111", "--format", "segments"), "--output DIR"),
    ],
)
def test_mistakes_are_said_in_one_sentence(audit: Run, arguments: tuple[str, ...], said: str) -> None:
    """What was wrong, and what to do."""
    status, _, err = audit(*arguments)
    assert status != 0
    assert said in err


def test_commands_lists_what_was_typed_and_how_it_is_known(audit: Run, typed: SealedRecording) -> None:
    """Guesses are called guesses; what ran beside the terminal is recorded."""
    assert audit("commands", "22")[1].split(maxsplit=2)[1:] == ["guessed", "systemctl restart nginx\n"]
    sources = [json.loads(line)["source"] for line in audit("commands", "1111", "--json")[1].splitlines()]
    assert sources == ["prompt", "recorded"]


def test_tail_of_a_finished_session_tells_it_and_ends(audit: Run, typed: SealedRecording) -> None:
    """As text, or as every event."""
    _, out, _ = audit("tail", "22")
    assert "systemctl restart nginx" in out
    _, out, _ = audit("tail", "22", "--json")
    assert json.loads(out.splitlines()[-1])["kind"] == "closing"


def test_segments_are_written_into_a_folder(audit: Run, recording: SealedRecording, tmp_path: Path) -> None:
    """The index names every file that is there."""
    folder = tmp_path / "segments"
    assert audit("export", "1111", "--format", "segments", "--output", str(folder))[0] == 0
    contents = json.loads((folder / "index.json").read_text())
    assert {segment["url"] for segment in contents["segments"]} == {path.name for path in folder.glob("segment-*")}


def test_an_erased_session_stays_out_of_the_index(audit: Run, typed: SealedRecording, tmp_path: Path) -> None:
    """Although its records are still there."""
    assert audit("search", "重启")[1] != ""
    keys = IndexKeys.open(tmp_path / "audit_index" / "keys", [load_audit_key(tmp_path / "audit.key")])
    erase_index(tmp_path / "audit_index", typed.session_id, keys)
    assert audit("search", "重启")[1] == ""
    status, _, err = audit("commands", "22")
    assert status != 0
    assert "was erased" in err


def test_what_cannot_be_indexed_is_said(audit: Run, typed: SealedRecording, tmp_path: Path) -> None:
    """The rest is searched all the same."""
    (tmp_path / "records" / typed.session_id.hex() / "opening.msgpack").unlink()
    _, out, err = audit("search", "receipts")
    assert out.startswith("111111111111")
    assert "Session 222222222222 is not in the index" in err


def test_replay_finds_a_text_in_the_index_and_reads_no_recording(
    audit: Run, recording: SealedRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of words, large or small, at the moments at which a whole reading finds them."""
    played: list[tuple[int, ...]] = []
    monkeypatch.setattr(
        "audit.replay_command._play", lambda _source, _ms, options, _wording: played.append(options.finds_ms)
    )
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    session = recording.session_id.hex()
    assert audit("replay", session, "--search", "ISK FUL")[0] == 0
    assert audit("commands", session)[0] == 0  # makes the index

    def reads(*_: object) -> None:
        raise AssertionError("the recording was read")

    monkeypatch.setattr("audit.commands.open_recording", reads)
    assert audit("replay", session, "--search", "ISK FUL")[0] == 0
    assert played[0] == played[1] != ()
    status, _, error = audit("replay", session, "--search", "not there")
    assert (status, "not there does not stand" in error) == (1, True)
