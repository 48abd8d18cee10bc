"""`consentry login`, `logout`, `logins`: who this machine's engineer is at which broker."""

import asyncio
import os
from dataclasses import asdict
from typing import Annotated

import msgspec
import typer

from engineer_client import logins as login_list
from engineer_client.command_tools import (
    BrokerOption,
    JsonOption,
    ask,
    ask_hidden,
    broker_of,
    hint,
    own_wording,
    password_from_stdin,
    print_json,
)
from engineer_client.completions import own_brokers
from engineer_client.login import find_login, log_in, log_in_through_browser, log_out, refresh_profile
from engineer_client.shown import clock_text
from engineer_client.state import open_state


def login(
    address: Annotated[
        str | None, typer.Argument(metavar="URL", envvar="CONSENTRY_BROKER", autocompletion=own_brokers)
    ] = None,
    user: Annotated[str | None, typer.Option("--user", metavar="NAME")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    totp: Annotated[str, typer.Option("--totp", metavar="DIGITS")] = "",
    browser: Annotated[bool, typer.Option("--browser")] = False,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    if browser:
        show = lambda link, code: hint(wording.say("engineer-open-browser", link=link, code=code))  # noqa: E731 (as below)
        who = asyncio.run(log_in_through_browser(state, address, show))
    else:
        user_name = user or ask(wording, "engineer-ask.user", "--user")
        ask_password = password_from_stdin if password_stdin else lambda: ask_hidden(wording, "engineer-ask.password")
        ask_totp = lambda: ask(wording, "engineer-ask.totp", "--totp")  # noqa: E731 (named for the reader of the call)
        who = asyncio.run(log_in(state, address, user_name, ask_password, ask_totp, totp=totp))
    if as_json:
        print_json({key: value for key, value in asdict(who).items() if key != "token"})
        return
    typer.echo(
        wording.say(
            "engineer-logged-in",
            name=who.name,
            staff_number=who.staff_number,
            organisation=who.organisation,
            until=clock_text(who.expires_at_ms),
        )
    )
    if who.recovery_codes_left is not None:
        hint(wording.say("identity-recovery-used", count=who.recovery_codes_left))


def logout(broker: BrokerOption = None) -> None:
    wording, state = own_wording(), open_state(os.environ)
    who = find_login(state, broker)
    log_out(state, who, asyncio.run(refresh_profile(state, who)))
    typer.echo(wording.say("engineer-logged-out", origin=who.origin))


def logins(
    end: Annotated[str | None, typer.Option("--end", metavar="ID")] = None,
    end_others: Annotated[bool, typer.Option("--end-others")] = False,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    _, api = broker_of(state, broker)
    if end is not None:
        ended = login_list.end_login(api, end)
        hint(wording.say("engineer-logins.ended", login=ended.login_id[:12], device=ended.device or "-"))
    elif end_others:
        hint(wording.say("engineer-logins-ended", count=login_list.end_other_logins(api)))
    else:
        found = login_list.list_logins(api)
        if as_json:
            print_json([msgspec.structs.asdict(each) for each in found])
            return
        for each in found:
            typer.echo(
                wording.say(
                    "engineer-logins.row",
                    login=each.login_id[:12],
                    device=each.device or "-",
                    address=each.address or "-",
                    since=clock_text(each.created_at_ms),
                    used=clock_text(each.last_used_at_ms),
                    here=wording.say("engineer-logins.here") if each.current else "",
                ).rstrip()
            )
