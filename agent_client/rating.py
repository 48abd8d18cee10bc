"""`consentry rate`: the customer changes their rating, with the receipt or the link in it, within 72 hours."""

import asyncio
import os
import sys
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from agent_client.completing import ReceiptFileUnusable, complete_from_broker, read_receipt, replace_receipt
from agent_client.home import HOME_VARIABLE, state_folder
from agent_client.host import unix_ms
from protocol.details import system_reason
from protocol.errors import ConsentryError, InputError, UnavailableError
from protocol.messages.agent import RateSession
from protocol.rating_links import RatingLink, RatingLinkError, parse_rating_link
from protocol.ratings import NEWEST_HEADER
from protocol.receipts import RECEIPT_LIMIT_BYTES, open_receipt
from tunnel.json_api import JsonApi, ServerNotTrusted, ServerRefused, ServerUnreachable
from tunnel.trust import fetch_profile, ssl_context
from wording import Wording, detect_language

COMMENT_LIMIT_CHARACTERS = 2000


class RatingUnreachable(UnavailableError):
    sentence = "The broker at {host} cannot be reached ({problem}). Your rating was not changed; try again."


class CommentTooLong(InputError):
    sentence = "The comment can have at most {limit} characters, and this one has {count}."


def rate(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT")],
    stars: Annotated[int, typer.Argument(min=1, max=5, metavar="STARS")],
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT")] = "",
    solved: Annotated[bool | None, typer.Option("--solved/--not-solved")] = None,
    home: Annotated[Path | None, typer.Option("--home", envvar=HOME_VARIABLE, metavar="DIR")] = None,
) -> None:
    if len(comment) > COMMENT_LIMIT_CHARACTERS:
        raise CommentTooLong(limit=COMMENT_LIMIT_CHARACTERS, count=len(comment))
    link = parse_rating_link(receipt) if receipt.startswith("https://") else link_of_receipt(Path(receipt))
    change_rating(link, stars=stars, solved=solved, comment=comment)
    wording = Wording(detect_language(os.environ))
    typer.echo(wording.say("agent-rating-changed", stars=stars), file=sys.stdout)
    if not receipt.startswith("https://"):
        _complete_too(Path(receipt), state_folder(home), wording)


def _complete_too(path: Path, state: Path, wording: Wording) -> None:
    """The broker is there, and whoever rates has the file: what it lacks may be had now. If not, nothing is lost."""
    with suppress(ConsentryError):
        done = asyncio.run(complete_from_broker(read_receipt(path), path, state))
        if done.outcome == "completed":
            replace_receipt(path, done.receipt)
            typer.echo(wording.say("receipt-completion.completed", path=str(path)))


def link_of_receipt(path: Path) -> RatingLink:
    """The link in a receipt that its own session made. Raises ReceiptFileUnusable, ReceiptError or RatingLinkError."""
    try:
        with path.open("rb") as file:
            receipt = open_receipt(file.read(RECEIPT_LIMIT_BYTES + 1))
    except OSError as error:
        raise ReceiptFileUnusable(path=path, problem=system_reason(error)) from None
    if not receipt.rating_link:
        raise RatingLinkError(problem="the receipt has none in it")
    link = parse_rating_link(receipt.rating_link)
    if link.session_id != receipt.session_id or not link.belongs_to(receipt.agent_key):
        raise RatingLinkError(problem="it is of another session than the receipt")
    return link


def change_rating(link: RatingLink, *, stars: int, solved: bool | None, comment: str) -> None:
    """On the broker's disk when it returns. Raises RatingUnreachable, ServerRefused, and the errors of trust.py."""
    profile = asyncio.run(fetch_profile(link.broker))
    api = JsonApi(link.broker.origin, ssl_context(profile))
    rated_at_ms = unix_ms()
    try:
        _put(api, link, stars=stars, solved=solved, comment=comment, rated_at_ms=rated_at_ms)
    except ServerRefused as refusal:
        # A clock that was set back makes a new answer look old. The broker says what it has; one step later is newer.
        kept = refusal.headers.get(NEWEST_HEADER.lower(), "")
        if not (kept.isascii() and kept.isdigit() and len(kept) <= 16):
            raise
        rated_at_ms = max(rated_at_ms, int(kept) + 1)
        _put(api, link, stars=stars, solved=solved, comment=comment, rated_at_ms=rated_at_ms)


def _put(api: JsonApi, link: RatingLink, *, stars: int, solved: bool | None, comment: str, rated_at_ms: int) -> None:
    message = link.sign(stars=stars, solved=solved, comment=comment, rated_at_ms=rated_at_ms)
    try:
        api.put(f"/v1/sessions/{link.session_id.hex()}/rating", rating_body(message))
    except (ServerUnreachable, ServerNotTrusted) as error:
        raise RatingUnreachable(host=api.origin, problem=error.fields["problem"]) from None


def rating_body(message: RateSession) -> dict[str, object]:
    """JSON as `broker/http_api/ratings.py` reads it."""
    assert message.delegation is not None
    return {
        "stars": message.stars,
        "solved": message.solved,
        "comment": message.comment,
        "rated_at_ms": message.rated_at_ms,
        "signature": _base64(message.signature),
        "delegation": {
            "public_key": _base64(message.delegation.public_key),
            "signature": _base64(message.delegation.signature),
        },
    }


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
