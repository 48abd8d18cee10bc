"""Help, usage errors and completion: every word of them is the catalogue's, in every command of every role."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperArgument, TyperOption

from consentry.cli import build, loaded_commands
from consentry.failures import Complaint
from consentry.help_texts import choices_of
from wording import LANGUAGES, Language, Wording

SAID = "\u4e00"
"""What the language of these tests says for everything."""


class OneWord(Wording):
    """A language with one word, which is in no other: what else is to be read does not come from a catalogue."""

    def __init__(self) -> None:
        super().__init__("zh-CN")

    def say(self, message_id: str, **fields: object) -> str:
        super().say(message_id, **fields)  # it has to exist
        return " ".join([SAID, *(str(value) for value in fields.values())])


def names_in(command: object, words: str) -> set[str]:
    """What is typed as it stands, in any language: the command, its options, their values, variables, and defaults."""
    names = {"consentry", *words.split(), *(getattr(command, "commands", {}))}
    for parameter in getattr(command, "params", []):
        assert isinstance(parameter, TyperOption | TyperArgument)
        names |= {*parameter.opts, *parameter.secondary_opts, str(parameter.envvar), str(parameter.default)}
        names |= {str(choice) for choice in parameter.type_descriptor.choices or ()}
        names |= set((parameter.metavar or "").split("|"))
    return names | {"-h", "--help", "no-shell", "ssh-config", "shell"}


def test_help_has_no_word_of_its_own(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a heading nor a placeholder nor a mark such as "required" is Typer's English."""
    monkeypatch.setenv("COLUMNS", "300")
    root = build(OneWord())
    strange = {}
    for words, command in {"": root, **loaded_commands(root)}.items():
        command.get_help(typer.Context(command, info_name=words or "consentry"))
        told = capsys.readouterr().out
        for name in sorted(names_in(command, words), key=len, reverse=True):
            told = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "", told)
        if left := set(re.findall(r"[A-Za-z<>][\w<>\[\]]*", re.sub(r"[\d.<=]*x[\d.<>=]+", "", told))):
            strange[words] = left
    assert strange == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_option_says_what_is_wanted_behind_it(language: Language) -> None:
    """`FILE`, `CODE`, the words that are possible: never the program's own type, such as `<str>` or `<list[Path]>`."""
    for words, command in loaded_commands(build(Wording(language))).items():
        context = typer.Context(command, info_name=words)
        command.get_help(context)  # the words are put on it when somebody wants to read them
        for parameter in command.params:
            assert isinstance(parameter, TyperOption | TyperArgument)
            placeholder = parameter.display_type_rich(ctx=context) or ""
            assert "<" not in placeholder, (words, parameter.name)
            if isinstance(parameter, TyperOption) and not parameter.is_flag:
                assert placeholder.strip(), (words, parameter.name)


def test_values_stay_whole_in_a_window_of_80_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of them is broken behind the mark between two: `root` does not become `r` and `oot`."""
    monkeypatch.setenv("COLUMNS", "80")
    cut = set()
    for words, command in loaded_commands(build(OneWord())).items():
        command.get_help(typer.Context(command, info_name=words))
        told = capsys.readouterr().out
        for parameter in command.params:
            assert isinstance(parameter, TyperOption | TyperArgument)
            values = [value for value in choices_of(parameter) if len(value) < 12]
            cut |= {(words, value) for value in values if not re.search(rf"(?<![^|\s]){re.escape(value)}[|\s]", told)}
    assert cut == set()


MISTAKES = {  # what was typed: what else may be said in Latin script
    "conect": "conect connect",
    "queue foo bar": "foo bar",
    "queue --take": "--take",
    "queue --take x": "--take",
    "queue --take 0": "--take",
    "queue --json=1": "--json",
    "connect --scop x": "--scop --scope",
    "connect -x": "-x",
    "connect": "",
    "share --folder": "--folder",
    "desk retention abc foo": "standard, short, pci",
    "audit export x --records . --format z": "--format asciicast, text, jsonl, segments",
    "admin user ad": "ad add",
    "tokens make n": "--may",
    "serve --port a": "--port",
    "rate receipt.json 9": "",
    "--bogus": "--bogus",
    "audit -- ": "",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_wrong_command_line_is_told_in_chinese(line: str) -> None:
    """Besides what was typed, what could have been meant, and the command that explains it, no word is English."""
    told = io.StringIO()
    complaint = Complaint(Wording("zh-CN"), told, debug=False)
    with complaint:
        build(Wording("zh-CN")).main(line.split(), prog_name="consentry", standalone_mode=False)
    assert complaint.exit_status == 2
    typed = {*line.replace("=", " ").split(), *MISTAKES[line].replace(",", "").split(), "consentry", "--help"}
    assert set(re.findall(r"[A-Za-z-][\w-]*", told.getvalue())) <= typed
    assert len(told.getvalue().splitlines()) <= 1
    assert MISTAKES[line].split(", ")[-1].split(" ")[-1] in told.getvalue()


def test_what_was_meant_is_offered_in_english_too() -> None:
    """A slip of a letter, in a command and in an option."""
    for line, said in (
        ("conect", "There is no command 'conect'. Did you mean: connect? See: consentry --help\n"),
        ("connect --scop x", "There is no option --scop. Did you mean: --scope? See: consentry connect --help\n"),
    ):
        told = io.StringIO()
        with Complaint(Wording("en"), told, debug=False):
            build(Wording("en")).main(line.split(), prog_name="consentry", standalone_mode=False)
        assert told.getvalue() == said


def completed(tmp_path: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "consentry"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "40", **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_completion_explains_in_the_readers_language_on_one_line_each(tmp_path: Path) -> None:
    """However wide the terminal is: a shell takes a new line for the next word."""
    for language in LANGUAGES:
        told = completed(
            tmp_path,
            _CONSENTRY_COMPLETE="complete_fish",
            _TYPER_COMPLETE_ARGS="consentry ",
            _TYPER_COMPLETE_FISH_ACTION="get-args",
            CONSENTRY_LANGUAGE=language,
        ).stdout.splitlines()
        assert f"share\t{Wording(language).say('command-share')}" in told
        assert all("\t" in line for line in told)


def test_without_a_known_shell_completion_says_which_it_is_for(tmp_path: Path) -> None:
    """Started by a program, as here: one sentence, in the reader's language."""
    code = (
        "import shellingham, sys; shellingham.detect_shell = lambda: ('sh', 'sh')\n"
        "from consentry.cli import run; sys.exit(run(['--install-completion']))"
    )
    for language, said in (("en", "Completion is for bash, zsh, fish"), ("zh-CN", "自动补全适用于 bash, zsh, fish")):
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CONSENTRY_LANGUAGE": language},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (told.returncode, told.stdout) == (1, "")
        assert told.stderr.startswith(said)
    assert list(tmp_path.iterdir()) == []
