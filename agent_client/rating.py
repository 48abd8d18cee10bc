"""`consentry rate`: the customer changes their rating, with the receipt or the link in it, within 72 hours."""

import asyncio
import http.client
import json
import os
import sys
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from agent_client.completing import complete_from_broker, read_receipt, replace_receipt
from agent_client.home import HOME_VARIABLE, state_folder
from agent_client.host import unix_ms
from protocol.errors import ConsentryError, InputError, RefusedError, UnavailableError
from protocol.messages import RateSession
from protocol.rating_links import RatingLink, RatingLinkError, parse_rating_link
from protocol.ratings import NEWEST_HEADER
from protocol.receipts import RECEIPT_LIMIT_BYTES, ReceiptError, open_receipt
from tunnel.trust import fetch_profile, ssl_context
from wording import Wording, detect_language

REQUEST_TIMEOUT_SECONDS = 15.0
ANSWER_LIMIT_BYTES = 64 * 1024
COMMENT_LIMIT_CHARACTERS = 2000


class RatingUnreachable(UnavailableError):
    sentence = "The broker at {host} cannot be reached ({problem}). Your rating was not changed; try again."


class RatingRefused(RefusedError):
    """The broker understood and said no; `code` names the sentence's translation."""

    sentence = "The broker refused: {reason}"


class CommentTooLong(InputError):
    sentence = "The comment can have at most {limit} characters, and this one has {count}."


def rate(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT")],
    stars: Annotated[int, typer.Argument(min=1, max=5, metavar="STARS")],
    comment: Annotated[str, typer.Option("--comment")] = "",
    solved: Annotated[bool | None, typer.Option("--solved/--not-solved")] = None,
    home: Annotated[Path | None, typer.Option("--home", envvar=HOME_VARIABLE)] = None,
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
    """The link in a receipt that its own session made. Raises ReceiptError or RatingLinkError."""
    try:
        with path.open("rb") as file:
            receipt = open_receipt(file.read(RECEIPT_LIMIT_BYTES + 1))
    except OSError as error:
        raise ReceiptError(problem=f"{path} cannot be read ({error.strerror})") from None
    if not receipt.rating_link:
        raise RatingLinkError(problem="the receipt has none in it")
    link = parse_rating_link(receipt.rating_link)
    if link.session_id != receipt.session_id or not link.belongs_to(receipt.agent_key):
        raise RatingLinkError(problem="it is of another session than the receipt")
    return link


def change_rating(link: RatingLink, *, stars: int, solved: bool | None, comment: str) -> None:
    """On the broker's disk when it returns. Raises RatingUnreachable, RatingRefused, and the errors of trust.py."""
    profile = asyncio.run(fetch_profile(link.broker))
    context = ssl_context(profile)
    newest_ms: int | None = None
    for _ in range(2):
        # A clock that was set back makes a new answer look old. The broker says what it has; one step later is newer.
        rated_at_ms = max(unix_ms(), (newest_ms or 0) + 1)
        message = link.sign(stars=stars, solved=solved, comment=comment, rated_at_ms=rated_at_ms)
        connection = http.client.HTTPSConnection(
            link.broker.origin.removeprefix("https://"), context=context, timeout=REQUEST_TIMEOUT_SECONDS
        )
        try:
            path = f"/v1/sessions/{link.session_id.hex()}/rating"
            connection.request("PUT", path, rating_body(message), {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = response.read(ANSWER_LIMIT_BYTES)
        except (OSError, http.client.HTTPException) as error:
            problem = getattr(error, "strerror", None) or type(error).__name__
            raise RatingUnreachable(host=link.broker.origin, problem=problem) from None
        finally:
            connection.close()
        if response.status == http.HTTPStatus.OK:
            return
        refusal, kept = _refusal(response.status, data), response.getheader(NEWEST_HEADER, "")
        if newest_ms is not None or not (kept.isascii() and kept.isdigit() and len(kept) <= 16):
            raise refusal
        newest_ms = int(kept)
    raise refusal


def rating_body(message: RateSession) -> bytes:
    """JSON as `broker/http_api/ratings.py` reads it."""
    assert message.delegation is not None
    fields = {
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
    return json.dumps(fields).encode()


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _refusal(status: int, data: bytes) -> RatingRefused:
    try:
        problem = json.loads(data)
    except ValueError:
        problem = None
    fields = problem if isinstance(problem, dict) else {}
    code = str(fields.get("type") or "").replace(":", "/").rpartition("/")[2]
    return RatingRefused(reason=str(fields.get("detail") or f"HTTP status {status}"), code=code)
