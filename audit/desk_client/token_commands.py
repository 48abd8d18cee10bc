"""`consentry desk tokens …`: API tokens of the audit service, for programs. Thin: read the command line, ask, print."""

from typing import Annotated

import typer

from audit.command_line import JsonOption, command_wording, print_json
from audit.desk_client.asking import ask_password, password_from_stdin
from audit.desk_client.login import login_here
from audit.desk_client.shown import token_line
from protocol.calendar_time import time_text
from tunnel.api_tokens import list_tokens, make_token, revoke_token

app = typer.Typer(no_args_is_help=True)

EveryoneOption = Annotated[bool, typer.Option("--everybody")]


@app.command("list")
def token_list(everybody: EveryoneOption = False, as_json: JsonOption = False) -> None:
    wording = command_wording()
    found = list_tokens(login_here().api(), everybody=everybody)
    for one in found:
        if as_json:
            print_json(one)
        else:
            typer.echo(token_line(one, wording))
    if not found and not as_json:
        typer.echo(wording.say("engineer-tokens.none"), err=True)


@app.command("make")
def token_make(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    may: Annotated[list[str], typer.Option("--may", metavar="PERMISSION")],
    days: Annotated[int, typer.Option("--days", min=1, max=365, metavar="DAYS")] = 30,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    as_json: JsonOption = False,
) -> None:
    asked = password_from_stdin if password_stdin else ask_password
    made = make_token(login_here().api(), name, may, days, asked)
    if as_json:
        print_json(made)
        return
    typer.echo(made.token)
    typer.echo(command_wording().say("engineer-tokens.made", until=time_text(made.entry.expires_at_ms)), err=True)


@app.command("revoke")
def token_revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN")],
    everybody: EveryoneOption = False,
    as_json: JsonOption = False,
) -> None:
    one = revoke_token(login_here().api(), token, "consentry desk tokens", everybody=everybody)
    if as_json:
        print_json(one)
        return
    typer.echo(command_wording().say("engineer-tokens.revoked", name=one.name))
