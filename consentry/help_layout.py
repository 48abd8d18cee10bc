"""Draws a command's help with Typer, in the reader's words and with lines that break where the script allows it.

Typer and Rich have words and habits of their own and no place where they could be told of others: they are changed
here, for as long as one help is drawn.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup

from consentry.completion import COMPLETING
from wording import Wording


def lay_out(command: TyperCommand | TyperGroup, wording: Wording, put_texts: Callable[[], None]) -> None:
    """From now on, `command` draws its help this way, and has its texts put on it before it tells any of them."""

    def format_usage(ctx: Any, formatter: Any) -> None:
        usage = f"{wording.say('command-panel.usage')} "
        formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix=usage)

    complete = command.shell_complete

    def shell_complete(ctx: Any, incomplete: str) -> Any:
        if not os.environ.get(COMPLETING, "").endswith("_bash"):  # which shows names alone
            put_texts()
        return complete(ctx, incomplete)

    command.format_usage = format_usage  # type: ignore[method-assign]  # Typer has no place for it
    command.format_help = _in_words_of(wording, put_texts, command.format_help)  # type: ignore[assignment,method-assign]  # nor for this
    command.shell_complete = shell_complete  # type: ignore[method-assign]  # nor for this


def _in_words_of(
    wording: Wording, put_texts: Callable[[], None], format_help: Callable[[Any, Any], None]
) -> Callable[[Any, Any], None]:
    def formatted(ctx: Any, formatter: Any) -> None:
        import rich.text
        from rich.table import Table
        from rich.text import Text
        from typer import rich_utils  # with Rich, for which nobody pays who asks for no help

        put_texts()
        usage = wording.say("command-panel.usage")

        class Folding(Table):
            def add_column(self, *header: Any, **how: Any) -> None:
                super().add_column(*header, **{"overflow": "fold", **how})

            def add_row(self, *cells: Any, **how: Any) -> None:
                while len(self.columns) < len(cells):
                    self.add_column()
                super().add_row(*cells, **how)

        class Highlighter(rich_utils.OptionHighlighter):
            highlights: ClassVar = [*rich_utils.OptionHighlighter.highlights, rf"(?P<usage>^{re.escape(usage)})"]

        words = {
            "Table": Folding,
            "Columns": lambda parts: Text(" ", overflow="fold").join(parts),
            "REQUIRED_LONG_STRING": f"[{wording.say('command-panel.required')}]",
            "DEFAULT_STRING": f"[{wording.say('command-panel.default', value='{}')}]",
            "ENVVAR_STRING": f"[{wording.say('command-panel.variable', name='{}')}]",
            "highlighter": Highlighter(),
        }
        with _changed(rich_utils, words), _changed(rich.text, {"divide_line": _line_ends}):
            format_help(ctx, formatter)

    return formatted


def _line_ends(text: str, width: int, fold: bool = True) -> list[int]:  # noqa: ARG001 - as Rich calls it
    """In place of Rich's own, which takes a Chinese clause for one long word and cuts it anywhere."""
    from wording.line_breaks import broken

    return list(accumulate(len(line) for line in broken(text, width)))[:-1]


@contextmanager
def _changed(module: Any, values: dict[str, Any]) -> Iterator[None]:
    before = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)
