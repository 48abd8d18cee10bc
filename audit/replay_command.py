"""`consentry audit replay`: plays a session's terminal in this one."""

import os
import sys
from dataclasses import replace
from typing import Annotated

import typer

from audit.command_line import (
    ChannelOption,
    KeyOption,
    RecordsOption,
    SessionArgument,
    command_wording,
    needed_keys,
    warn_if_broken,
)
from audit.index_commands import IndexOption, existing_index
from audit.vault.export import export_text
from audit.vault.library import find_session
from audit.vault.narrator import parse_clock
from audit.vault.reading import open_recording
from audit.vault.replay import Player, ReplayOptions, Source, WholeReading
from audit.vault.terminal_console import TerminalConsole
from audit.vault.transcript import find_text
from protocol.errors import InputError
from protocol.events import ROOM_CHANNEL
from wording import Wording


class TimeError(InputError):
    """Not a time."""

    sentence = "{text} is no time. Write seconds, or minutes and seconds: 90, 1:30, 0:01:30.5."


class NothingFoundError(InputError):
    """The search found nothing."""

    sentence = "{text} does not stand in this recording's terminal."


def replay(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    channel: ChannelOption = ROOM_CHANNEL,
    speed: Annotated[float, typer.Option("--speed", min=0.25, max=16, metavar="SPEED")] = 1.0,
    idle: Annotated[float, typer.Option("--idle", min=0, metavar="SECONDS")] = 2.0,
    start: Annotated[str, typer.Option("--from", metavar="TIME")] = "0",
    search: Annotated[str | None, typer.Option("--search", metavar="TEXT")] = None,
    index: IndexOption = None,
) -> None:
    wording = command_wording()
    start_ms = parse_clock(start)
    if start_ms is None:
        raise TimeError(text=start)
    recording, keys = find_session(records, session), needed_keys(key)
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    options = ReplayOptions(
        channel=channel,
        speed=speed,
        idle_limit_ms=round(idle * 1000) if idle else None,
        start_ms=start_ms,
        colours=not os.environ.get("NO_COLOR"),
    )
    indexed = existing_index(recording, records, keys, index) if is_terminal else None
    if indexed is not None:
        found_ms = tuple(indexed.find_text(search, channel)) if search else ()
        if search and not found_ms:
            raise NothingFoundError(text=search)
        _play(indexed, indexed.duration_ms, replace(options, finds_ms=found_ms), wording)
        return
    with open_recording(recording, keys) as opened:
        finds = tuple(find_text(opened.events(), search, channel)) if search else ()
        if search and not finds:
            raise NothingFoundError(text=search)
        if not is_terminal:
            for line in export_text(opened.events(), wording):
                typer.echo(line)
        else:
            source = WholeReading(opened.events)
            _play(source, opened.inspection.duration_ms, replace(options, finds_ms=finds), wording)
        warn_if_broken(opened, wording)


def _play(source: Source, duration_ms: int, options: ReplayOptions, wording: Wording) -> None:
    with TerminalConsole() as console:
        Player(source, duration_ms, options, console, wording).run()
