"""`consentry audit search`, `commands`, `tail`: what the index is for, on the command line.

Without an audit service the indexes lie beside the records and are brought up to date when they are asked for.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from audit.command_line import (
    ChannelOption,
    JsonOption,
    KeyOption,
    RecordsOption,
    SessionArgument,
    command_wording,
    needed_keys,
    print_json,
    unix_ms_of,
)
from audit.replay_index.entries import Kind, entry_fields
from audit.replay_index.index_files import KEYS_FOLDER
from audit.replay_index.keys import IndexKeys
from audit.replay_index.refreshing import IndexRefresher
from audit.replay_index.session_index import NotIndexedError, SessionIndex
from audit.replay_index.words import Query, parse_query
from audit.search.searching import HITS_PER_PAGE, Cursor, Hit, Narrowing, Searcher
from audit.search.snippets import snippet
from audit.session_files import RECORDS_FILE
from audit.vault.export import event_fields, export_text
from audit.vault.following import RecordingFollower
from audit.vault.library import Recording, find_session
from audit.vault.live_view import follow_events, watch
from audit.vault.narrator import clock_text
from audit.vault.recipient_key import RecipientKey
from audit.vault.terminal_console import TerminalConsole
from protocol.calendar_time import time_text
from protocol.errors import InputError
from protocol.events import ROOM_CHANNEL
from wording import Wording, safe_text

IndexOption = Annotated[Path | None, typer.Option("--index", envvar="CONSENTRY_INDEX", metavar="DIR")]


class PageError(InputError):
    """Not a place in a search."""

    sentence = "{text} is no place to go on from. Copy it from where the last page ended."


class FolderNeededError(InputError):
    """Segments are several files."""

    sentence = "Segments are several files. Name a folder for them with --output DIR."


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS")],
    records: RecordsOption,
    key: KeyOption = None,
    engineer: Annotated[str, typer.Option("--engineer", metavar="NAME")] = "",
    customer: Annotated[str, typer.Option("--customer", metavar="NAME")] = "",
    since: Annotated[str | None, typer.Option("--from", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE")] = None,
    mark: Annotated[str, typer.Option("--mark", metavar="MARK")] = "",
    kind: Annotated[list[Kind] | None, typer.Option("--kind")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="COUNT")] = HITS_PER_PAGE,
    after: Annotated[str | None, typer.Option("--after", metavar="PLACE")] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, keys = command_wording(), needed_keys(key)
    query = parse_query(" ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words))
    narrowing = Narrowing(
        engineer=engineer,
        customer=customer,
        from_ms=unix_ms_of(since),
        until_ms=unix_ms_of(until),
        mark=mark,
        kinds=frozenset(kind or ()),
    )
    folder = index_folder(records, index)
    index_keys = IndexKeys.open(folder / KEYS_FOLDER, keys)
    refresher = IndexRefresher(records, folder, keys, index_keys)
    _refresh(refresher, refresher.stale(), wording)
    page = Searcher(folder, index_keys).search(query, narrowing, limit=limit, after=_cursor(after))
    for hit in page.hits:
        if as_json:
            print_json(_hit_fields(hit))
        else:
            typer.echo(_hit_line(hit, query))
    if not page.hits and page.next is None:
        typer.echo(wording.say("audit-search-nothing", words=" ".join(words)), err=True)
    for session_id in page.more_in:
        typer.echo(wording.say("audit-search-more-in", session=session_id.hex()[:12]), err=True)
    if page.next is not None:
        typer.echo(
            wording.say("audit-search-next", date=time_text(page.next.started_at_ms), place=page.next.text()), err=True
        )


def commands(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    wording = command_wording()
    recording = find_session(records, session)
    found = open_index(recording, records, needed_keys(key), index, wording).commands()
    for entry in found:
        if as_json:
            print_json(entry_fields(entry))
        else:
            source = wording.say(f"audit-command-source.{entry.source}")
            typer.echo(f"{clock_text(entry.t_ms):>9}  {source:<9}  {safe_text(entry.text)}")
    if not found and not as_json:
        typer.echo(wording.say("audit-commands-none"), err=True)


def tail(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    channel: ChannelOption = ROOM_CHANNEL,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, keys = command_wording(), needed_keys(key)
    recording = find_session(records, session)
    follower = RecordingFollower(recording, keys)
    try:
        if as_json:
            for event in follow_events(follower, time.sleep):
                print_json(event_fields(event))
                sys.stdout.flush()
        elif not (sys.stdin.isatty() and sys.stdout.isatty()):
            for line in export_text(follow_events(follower, time.sleep), wording):
                typer.echo(line)
        else:
            opened = open_index(recording, records, keys, index, wording)
            moment = opened.at(opened.duration_ms, channel)
            with TerminalConsole() as console:
                colours = not os.environ.get("NO_COLOR")
                watch(follower, moment, console, wording, first=opened.next_seq, channel=channel, colours=colours)
    finally:
        follower.close()


# ── the index, for these and other commands ──


def index_folder(records: Path, index: Path | None) -> Path:
    """Beside the records, if nothing else is said."""
    return index or records.absolute().parent / "audit_index"


def open_index(
    recording: Recording, records: Path, keys: Sequence[RecipientKey], index: Path | None, wording: Wording
) -> SessionIndex:
    """One session's index, up to date. Raises NotIndexedError where nothing could be indexed, and why is told."""
    folder = index_folder(records, index)
    index_keys = IndexKeys.open(folder / KEYS_FOLDER, keys)
    refresher = IndexRefresher(records, folder, keys, index_keys)
    if refresher.is_stale(recording):
        _refresh(refresher, [recording], wording)
    return SessionIndex.open(folder, recording.session_id, index_keys)


