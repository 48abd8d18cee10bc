"""`consentry tokens …` and `consentry webhooks …`, as thin as the engineer's own (`command_tools.py`)."""

import os
from typing import Annotated, Any

import msgspec
import typer

from engineer_client.command_tools import (
    BrokerOption,
    JsonOption,
    ask_hidden,
    broker_of,
    hint,
    own_wording,
    password_from_stdin,
    print_json,
)
from engineer_client.shown import clock_text
from engineer_client.state import open_state
from engineer_client.webhooks import DeliveryEntry, HookEvent, WebhookEntry, Webhooks
from protocol.errors import InputError
from tunnel.api_tokens import TokenEntry, list_tokens, make_token, revoke_token
from tunnel.json_api import JsonApi
from wording import Wording, safe_text

SHORT_ID = 12

tokens = typer.Typer(no_args_is_help=True)
webhooks = typer.Typer(no_args_is_help=True)

EveryoneOption = Annotated[bool, typer.Option("--everybody")]
WebhookArgument = Annotated[str, typer.Argument(metavar="WEBHOOK")]


class MessageNeeded(InputError):
    sentence = "{text} is no message of a webhook. `consentry webhooks messages` shows them; give the whole number."


@tokens.command("list")
def token_list(everybody: EveryoneOption = False, broker: BrokerOption = None, as_json: JsonOption = False) -> None:
    wording = own_wording()
    found = list_tokens(_api(broker), everybody=everybody)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        typer.echo(_token_line(one, wording))
    if not found:
        hint(wording.say("engineer-tokens.none"))


@tokens.command("make")
def token_make(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    may: Annotated[list[str], typer.Option("--may", metavar="PERMISSION")],
    days: Annotated[int, typer.Option("--days", min=1, max=365, metavar="DAYS")] = 30,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, api = own_wording(), _api(broker)
    ask_password = password_from_stdin if password_stdin else lambda: ask_hidden(wording, "engineer-ask.password")
    made = make_token(api, name, may, days, ask_password)
    if as_json:
        print_json(msgspec.to_builtins(made))
        return
    typer.echo(made.token)
    hint(wording.say("engineer-tokens.made", until=clock_text(made.entry.expires_at_ms)))


@tokens.command("revoke")
def token_revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN")],
    everybody: EveryoneOption = False,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    one = revoke_token(_api(broker), token, "consentry tokens", everybody=everybody)
    if as_json:
        print_json(msgspec.to_builtins(one))
        return
    typer.echo(own_wording().say("engineer-tokens.revoked", name=one.name))


@webhooks.command("list")
def webhook_list(broker: BrokerOption = None, as_json: JsonOption = False) -> None:
    wording = own_wording()
    found = Webhooks(_api(broker)).all()
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        typer.echo(_webhook_line(one, wording))
    if not found:
        hint(wording.say("engineer-webhooks.none"))


@webhooks.command("add")
def webhook_add(
    url: Annotated[str, typer.Argument(metavar="URL")],
    event: Annotated[list[HookEvent] | None, typer.Option("--event")] = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    made = Webhooks(_api(broker)).add(url, event or list(HookEvent))
    if as_json:
        print_json(msgspec.to_builtins(made))
        return
    typer.echo(made.secret)
    hint(own_wording().say("engineer-webhooks.added", number=made.webhook_id[:SHORT_ID]))


@webhooks.command("remove")
def webhook_remove(webhook: WebhookArgument, broker: BrokerOption = None) -> None:
    one = Webhooks(_api(broker)).remove(webhook)
    typer.echo(own_wording().say("engineer-webhooks.removed", url=one.url))


@webhooks.command("pause")
def webhook_pause(webhook: WebhookArgument, broker: BrokerOption = None) -> None:
    one = Webhooks(_api(broker)).act(webhook, "pause")
    typer.echo(own_wording().say("engineer-webhooks.paused-now", url=one.url))


@webhooks.command("resume")
def webhook_resume(webhook: WebhookArgument, broker: BrokerOption = None) -> None:
    one = Webhooks(_api(broker)).act(webhook, "enable")
    typer.echo(own_wording().say("engineer-webhooks.resumed", url=one.url))


@webhooks.command("secret")
def webhook_secret(webhook: WebhookArgument, broker: BrokerOption = None, as_json: JsonOption = False) -> None:
    made = Webhooks(_api(broker)).new_secret(webhook)
    if as_json:
        print_json(msgspec.to_builtins(made))
        return
    typer.echo(made.secret)
    hint(own_wording().say("engineer-webhooks.secret", until=clock_text(made.old_until_ms)))


@webhooks.command("test")
def webhook_test(webhook: WebhookArgument, broker: BrokerOption = None, as_json: JsonOption = False) -> int:
    """Status 1 if the other end did not take it."""
    tried = Webhooks(_api(broker)).test(webhook)
    _print_deliveries([tried], own_wording(), as_json=as_json)
    return 0 if tried.state == "delivered" else 1


@webhooks.command("messages")
def webhook_messages(
    webhook: WebhookArgument,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, metavar="COUNT")] = 20,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording = own_wording()
    found = Webhooks(_api(broker)).deliveries(webhook, limit)
    _print_deliveries(found, wording, as_json=as_json)
    if not found and not as_json:
        hint(wording.say("engineer-webhooks.no-messages"))


@webhooks.command("replay")
def webhook_replay(
    webhook: WebhookArgument, message: Annotated[str, typer.Argument(metavar="MESSAGE")], broker: BrokerOption = None
) -> None:
    if not message.startswith("msg_"):
        raise MessageNeeded(text=message)
    Webhooks(_api(broker)).replay(webhook, message)
    typer.echo(own_wording().say("engineer-webhooks.replayed"))


def _api(broker: str | None) -> JsonApi:
    return broker_of(open_state(os.environ), broker)[1]


def _token_line(one: TokenEntry, wording: Wording) -> str:
    used = wording.say("engineer-tokens.never") if one.last_used_at_ms is None else clock_text(one.last_used_at_ms)
    facts: dict[str, Any] = {
        "number": one.token_id[:SHORT_ID],
        "name": safe_text(one.name),
        "may": ", ".join(one.permissions),
        "until": clock_text(one.expires_at_ms),
        "used": used,
    }
    line = wording.say("engineer-tokens.row", **facts)
    return f"{safe_text(one.user_name)}  {line}" if one.user_name else line


def _webhook_line(one: WebhookEntry, wording: Wording) -> str:
    why = one.disabled_because if one.disabled_because in ("", "paused", "gone") else "paused"
    state = wording.say(f"engineer-webhooks.{why or 'told'}")
    return f"{one.webhook_id[:SHORT_ID]}  {state}  {', '.join(one.events)}  {safe_text(one.url)}"


def _print_deliveries(found: list[DeliveryEntry], wording: Wording, *, as_json: bool) -> None:
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        known = one.state if one.state in ("delivered", "pending", "failed") else "pending"
        state = wording.say(f"engineer-webhooks.{known}")
        typer.echo(
            f"{one.message_id}  {clock_text(one.made_at_ms)}  {one.kind}  {state}  {safe_text(one.answer)}".rstrip()
        )
