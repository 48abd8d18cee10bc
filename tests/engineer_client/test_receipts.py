"""What stays on the engineer's machine of a session that is over."""

import json

import pytest

from engineer_client.connect import LiveSession
from engineer_client.login import Login, api_of, refresh_profile
from engineer_client.receipts import complete_receipts, kept_receipts
from protocol.errors import ConsentryError
from protocol.messages.agent import ProofReady
from protocol.receipts import ReceiptEntry
from tests.engineer_client.conftest import Desk
from tests.engineer_client.customer import Customer
from tunnel.json_api import ServerRefused, ServerUnreachable


async def test_it_is_begun_when_access_is_granted(desk: Desk, live: LiveSession, customer: Customer) -> None:
    """With the log's word on the beginning; private, and without a key."""
    [kept] = kept_receipts(desk.state)
    assert (kept.receipt.session_id, kept.receipt.reason) == (customer.session_id, "receipts never arrive")
    assert (kept.is_closed, kept.verdict) == (False, "not-closed")
    assert kept.path.stat().st_mode & 0o077 == 0
    await live.aclose()


async def test_it_waits_for_the_logs_word_on_the_end(
    desk: Desk, login: Login, live: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It outlives the session's files. A broker that cannot say yet costs nothing: the next list asks again."""
    await live.aclose()
    assert (await desk.run("end", "till")).status == 0
    [row] = json.loads((await desk.run("receipts", "--json")).out)
    assert (row["session_id"], row["verdict"]) == (live.session_id.hex(), "not-closed")
    assert row["path"] in (await desk.run("receipts")).out

    profile = await refresh_profile(desk.state, login)
    closed = ProofReady("close", b"leaf", "proof", ())
    monkeypatch.setattr("engineer_client.receipts.demand_close_proof", lambda *_: closed)
    complete_receipts(desk.state, profile, api_of(login, profile))
    [kept] = kept_receipts(desk.state)
    assert kept.receipt.evidence.closed == ReceiptEntry(b"leaf", "proof")


@pytest.mark.parametrize(
    "away",
    [
        ServerUnreachable(origin="https://localhost", problem="refused", what="broker"),
        ServerRefused(reason="the witness does not answer", code="proof-delayed", status=503),
    ],
)
async def test_a_broker_that_cannot_say_is_asked_once(
    desk: Desk, login: Login, live: LiveSession, monkeypatch: pytest.MonkeyPatch, away: ConsentryError
) -> None:
    """However many receipts wait for it: nobody waits for each of them in turn."""
    await live.aclose()
    [kept] = kept_receipts(desk.state)
    kept.path.with_name("receipt-another.json").write_bytes(kept.path.read_bytes())
    asked: list[object] = []

    def demand(*what: object) -> None:
        asked.append(what)
        raise away

    monkeypatch.setattr("engineer_client.receipts.demand_close_proof", demand)
    profile = await refresh_profile(desk.state, login)
    complete_receipts(desk.state, profile, api_of(login, profile))
    assert (len(asked), [each.is_closed for each in kept_receipts(desk.state)]) == (1, [False, False])


async def test_verify_explains_it(desk: Desk, live: LiveSession) -> None:
    """What the engineer wrote down is told apart from what is proved."""
    await live.aclose()
    [kept] = kept_receipts(desk.state)
    told = await desk.run("verify", str(kept.path), "--json")
    assert (told.status, json.loads(told.out)["verdict"]) == (1, "not-closed")
    explained = (await desk.run("verify", str(kept.path))).out
    assert "own words" in explained
    assert "was not completed" in explained


async def test_a_file_that_is_none_of_ours_is_passed_over(desk: Desk, live: LiveSession) -> None:
    """Somebody keeps other files there."""
    [kept] = kept_receipts(desk.state)
    kept.path.with_name("receipt-other.json").write_text("{}")
    assert len(kept_receipts(desk.state)) == 1
    await live.aclose()
