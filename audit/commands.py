"""`consentry audit …`: the vault on the command line.

Thin: read the command line, call the vault, print. Help and examples are in `wording/`, under the command's name.
`--records` is the broker's records folder or a copy of it, `--key` an audit key file; list and verify do without one.
"""

import base64
import getpass
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from audit import index_commands, mark_commands, proof_commands
from audit.command_line import (
    ChannelOption,
    JsonOption,
    KeyOption,
    RecordsOption,
    SessionArgument,
    ask_passphrase,
    command_wording,
    load_keys,
    needed_keys,
    print_json,
    time_text,
)
from audit.index_commands import FolderNeededError, IndexOption, existing_index, open_index
from audit.replay_index.segments import INDEX_NAME, SegmentedRecording
from audit.replay_index.session_index import SessionIndex
from audit.service_commands import add_commands
from audit.siem.outlets import open_outlet
from audit.siem.shipper import Shipper
from audit.vault import qa_ratings
from audit.vault.export import event_fields, export_asciicast, export_jsonl, export_text
from audit.vault.facts import gather_facts
from audit.vault.keys import make_audit_key
from audit.vault.library import Listing, find_session, list_sessions
from audit.vault.narrator import parse_clock
from audit.vault.reading import OpenRecording, open_recording
from audit.vault.replay import Player, ReplayOptions, Source, WholeReading
from audit.vault.terminal_console import TerminalConsole
from audit.vault.transcript import find_text
from audit.vault.verify import Outcome, verify_recording
from protocol.errors import InputError
from protocol.events import ROOM_CHANNEL
from protocol.profile import encode_recipient
from wording import Wording, safe_text

app = typer.Typer(no_args_is_help=True)
app.command()(index_commands.search)
app.command()(index_commands.commands)
app.command()(index_commands.tail)
app.command()(mark_commands.marks)
app.command()(proof_commands.proof)
add_commands(app)


_MARKS = {Outcome.OK: "✓", Outcome.FAILED: "✗", Outcome.REMARK: "!", Outcome.UNCHECKED: "–"}


class TimeError(InputError):
    """Not a time."""

    sentence = "{text} is no time. Write seconds, or minutes and seconds: 90, 1:30, 0:01:30.5."


class NothingFoundError(InputError):
    """The search found nothing."""

    sentence = "{text} does not stand in this recording's terminal."


class CaKeyError(InputError):
    """Not an engineer CA's public key."""

    sentence = (
        "The engineer CA's key must be given as the profile writes it (engineer_ca_key), or in hexadecimal digits."
    )


@app.command("make-key")
def make_key(
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    suite: Annotated[Literal["x-wing", "x25519"], typer.Option("--suite")] = "x-wing",
    passphrase: Annotated[bool, typer.Option("--passphrase")] = False,
) -> None:
    secret = ask_passphrase(command_wording(), confirm=True) if passphrase else None
    recipient = make_audit_key(path, suite=suite, passphrase=secret)
    sys.stdout.write(encode_recipient(recipient).decode())
    typer.echo(command_wording().say("audit-key-made", path=path), err=True)


@app.command("witness")
def witness(
    log_key: Annotated[list[str], typer.Option("--log", metavar="VKEY")],
    data: Annotated[Path, typer.Option("--data", metavar="DIR")],
    name: Annotated[str, typer.Option("--name")],
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT")] = "127.0.0.1:8450",
) -> int:
    from audit.witness.serving import serve_witness  # brings a web server along

    say = command_wording().say
    return serve_witness(data, name, log_key, listen, say=lambda vkey: typer.echo(say("audit-witness-key", vkey=vkey)))


