"""The command line as a whole: what it lists, how it loads, what it says when something goes wrong."""

import errno
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest
import typer
from typer.core import TyperArgument, TyperOption

from consentry.cli import COMMANDS, build, loaded_commands, run
from consentry.failures import Complaint, wants_colour
from consentry.help_texts import text_ids
from consentry.lazy_command import CommandSource, LazyCommand, PartNotInstalled
from protocol.errors import InputError, RefusedError
from tests.helpers.command_lines import check_command_line
from wording import LANGUAGES, Language, Wording

NOWHERE = "https://127.0.0.1:9/#AJ6E3tH5ypwg3KzIVfAr1_hpXa7A5hdMDybH8S3ISpc"
"""An address at which nobody listens."""


def consentry(*arguments: str, text_encoding: str = "utf-8", **environment: str) -> "subprocess.CompletedProcess[str]":
    """The real program, in an environment of its own."""
    return subprocess.run(
        [sys.executable, "-m", "consentry", *arguments],
        env={"PATH": os.environ["PATH"], "COLUMNS": "100", **environment},
        capture_output=True,
        encoding=text_encoding,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_lists_every_command_in_both_languages(language: Language) -> None:
    """`consentry` alone prints the help, with every command and an example, in the reader's language."""
    told = consentry("--help", CONSENTRY_LANGUAGE=language)
    assert told.returncode == 0
    for name in COMMANDS:
        assert name in told.stdout
    assert Wording(language).say("command").strip()[:12] in told.stdout
    assert "consentry practice" in told.stdout


def test_help_loads_no_role() -> None:
    """Listing the commands imports neither the broker nor a client: help is quick and works with parts missing."""
    code = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from consentry.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "bad = {'broker', 'agent_client', 'engineer_client', 'audit', 'tunnel', 'asyncssh', 'fastapi'}\n"
        "sys.exit(' '.join(sorted(bad & set(sys.modules))) or 0)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(
    ("line", "unneeded"),
    [
        (["--version"], {"fluent", "babel", "pydantic", "rich", "asyncio"}),
        (["share", NOWHERE, "--json", "--as-root"], {"fluent", "babel", "pydantic", "markdown_it"}),
        (["share", NOWHERE, "--no-page", "--as-root", "--only", "view"], {"pydantic", "markdown_it"}),
        (["connect", "482-9137-7551", "--reason", "why"], {"fluent", "babel", "pydantic", "rich", "asyncssh"}),
        (["verify", "receipt.json"], {"fluent", "babel", "pydantic", "rich", "asyncio"}),
    ],
)
def test_what_a_command_does_not_need_is_not_loaded(line: list[str], unneeded: set[str], tmp_path: Path) -> None:
    """A person waits for each package that is: help's sentences and what draws it, a library that checks values."""
    code = (
        "import sys\n"
        "from consentry.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('loaded:', *{name.partition('.')[0] for name in sys.modules})"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *line],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CONSENTRY_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    *_, loaded = told.stdout.splitlines()
    assert loaded.startswith("loaded:"), told.stderr
    assert unneeded & set(loaded.split()) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_help_and_examples(language: Language) -> None:
    """Each command says what it does, shows examples that begin with itself, and explains its options."""
    wording = Wording(language)
    missing = []
    for words, command in loaded_commands(build(wording)).items():
        message_id = "command-" + words.replace(" ", "-")
        if not wording.knows(message_id):
            missing.append(message_id)
        is_group = hasattr(command, "commands")
        if not is_group and not (
            wording.knows(f"{message_id}.examples") and f"consentry {words}" in wording.say(f"{message_id}.examples")
        ):
            missing.append(f"{message_id}.examples")
        for parameter in command.params:
            assert isinstance(parameter, TyperOption | TyperArgument)
            if not any(wording.knows(text_id) for text_id in text_ids(parameter, message_id)):
                missing.append(f"{message_id}.{parameter.name}")
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_in_help_is_taken(language: Language, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the command line as it is now: names, options and values. Nothing is run."""
    for name in ("CONSENTRY_RECORDS", "CONSENTRY_AUDIT_KEY", "CONSENTRY_DATA_FOLDER"):
        monkeypatch.setenv(name, str(tmp_path))
    wording = Wording(language)
    ids = ["command", *("command-" + words.replace(" ", "-") for words in loaded_commands(build(wording)))]
    lines = [
        line for one in ids if wording.knows(f"{one}.examples") for line in wording.say(f"{one}.examples").split("\n")
    ]
    examples = [found[1] for line in lines if (found := re.search(r"(?:^|\| )(consentry .*)", line))]
    assert len(examples) > 150
    for example in examples:
        check_command_line(example)


def test_help_is_never_cut(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """However narrow the window, and although Chinese has no blanks to break a line at."""
    monkeypatch.setenv("COLUMNS", "80")
    for name, command in loaded_commands(build(Wording("zh-CN"))).items():
        context = typer.Context(command, info_name=name)
        command.get_help(context)
        told = capsys.readouterr().out
        beneath = list(getattr(command, "commands", {}).values())
        texts = [command.help, command.epilog, *(one.help for one in [*command.params, *beneath])]
        of_our_own = sum((text or "").count("…") for text in texts) + command.collect_usage_pieces(context).count("…")
        assert told.count("…") <= of_our_own + bool(beneath), f"{name}:\n{told}"
        assert "[required]" not in told


def test_exit_statuses_of_a_commands_own_are_documented() -> None:
    """Whatever returns one says in its help what it means; the rest end as the whole says: 0, 1, 2, 130, 141."""
    wording = Wording("en")
    assert {"0:", "1:", "2:", "130:", "141:"} <= set(wording.say("command.exit-status").split())
    of_their_own = {
        words
        for words, command in loaded_commands(build(wording)).items()
        if command.callback is not None and get_type_hints(command.callback).get("return") is int
    }
    assert {"verify", "connect", "desk ask", "audit restore"} <= of_their_own
    assert [one for one in of_their_own if not wording.knows(f"command-{one.replace(' ', '-')}.exit-status")] == []


WITHOUT_JSON = {
    "complete", "rate", "end", "logout", "serve", "practice", "desk logout", "desk fetch", "desk export",
    "webhooks remove", "webhooks pause", "webhooks resume", "webhooks replay", "review mystery",
    "audit replay", "audit proof", "audit init", "audit connect", "audit witness", "audit export", "audit rate",
    "audit make-key", "audit key external", "audit key add",
    "audit user link", "audit user disable", "audit user enable", "audit user reset-password", "audit user totp",
    "audit user log-out",
    "admin user role", "admin user link", "admin user disable", "admin user enable", "admin user reset-password",
    "admin user totp", "admin user log-out",
    "admin team set", "admin team clear", "admin team rename", "admin audit-service remove",
}  # fmt: skip
"""They do something, and their status says whether it was done; or what they write is for programs as it is."""


def test_whatever_tells_facts_tells_them_to_programs_too() -> None:
    """With --json, by the same name everywhere."""
    without = {
        words
        for words, command in loaded_commands(build(Wording("en"))).items()
        if not hasattr(command, "commands") and not any("--json" in parameter.opts for parameter in command.params)
    }
    assert without == WITHOUT_JSON


def test_an_example_is_printed_as_it_is_to_be_typed() -> None:
    """No box, no markup, one line: it can be pasted."""
    told = consentry("connect", "--help")
    lines = [line.strip() for line in told.stdout.splitlines()]
    assert 'consentry connect 482-9137-7551 --reason "receipts never arrive" --ticket 8841' in lines


def test_a_wrong_option_is_one_sentence_and_exit_status_two() -> None:
    """What is wrong, and where to look it up; nothing on standard output."""
    told = consentry("connect", "--codee", "1")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "There is no option --codee. See: consentry connect --help\n"
    told = consentry("connect", CONSENTRY_LANGUAGE="zh-CN")
    assert told.returncode == 2
    assert told.stderr == "缺少“连接码”。请看：consentry connect --help\n"


def test_a_slip_in_the_code_is_told_before_anything_else(tmp_path: Path) -> None:
    """Without a login, without a network: the check digit is a matter for this machine alone."""
    told = consentry("connect", "482-9137-7553", CONSENTRY_HOME=str(tmp_path))
    assert told.returncode == 1
    assert told.stderr.startswith("One digit of the code is not right.")
    assert list(tmp_path.iterdir()) == []


def test_without_a_login_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    """In the reader's language."""
    for language, sentence in (("en", "consentry login"), ("zh-CN", "您尚未登录")):
        told = consentry("sessions", CONSENTRY_HOME=str(tmp_path), CONSENTRY_LANGUAGE=language)
        assert told.returncode == 1
        assert sentence in told.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_a_terminal_of_another_character_set_is_no_mistake_of_ours(encoding: str, tmp_path: Path) -> None:
    """What it cannot show is written as an escape, and the command goes on."""
    for language in LANGUAGES:
        told = consentry(
            "share", "--help", CONSENTRY_LANGUAGE=language, PYTHONIOENCODING=encoding, CONSENTRY_HOME=str(tmp_path),
            text_encoding=encoding,
        )  # fmt: skip
        assert (told.returncode, told.stderr) == (0, "")
        assert "consentry share https://support.example.org/" in told.stdout


def test_debug_adds_the_traceback(tmp_path: Path) -> None:
    """Only when asked for, as an option before the command or in the environment."""
    assert "Traceback" not in consentry("sessions", CONSENTRY_HOME=str(tmp_path)).stderr
    assert "Traceback" in consentry("--debug", "sessions", CONSENTRY_HOME=str(tmp_path)).stderr


def test_version() -> None:
    """One line, for scripts."""
    told = consentry("--version")
    assert told.stdout.startswith("consentry ")
    assert told.stdout.count("\n") == 1


def test_commands_are_completed(tmp_path: Path) -> None:
    """Tab completes commands without loading them, and options and sessions of the one that is named."""
    told = consentry(_CONSENTRY_COMPLETE="complete_bash", COMP_WORDS="consentry co", COMP_CWORD="1")
    assert told.stdout.split() == ["complete", "connect"]
    told = consentry(_CONSENTRY_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="consentry connect --tic")
    assert "--ticket" in told.stdout
    (tmp_path / "sessions" / "cs-482").mkdir(parents=True)
    told = consentry(
        _CONSENTRY_COMPLETE="complete_bash", COMP_WORDS="consentry end c", COMP_CWORD="2", CONSENTRY_HOME=str(tmp_path)
    )
    assert told.stdout.split() == ["cs-482"]


def test_a_missing_part_says_what_to_install() -> None:
    """A machine without the broker's packages still lists `serve`, and says how to get it."""
    source = CommandSource("consentry_no_such_part.commands", "serve", "broker", extra="broker")
    with pytest.raises(PartNotInstalled) as caught:
        LazyCommand("serve", source, Wording("en")).load()
    # By the Python that runs this: another one's pip would look for a package of that name elsewhere.
    assert f"{sys.executable} -m pip install 'consentry[broker]'" in str(caught.value)


def test_a_part_that_is_missed_while_a_command_runs_says_so_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`serve` imports the broker when it knows that it is wanted."""
    monkeypatch.delitem(sys.modules, "broker.config", raising=False)
    monkeypatch.setitem(sys.modules, "pydantic_settings", None)
    monkeypatch.setenv("CONSENTRY_LANGUAGE", "en")
    assert run(["serve"]) == 1
    assert "`consentry serve` needs parts that are not installed here (pydantic_settings)" in capsys.readouterr().err


def test_practice_misses_a_part_before_it_founds_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Where the servers' packages are missing it says how to get them, and leaves no folder behind."""
    monkeypatch.delitem(sys.modules, "broker.config", raising=False)
    monkeypatch.setitem(sys.modules, "pydantic_settings", None)
    monkeypatch.setenv("CONSENTRY_LANGUAGE", "en")
    assert run(["practice", "--data", str(tmp_path / "practice")]) == 1
    assert "`consentry practice` needs parts that are not installed here" in capsys.readouterr().err
    assert not (tmp_path / "practice").exists()


def test_a_mistake_of_ours_is_not_taken_for_a_missing_part() -> None:
    """A module of our own that does not exist is a mistake, and is reported as one."""
    with pytest.raises(ModuleNotFoundError):
        LazyCommand("serve", CommandSource("consentry.nowhere", "serve", "broker"), Wording("en")).load()


class _Refusal(RefusedError):
    sentence = "The broker refused: {reason}"


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (InputError(problem="x"), 1, "That input cannot be used: x."),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "The operating system refused: No space left on device."),
        (PermissionError(13, "Permission denied", "/x/y"), 1, "Permission denied (/x/y)"),
        (_Refusal(reason="No.", code="no-such-translation"), 1, "No."),
        (_Refusal(reason="a\x1b[2Jb", code=""), 1, "a\\x1b[2Jb"),
    ],
)
def test_each_kind_of_failure_is_one_sentence(error: BaseException, status: int, sentence: str) -> None:
    """Told without colour where nobody looks, and never with control characters of somebody else's."""
    stream = io.StringIO()
    complaint = Complaint(Wording("en"), stream, debug=False)
    with complaint:
        raise error
    assert complaint.exit_status == status
    assert sentence in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("rate", "receipt.json", "9"),
            "What was given for 'STARS' cannot be used: it must be 5 at most.",
        ),
        (("share",), "'ADDRESS' is missing. See: consentry share --help"),
        (("share", "--bogus"), "There is no option --bogus. See: consentry share --help"),
    ],
)
def test_what_was_typed_wrong_is_one_line(arguments: tuple[str, ...], told: str) -> None:
    """Which argument, why, and where it is explained; the status is the one of every wrong command line."""
    stream = io.StringIO()
    complaint = Complaint(Wording("en"), stream, debug=False)
    with complaint:
        build(Wording("en")).main(list(arguments), prog_name="consentry", standalone_mode=False)
    assert complaint.exit_status == 2
    assert told in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


