"""`consentry desk journal` and `desk siem`: what was decided or noticed, and whether security monitors hear of it."""

from typing import Annotated

import typer

from audit.command_line import JsonOption, command_wording, print_json, unix_ms_of
from audit.desk_client.client import Desk, JournalLine, SiemTarget
from audit.desk_client.login import login_here
from audit.desk_client.shown import SHORT_ID
from protocol.calendar_time import time_text
from wording import Wording, safe_text


def journal(
    session: Annotated[str | None, typer.Argument(metavar="SESSION")] = None,
    kind: Annotated[list[str] | None, typer.Option("--kind", metavar="KIND")] = None,
    who: Annotated[str | None, typer.Option("--user", metavar="NAME")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, metavar="COUNT")] = 50,
    as_json: JsonOption = False,
) -> None:
    desk = Desk(login_here().api())
    session_id = desk.full_id(session) if session else None
    found = desk.journal(
        limit,
        kind=kind,
        who=who,
        session_id=session_id,
        since_ms=unix_ms_of(since),
        until_ms=unix_ms_of(until),
    )
    for one in found:
        if as_json:
            print_json(one)
        else:
            typer.echo(_journal_line(one))
    if not found and not as_json:
        typer.echo(command_wording().say("desk-journal-empty"), err=True)


def siem(as_json: JsonOption = False) -> int:
    """Status 1 where a monitor does not take what it is sent."""
    found = Desk(login_here().api()).siem()
    for one in found:
        if as_json:
            print_json(one)
        else:
            typer.echo(_target_line(one, command_wording()))
    if not found and not as_json:
        typer.echo(command_wording().say("desk-no-siem"), err=True)
    return 1 if any(one.problem for one in found) else 0


def _journal_line(one: JournalLine) -> str:
    session = (one.session_id or "–" * SHORT_ID)[:SHORT_ID]
    who = f"{one.actor or '–'} → {one.subject}" if one.subject and one.subject != one.actor else one.actor or "–"
    facts = "; ".join(f"{name}: {value}" for name, value in sorted(one.facts.items()))
    words = f"{safe_text(one.source):<6}  {safe_text(one.kind):<20}  {session}  {safe_text(who)}  {safe_text(facts)}"
    return f"{time_text(one.at_ms)}  {words}".rstrip()


def _target_line(one: SiemTarget, wording: Wording) -> str:
    state = wording.say(
        "desk-siem-fails" if one.problem else "desk-siem-delivers",
        problem=safe_text(one.problem),
        since=time_text(one.failing_since_ms or 0),
    )
    return wording.say(
        "desk-siem-line",
        name=safe_text(one.name),
        to=safe_text(one.to),
        format=safe_text(one.format),
        state=state,
        entries=one.waiting_entries,
        sessions=one.waiting_sessions,
    )
