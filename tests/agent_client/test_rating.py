"""`consentry rate` against a real broker: the receipt's holder changes the rating, and nobody else."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from agent_client import rating
from agent_client.completing import ReceiptFileUnusable
from agent_client.rating import RatingUnreachable, change_rating, link_of_receipt, rating_body
from protocol.messages.agent import RatingKept, SessionEnded
from protocol.rating_links import RatingLink, RatingLinkError, make_rating_link
from protocol.ratings import RATING_WINDOW_MS, sign_rating
from protocol.receipts import open_receipt, sign_receipt, write_receipt
from protocol.share_url import ShareUrl
from tests.broker.harness import FakeClock, RunningBroker, found, make_settings, running
from tests.protocol.test_receipts import KEY as RECEIPT_KEY
from tests.protocol.test_receipts import RECEIPT
from tunnel.json_api import ServerRefused

KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)


class Ended:
    """A session that is over at a running broker, and the link of its receipt."""

    def __init__(self, broker: RunningBroker, clock: FakeClock, link: RatingLink) -> None:
        self.broker, self.clock, self.link = broker, clock, link

    async def rate(self, stars: int, link: RatingLink | None = None) -> None:
        await asyncio.to_thread(change_rating, link or self.link, stars=stars, solved=None, comment="again")

    async def kept(self) -> int | None:
        found = await self.broker.server.broker.services.session_store.rating(self.link.session_id)
        return found.stars if found else None


@pytest.fixture
async def ended(tmp_path: Path) -> AsyncIterator[Ended]:
    settings, clock = make_settings(tmp_path / "data"), FakeClock()
    organisation = found(settings)
    async with running(settings, organisation, clock=clock) as broker:
        async with broker.agent(KEY.public_key().public_bytes_raw()) as (agent, opened):
            await agent.send(SessionEnded(reason="customer-ended", records=0))
            first = sign_rating(KEY, opened.session_id, stars=5, solved=True, comment="", rated_at_ms=10)
            await agent.send(first)
            assert await agent.receive() == RatingKept()
        address = ShareUrl(f"https://localhost:{broker.server.port}", organisation.root_public_key)
        yield Ended(broker, clock, make_rating_link(KEY, opened.session_id, address, b"\x02" * 32))


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, ended: Ended) -> None:
    """The broker under test has another port than its profile says; who it is, is checked elsewhere."""

    async def profile(_: ShareUrl) -> object:
        return ended.broker.organisation.profile

    monkeypatch.setattr(rating, "fetch_profile", profile)


@pytest.mark.usefixtures("trusting")
async def test_the_holder_of_the_receipt_changes_the_rating(ended: Ended) -> None:
    """More than once, and each time the newest counts."""
    await ended.rate(2)
    assert await ended.kept() == 2
    await ended.rate(4)
    assert await ended.kept() == 4


@pytest.mark.usefixtures("trusting")
async def test_a_clock_that_was_set_back_does_not_lock_the_customer_out(
    ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker says what time it has, and the next answer is a millisecond later."""
    monkeypatch.setattr(rating, "unix_ms", lambda: 3)
    await ended.rate(1)
    assert await ended.kept() == 1


@pytest.mark.usefixtures("trusting")
async def test_late_and_forged_get_a_clear_no(ended: Ended) -> None:
    """Each its own sentence, and nothing changes."""
    stranger = make_rating_link(Ed25519PrivateKey.generate(), ended.link.session_id, ended.link.broker, b"\x02" * 32)
    with pytest.raises(ServerRefused, match="not signed by the customer"):
        await ended.rate(1, stranger)
    with pytest.raises(ServerRefused, match="not signed by the customer"):
        await ended.rate(1, replace(ended.link, session_id=b"x" * 16))
    ended.clock.advance(RATING_WINDOW_MS + 1)
    with pytest.raises(ServerRefused, match="72 hours"):
        await ended.rate(1)
    assert await ended.kept() == 5


@pytest.mark.usefixtures("trusting")
async def test_a_broker_that_is_away_changes_nothing(ended: Ended) -> None:
    """And says to try again."""
    away = replace(ended.link, broker=ShareUrl("https://localhost:9", ended.link.broker.root_key))
    with pytest.raises(RatingUnreachable, match="try again"):
        await ended.rate(1, away)


BODY = json.dumps(
    rating_body(
        make_rating_link(KEY, b"s" * 16, ShareUrl("https://h.example", b"r" * 32), b"\x02" * 32).sign(
            stars=3, solved=None, comment="", rated_at_ms=1
        )
    )
).encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"stars": 3', b'"stars": 6'), (b'"stars": 3', b'"stars": "3"'), (b'"delegation"', b'"x"'), (b"{", b"[")],
)
async def test_a_body_that_makes_no_sense_is_refused(ended: Ended, old: bytes, new: bytes) -> None:
    """Strictly: no field guessed at, none ignored."""
    path = f"/v1/sessions/{ended.link.session_id.hex()}/rating"
    answer = await ended.broker.request("PUT", path, BODY.replace(old, new, 1))
    assert answer.status in (400, 422)
    assert await ended.kept() == 5


def test_the_link_is_read_out_of_the_receipt(tmp_path: Path) -> None:
    """One that the same session made; not of a receipt that was altered, nor one put in by somebody else."""
    receipt = sign_receipt(RECEIPT, RECEIPT_KEY)
    address = ShareUrl(receipt.broker_origin, receipt.root_key)
    link = make_rating_link(RECEIPT_KEY, receipt.session_id, address, b"\x02" * 32)
    path = tmp_path / "receipt.json"
    path.write_text(write_receipt(structs.replace(receipt, rating_link=str(link))))
    assert link_of_receipt(path) == link
    assert open_receipt(path.read_text()).signature == receipt.signature
    other = make_rating_link(KEY, receipt.session_id, address, b"\x02" * 32)
    path.write_text(write_receipt(structs.replace(receipt, rating_link=str(other))))
    with pytest.raises(RatingLinkError, match="another session"):
        link_of_receipt(path)
    path.write_text(write_receipt(receipt))
    with pytest.raises(RatingLinkError, match="none in it"):
        link_of_receipt(path)
    with pytest.raises(ReceiptFileUnusable, match="No such file"):
        link_of_receipt(tmp_path / "none.json")
    assert urlsafe_b64decode(str(link).partition("#")[2])[:32] == receipt.root_key