def _break_off() -> None:
    raise KeyboardInterrupt


def _break_off_a_question() -> None:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        raise typer.Abort from None  # as typer.prompt does


@pytest.mark.parametrize("command", [_break_off, _break_off_a_question])
def test_ctrl_c_is_one_line_and_status_130(
    command: Callable[[], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it is pressed, in a question too: a script tells it from a command that failed."""
    monkeypatch.setattr("consentry.verify.verify", command)
    assert run(["verify"]) == 130
    assert capsys.readouterr() == ("", "Interrupted.\n")


def test_a_reader_who_has_read_enough_ends_it_quietly() -> None:
    """`consentry … | head` says nothing on standard error, and has the status of a program that SIGPIPE ended."""
    reading, writing = os.pipe()
    os.close(reading)
    told = subprocess.run(
        [sys.executable, "-m", "consentry", "--version"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (told.returncode, told.stderr) == (141, b"")


def test_another_programs_refusal_is_translated_by_its_code() -> None:
    """The broker speaks English; a reader of Chinese gets the catalogue's sentence for the code."""
    stream = io.StringIO()
    with Complaint(Wording("zh-CN"), stream, debug=False):
        raise _Refusal(reason="The code has expired.", code="code-expired")
    assert stream.getvalue() == Wording("zh-CN").say("error-code-expired") + "\n"


def test_a_mistake_of_ours_is_not_swallowed() -> None:
    """What nobody raised on purpose goes on to the last resort."""
    with pytest.raises(ZeroDivisionError), Complaint(Wording("en"), io.StringIO(), debug=False):
        raise ZeroDivisionError


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR and dumb terminals are respected; a pipe gets none."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour(_Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not wants_colour(_Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(_Terminal())
