"""`consentry queue`: who waits for help, and taking one of them."""

import os
from typing import Annotated

import msgspec
import typer

from engineer_client import queue as waiting
from engineer_client.command_tools import BrokerOption, JsonOption, broker_of, hint, own_wording, print_json
from engineer_client.completions import own_sessions
from engineer_client.notes import session_id_of
from engineer_client.queue import Queue, QueuedRequest
from engineer_client.state import open_state
from wording import Wording, safe_text

RequestOption = Annotated[int | None, typer.Option(metavar="REQUEST", min=1)]


def queue(
    take: RequestOption = None,
    give_back: RequestOption = None,
    helped: RequestOption = None,
    gave_up: RequestOption = None,
    session: Annotated[str | None, typer.Option("--session", metavar="SESSION", autocompletion=own_sessions)] = None,
    broker: BrokerOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, state = own_wording(), open_state(os.environ)
    _, api = broker_of(state, broker)
    if take is not None:
        waiting.take(api, take)
        hint(wording.say("engineer-queue.taken", number=take))
    if give_back is not None:
        waiting.give_back(api, give_back)
        hint(wording.say("engineer-queue.given-back", number=give_back))
    for number, served in ((helped, True), (gave_up, False)):
        if number is not None:
            session_id = session_id_of(state, session) if session else None
            waiting.end(api, number, served=served, session_id=session_id)
            hint(wording.say("engineer-queue.ended", number=number))
    found = waiting.read_queue(api)
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    if not found.requests:
        hint(wording.say("engineer-queue.none"))
    for each in found.requests:
        typer.echo("\n".join(_lines(each, found, wording)))


def _lines(request: QueuedRequest, found: Queue, wording: Wording) -> list[str]:
    left_ms = request.due_at_ms - found.now_ms
    if request.state == "taken":
        clock = wording.say(
            "engineer-queue.mine" if request.mine else "engineer-queue.of", name=safe_text(request.taken_by)
        )
    else:
        clock = wording.say(
            "engineer-queue.left" if left_ms >= 0 else "engineer-queue.late", time=_minutes(abs(left_ms))
        )
    where = "here" if request.customer_connected else "away" if request.session_id else "called"
    row = wording.say(
        "engineer-queue.row",
        number=request.request_id,
        customer=safe_text(request.customer),
        tier=request.tier,
        waited=_minutes(found.now_ms - request.asked_at_ms),
        clock=clock,
        where=wording.say(f"engineer-queue.{where}"),
    )
    words = [wording.say("engineer-note.line", line=safe_text(line)) for line in request.words.splitlines()]
    contact = [wording.say("engineer-queue.contact", contact=safe_text(request.contact))] if request.contact else []
    return [row, *words, *contact]


def _minutes(milliseconds: int) -> str:
    minutes, seconds = divmod(max(0, milliseconds) // 1000, 60)
    return f"{minutes}:{seconds:02}"
