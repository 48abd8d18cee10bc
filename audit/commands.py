"""`consentry audit …`: the vault on the command line.

Thin: read the command line, call the vault, print. Help and examples are in `wording/`, under the command's name.
`--records` is the broker's records folder or a copy of it, `--key` an audit key file; list and verify do without one.
"""

import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from audit import index_commands, mark_commands, proof_commands, replay_command, siem_command, verify_command
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
    warn_if_broken,
)
from audit.index_commands import FolderNeededError, IndexOption, open_index
from audit.log_trust import LogOption, WitnessOption, known_profile, log_policy
from audit.replay_index.segments import INDEX_NAME, SegmentedRecording
from audit.replay_index.session_index import SessionIndex
from audit.service_commands import add_commands
from audit.vault import qa_ratings
from audit.vault.badge import badge_of
from audit.vault.export import event_fields, export_asciicast, export_jsonl, export_text
from audit.vault.facts import gather_facts
from audit.vault.keys import make_audit_key
from audit.vault.library import Listing, Recording, find_session, list_sessions
from audit.vault.reading import open_recording
from audit.vault.verify import verify_recording
from protocol.calendar_time import time_text
from protocol.events import ROOM_CHANNEL, Manifest
from protocol.profile import encode_recipient
from wording import Wording, safe_text

app = typer.Typer(no_args_is_help=True)
app.command()(index_commands.search)
app.command()(index_commands.commands)
app.command()(index_commands.tail)
app.command()(verify_command.verify)
app.command()(replay_command.replay)
app.command()(siem_command.siem)
app.command()(mark_commands.marks)
app.command()(proof_commands.proof)
add_commands(app)


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
    name: Annotated[str, typer.Option("--name", metavar="NAME")],
    listen: Annotated[str, typer.Option("--listen", metavar="HOST:PORT")] = "127.0.0.1:8450",
) -> None:
    from audit.witness.serving import serve_witness  # brings a web server along
    from serving.logs import set_up_logs

    set_up_logs("json", "info")
    say = command_wording().say
    serve_witness(data, name, log_key, listen, say=lambda vkey: typer.echo(say("audit-witness-key", vkey=vkey)))


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
def show(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    log: LogOption = None,
    witness: WitnessOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, policy = command_wording(), log_policy(known_profile(records), log, witness)
    recording = find_session(records, session)
    opinions = qa_ratings.newest_by_reviewer(
        qa_ratings.read_ratings(qa_ratings.ratings_file(records)), recording.session_id
    )
    with open_recording(recording, needed_keys(key)) as opened:
        facts, badge = gather_facts(opened.records()), badge_of(recording, opened.inspection, policy)
        if as_json:
            print_json(
                {
                    "summary": badge.sentence(wording),
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
            typer.echo(_head(recording, facts.manifest, wording))
        for line in export_text((e for e in opened.events() if not _is_terminal(e)), wording):
            typer.echo(line)
    typer.echo(badge.sentence(wording))
    _print_ratings(recording, opinions, wording)
    warn_if_broken(opened, wording)


def _head(recording: Recording, manifest: Manifest, wording: Wording) -> str:
    return wording.say(
        "audit-show-head",
        session=recording.session_id.hex(),
        started=time_text(manifest.started_at_ms),
        name=manifest.engineer.name,
        number=manifest.engineer.staff_number,
        organisation=manifest.organisation,
        reason=manifest.reason,
        ticket=manifest.ticket or "–",
        user=manifest.user_name,
        host=manifest.host_label,
    )


def _print_ratings(recording: Recording, opinions: Sequence[qa_ratings.QaRating], wording: Wording) -> None:
    """The customer's, then the reviewers'."""
    if recording.rating is not None:
        given = recording.rating.rating
        typer.echo(wording.say("audit-show-rating", stars=given.stars, comment=given.comment))
    for opinion in opinions:
        said = {"reviewer": opinion.reviewer, "stars": opinion.stars, "comment": opinion.comment}
        typer.echo(wording.say("audit-show-review", **said))


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
        warn_if_broken(opened, wording)


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
        warn_if_broken(opened, wording)


@app.command()
def rate(
    session: SessionArgument,
    stars: Annotated[int, typer.Argument(min=1, max=5, metavar="STARS")],
    records: RecordsOption,
    key: KeyOption = None,
    reviewer: Annotated[str | None, typer.Option("--reviewer", metavar="NAME")] = None,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT")] = "",
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


# ── what the commands share ──


def _write_segments(index: SessionIndex, channel: int, folder: Path, wording: Wording) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in SegmentedRecording(index, channel).files(wording):
        (folder / file.name).write_text(json.dumps(file.content), encoding="ascii", newline="\n")
    typer.echo(wording.say("audit-segments-written", path=folder / INDEX_NAME), err=True)


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
