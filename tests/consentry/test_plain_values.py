"""Values of a command line that are taken without pydantic: the same ones that Typer would give."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from consentry.plain_values import take_plain_values


class Fruit(StrEnum):
    APPLE = "apple"
    PEAR = "pear"


def _command(taken: list[dict[str, Any]]) -> TyperCommand:
    """One with a parameter of every kind that ours have."""
    application = typer.Typer(add_completion=False)

    @application.command()
    def eat(
        text: str,
        words: Annotated[list[str] | None, typer.Argument()] = None,
        file: Path | None = None,
        beside: Annotated[Path, typer.Option(exists=True)] = Path("/"),
        from_variable: Annotated[Path | None, typer.Option(envvar="EATEN_AT")] = None,
        fruit: Fruit = Fruit.PEAR,
        fruits: Annotated[list[Fruit] | None, typer.Option("--fruits")] = None,
        way: Literal["raw", "cooked"] = "raw",
        count: Annotated[int, typer.Option(min=1, max=9)] = 3,
        salt: bool = False,
    ) -> None:
        taken.append(dict(locals()) | {"taken": None})

    command = typer.main.get_command(application)
    assert isinstance(command, TyperCommand)
    return command


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "x y z --salt",
        "x --file {folder}/none --fruit apple --way cooked",
        "x --file {folder} --fruits pear --fruits apple",
        "x --count 9 --beside {folder}",
        "",
        "x --fruit melon",
        "x --fruits apple --fruits Pear",
        "x --way RAW",
        "x --count 10",
        "x --count three",
        "x --beside {folder}/none",
        "x --file ''",
    ],
)
def test_a_value_is_what_typer_makes_of_it(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every kind, given or left out, right or wrong: the same value, or the same complaint."""
    monkeypatch.setenv("EATEN_AT", str(tmp_path))
    words = ["" if word == "''" else word.format(folder=tmp_path) for word in line.split()]
    told = []
    for plain in (True, False):
        taken: list[dict[str, Any]] = []
        command = _command(taken)
        if plain:
            take_plain_values(command)
        try:
            command.main(words, prog_name="eat", standalone_mode=False)
            told.append(taken)
        except TyperException as error:
            told.append([{"complaint": type(error).__name__, "said": error.format_message()}])
    assert told[0] == told[1]
    assert [type(value) for value in told[0][0].values()] == [type(value) for value in told[1][0].values()]
