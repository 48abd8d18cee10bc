"""`consentry desk policy …` and `desk schedule`: erasing by itself what is due, where two people decided so."""

from typing import Annotated

import typer

from audit.command_line import JsonOption, command_wording, print_json
from audit.desk_client.client import Desk, DeskPolicy, Retention
from audit.desk_client.login import login_here
from audit.desk_client.shown import SHORT_ID
from protocol.calendar_time import time_text
from wording import Wording, safe_text

app = typer.Typer(no_args_is_help=True)

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1)]
_STATES = ("asked", "confirmed", "refused", "ended")


def schedule(as_json: JsonOption = False) -> None:
    wording, found = command_wording(), Desk(login_here().api()).schedule()
    for one in found:
        if as_json:
            print_json(one)
            continue
        when = "policy" if one.erase_at_ms is not None else "notice" if one.policy_id is not None else "nobody"
        typer.echo(
            wording.say(
                "desk-scheduled",
                session=one.session_id[:SHORT_ID],
                retention=safe_text(one.retention),
                due=time_text(one.due_at_ms),
                then=wording.say(
                    f"desk-scheduled-then.{when}",
                    policy=str(one.policy_id or 0),
                    erase=time_text(one.erase_at_ms or 0),
                ),
            )
        )
    if not found and not as_json:
        typer.echo(wording.say("desk-nothing-due"), err=True)


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    found = Desk(login_here().api()).policies()
    _print(found, as_json)
    if not found and not as_json:
        typer.echo(command_wording().say("desk-no-policies"), err=True)


@app.command()
def ask(
    retention: Annotated[Retention, typer.Argument(metavar="CLASS")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT")],
    erase_when_due: Annotated[bool, typer.Option("--erase-when-due")] = False,
    as_json: JsonOption = False,
) -> None:
    if not erase_when_due:
        raise typer.BadParameter(command_wording().say("desk-policy-says-what"), param_hint="--erase-when-due")
    _print([Desk(login_here().api()).ask_policy(retention, reason)], as_json)


@app.command()
def confirm(number: NumberArgument, as_json: JsonOption = False) -> None:
    _print([Desk(login_here().api()).answer_policy(number, "confirm")], as_json)


@app.command()
def refuse(number: NumberArgument, as_json: JsonOption = False) -> None:
    _print([Desk(login_here().api()).answer_policy(number, "refuse")], as_json)


@app.command()
def end(number: NumberArgument, as_json: JsonOption = False) -> None:
    _print([Desk(login_here().api()).answer_policy(number, "end")], as_json)


def _print(found: list[DeskPolicy], as_json: bool) -> None:
    for one in found:
        if as_json:
            print_json(one)
        else:
            typer.echo(_line(one, command_wording()))


def _line(one: DeskPolicy, wording: Wording) -> str:
    return wording.say(
        "desk-policy",
        number=str(one.policy_id),
        retention=safe_text(one.retention),
        state=wording.say(f"desk-policy-state.{one.state if one.state in _STATES else 'other'}"),
        who=safe_text(", ".join(name for name in (one.asked_by, one.answered_by) if name)),
        asked=time_text(one.asked_at_ms),
        reason=safe_text(one.reason),
    )