def existing_index(
    recording: Recording, records: Path, keys: Sequence[RecipientKey], index: Path | None
) -> SessionIndex | None:
    """One session's index if there is one and it lacks nothing; nothing is made."""
    folder = index_folder(records, index)
    if not (folder / KEYS_FOLDER).is_dir():
        return None
    index_keys = IndexKeys.open(folder / KEYS_FOLDER, keys)
    if IndexRefresher(records, folder, keys, index_keys).is_stale(recording):
        return None
    try:
        return SessionIndex.open(folder, recording.session_id, index_keys)
    except NotIndexedError:
        return None


def _refresh(refresher: IndexRefresher, recordings: Sequence[Recording], wording: Wording) -> None:
    """With a bar, for a first time may take minutes; without one where nobody looks or there is nothing to do."""
    if not recordings:
        return
    sizes = sum((recording.folder / RECORDS_FILE).stat().st_size for recording in recordings if _has_file(recording))
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(wording.say("audit-index-building", count=len(recordings)), total=sizes)
        for refreshed in refresher.refresh(recordings, lambda size: bar.advance(task, size)):
            if refreshed.problem is not None:
                session = refreshed.session_id.hex()[:12]
                problem = wording.say_error(refreshed.problem)
                bar.console.print(
                    wording.say("audit-index-problem", session=session, problem=problem), highlight=False, markup=False
                )


def _has_file(recording: Recording) -> bool:
    return (recording.folder / RECORDS_FILE).is_file()


def _cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    cursor = Cursor.parse(text)
    if cursor is None:
        raise PageError(text=text)
    return cursor


def _hit_line(hit: Hit, query: Query) -> str:
    who = hit.facts.engineers[0][0] if hit.facts.engineers else "–"
    session, at = hit.facts.session_id.hex()[:12], clock_text(hit.entry.t_ms)
    text = safe_text(snippet(hit.entry.text, query))
    return f"{session}  {time_text(hit.unix_ms)}  {at:>9}  {hit.entry.kind:<8}  {safe_text(who)}  {text}"


def _hit_fields(hit: Hit) -> dict[str, Any]:
    return {
        "session_id": hit.facts.session_id.hex(),
        "at_ms": hit.unix_ms,
        "engineers": [name for name, _ in hit.facts.engineers],
        "customer": hit.facts.customer,
        "ticket": hit.facts.ticket,
    } | entry_fields(hit.entry)