@app.command("list")
def list_(records: RecordsOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    wording = command_wording()
    listings = list_sessions(records, load_keys(key), qa_ratings.now_ms())
    if as_json:
        for listing in listings:
            print_json(_listing_fields(listing))
        return
    found = list(listings)
    for listing in found:
        typer.echo(_listing_line(listing, wording))
    if not found:
        typer.echo(wording.say("audit-list-empty"), err=True)


@app.command()
def show(session: SessionArgument, records: RecordsOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    wording = command_wording()
    recording = find_session(records, session)
    opinions = qa_ratings.newest_by_reviewer(
        qa_ratings.read_ratings(qa_ratings.ratings_file(records)), recording.session_id
    )
    with open_recording(recording, needed_keys(key)) as opened:
        facts = gather_facts(opened.records())
        if as_json:
            print_json(
                {
                    "session_id": recording.session_id.hex(),
                    "manifest": msgspec.to_builtins(facts.manifest),
                    "final": msgspec.to_builtins(facts.final),
                    "rating": msgspec.to_builtins(recording.rating),
                    "reviews": msgspec.to_builtins(opinions),
                    "whole": opened.is_whole,
                }
            )
            return
        if facts.manifest is not None:
            who = facts.manifest.engineer
            typer.echo(
                wording.say(
                    "audit-show-head",
                    session=recording.session_id.hex(),
                    started=time_text(facts.manifest.started_at_ms),
                    name=who.name,
                    number=who.staff_number,
                    organisation=facts.manifest.organisation,
                    reason=facts.manifest.reason,
                    ticket=facts.manifest.ticket or "–",
                    user=facts.manifest.user_name,
                    host=facts.manifest.host_label,
                )
            )
        for line in export_text((e for e in opened.events() if not _is_terminal(e)), wording):
            typer.echo(line)
    if recording.rating is not None:
        given = recording.rating.rating
        typer.echo(wording.say("audit-show-rating", stars=given.stars, comment=given.comment))
    for opinion in opinions:
        said = {"reviewer": opinion.reviewer, "stars": opinion.stars, "comment": opinion.comment}
        typer.echo(wording.say("audit-show-review", **said))
    _warn_if_broken(opened, wording)


@app.command()
def verify(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    ca: Annotated[str | None, typer.Option("--ca", envvar="CONSENTRY_ENGINEER_CA", metavar="KEY")] = None,
    as_json: JsonOption = False,
) -> int:
    wording = command_wording()
    recording = find_session(records, session)
    report = verify_recording(recording, load_keys(key), ca_key=_ca_key(ca), now_ms=qa_ratings.now_ms())
    lines = [
        {
            "check": check.name,
            "outcome": str(check.outcome),
            "fields": check.fields,
            "sentence": wording.say(f"audit-check-{check.name}.{check.outcome}", **check.fields),
        }
        for check in report.checks
    ]
    if as_json:
        fault = msgspec.to_builtins(report.fault) if report.fault else None
        state = str(report.state)
        session_id = report.session_id.hex()
        print_json({"session_id": session_id, "intact": report.intact, "state": state, "fault": fault, "checks": lines})
    else:
        for check, line in zip(report.checks, lines, strict=True):
            typer.echo(f"{_MARKS[check.outcome]} {line['sentence']}")
        typer.echo(wording.say(f"audit-verdict.{report.verdict}"))
    return 0 if report.intact else 1


@app.command()
def replay(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    channel: ChannelOption = ROOM_CHANNEL,
    speed: Annotated[float, typer.Option("--speed", min=0.25, max=16)] = 1.0,
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
        _warn_if_broken(opened, wording)


@app.command()
def export(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    format_: Annotated[Literal["asciicast", "text", "jsonl", "segments"], typer.Option("--format")] = "asciicast",
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE")] = None,
    channel: ChannelOption = ROOM_CHANNEL,
    raw: Annotated[bool, typer.Option("--raw")] = False,
    index: IndexOption = None,
) -> None:
    wording = command_wording()
    recording, keys = find_session(records, session), needed_keys(key)
    if format_ == "segments":
        if output is None:
            raise FolderNeededError
        _write_segments(open_index(recording, records, keys, index, wording), channel, output, wording)
        return
    with open_recording(recording, keys) as opened:
        lines: Iterator[str]
        if format_ == "asciicast":
            lines = export_asciicast(opened.events(), opened.manifest(), wording, channel=channel, raw=raw)
        elif format_ == "text":
            lines = export_text(opened.events(), wording)
        else:
            lines = export_jsonl(opened.events())
        if output is None:
            for line in lines:
                sys.stdout.write(line + "\n")
        else:
            with output.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(line + "\n" for line in lines)
        _warn_if_broken(opened, wording)


@app.command()
def files(session: SessionArgument, records: RecordsOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    wording = command_wording()
    with open_recording(find_session(records, session), needed_keys(key)) as opened:
        operations = gather_facts(opened.records()).files
        for operation in operations:
            if as_json:
                print_json(event_fields(operation) | {"sha256": operation.sha256.hex()})
                continue
            path = f"{operation.path} → {operation.target}" if operation.target else operation.path
            size, digest = f"{operation.byte_count:>12}", operation.sha256.hex() or "–"
            typer.echo(f"{operation.action:<14} {operation.outcome:<7} {size}  {digest:<64}  {safe_text(path)}")
        if not operations and not as_json:
            typer.echo(wording.say("audit-files-none"), err=True)
        _warn_if_broken(opened, wording)


@app.command()
def rate(
    session: SessionArgument,
    stars: Annotated[int, typer.Argument(min=1, max=5, metavar="STARS")],
    records: RecordsOption,
    key: KeyOption = None,
    reviewer: Annotated[str | None, typer.Option("--reviewer", metavar="NAME")] = None,
    comment: Annotated[str, typer.Option("--comment")] = "",
) -> None:
    recording = find_session(records, session)
    now_ms = qa_ratings.now_ms()
    report = verify_recording(recording, load_keys(key), now_ms=now_ms)
    with recording.open_file() as source:
        chain_hash = recording.inspect(source).chain_hash
    rating = qa_ratings.QaRating(
        version=1,
        session_id=recording.session_id.hex(),
        reviewer=(reviewer or getpass.getuser())[:200],
        stars=stars,
        comment=comment[:2000],
        chain_hash=chain_hash.hex(),
        recording_intact=report.intact,
        rated_at_ms=now_ms,
    )
    path = qa_ratings.ratings_file(records)
    qa_ratings.add_rating(path, rating)
    typer.echo(command_wording().say("audit-rated", session=recording.session_id.hex()[:8], stars=stars, path=path))


@app.command()
def siem(
    to: Annotated[str, typer.Option("--to", metavar="TARGET")],
    records: RecordsOption,
    key: KeyOption = None,
    format_: Annotated[Literal["ocsf", "ecs", "cef"], typer.Option("--format")] = "ocsf",
    secret_file: Annotated[Path | None, typer.Option("--secret-file", metavar="FILE")] = None,
    cursor: Annotated[Path | None, typer.Option("--cursor", metavar="FILE")] = None,
    as_json: JsonOption = False,
) -> int:
    secret = secret_file.read_bytes().strip() if secret_file else b""
    clock = qa_ratings.now_ms
    outlet = open_outlet(to, secret=secret, host_name=socket.gethostname(), now_ms=clock, sleep=time.sleep)
    shipper = Shipper(cursor or records.resolve().parent / "siem_cursor.json", outlet, format_)
    shipped = shipper.ship(records, needed_keys(key), clock())
    if as_json:
        print_json(shipped)
    else:
        typer.echo(command_wording().say("audit-siem-shipped", count=shipped.events, deliveries=shipped.deliveries))
    for session_id in shipped.unreadable:
        typer.echo(command_wording().say("audit-siem-unreadable", session=session_id), err=True)
    return 1 if shipped.unreadable else 0


# ── what the commands share ──


def _play(source: Source, duration_ms: int, options: ReplayOptions, wording: Wording) -> None:
    with TerminalConsole() as console:
        Player(source, duration_ms, options, console, wording).run()


def _write_segments(index: SessionIndex, channel: int, folder: Path, wording: Wording) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in SegmentedRecording(index, channel).files(wording):
        (folder / file.name).write_text(json.dumps(file.content), encoding="ascii", newline="\n")
    typer.echo(wording.say("audit-segments-written", path=folder / INDEX_NAME), err=True)


def _ca_key(text: str | None) -> bytes | None:
    """64 hexadecimal digits, or base64 as the profile writes it."""
    if text is None:
        return None
    try:
        key = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except ValueError:
        raise CaKeyError from None
    if len(key) != 32:
        raise CaKeyError
    return key


def _warn_if_broken(opened: OpenRecording, wording: Wording) -> None:
    if not opened.is_whole:
        typer.echo(wording.say("audit-not-whole", count=len(opened.inspection.offsets)), err=True)


def _is_terminal(event: object) -> bool:
    kind = getattr(event, "__struct_config__").tag  # noqa: B009  # msgspec keeps it there for every event
    return kind in ("out", "cmd-out", "in", "resize")


def _listing_line(listing: Listing, wording: Wording) -> str:
    recording, scan, manifest = listing.recording, listing.scan, listing.manifest
    opened = time_text(recording.opening.opened_at_ms) if recording.opening else "–"
    seconds = scan.duration_ms // 1000 if scan else 0
    stars = "★" * recording.rating.rating.stars if recording.rating else ""
    who = f"{manifest.engineer.name}: {manifest.reason}" if manifest else wording.say(f"audit-sealed.{listing.sealed}")
    state = wording.say(f"audit-state.{listing.state}")
    minutes = f"{seconds // 60}:{seconds % 60:02}"
    return f"{recording.session_id.hex()[:12]}  {opened:<20}  {state:<8}  {minutes:>7}  {stars:<5}  {safe_text(who)}"


def _listing_fields(listing: Listing) -> dict[str, Any]:
    recording, scan, manifest = listing.recording, listing.scan, listing.manifest
    return {
        "session_id": recording.session_id.hex(),
        "state": str(listing.state),
        "opened_at_ms": recording.opening.opened_at_ms if recording.opening else None,
        "closed_at_ms": recording.closing.closed_at_ms if recording.closing else None,
        "reason": recording.closing.reason if recording.closing else None,
        "records": scan.record_count if scan else 0,
        "size_bytes": scan.size_bytes if scan else 0,
        "duration_ms": scan.duration_ms if scan else 0,
        "stars": recording.rating.rating.stars if recording.rating else None,
        "forked": recording.fork_count > 0,
        "engineer": manifest.engineer.name if manifest else None,
        "ticket": manifest.ticket if manifest else None,
    }
