"""The journal over HTTP: some of it, a page at a time, or all that fits to take away."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from audit.service.http_api import journal as journal_routes
from audit.siem.decisions import KINDS
from audit.storage.journal import Happening
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone

pytestmark = pytest.mark.asyncio(loop_scope="module")

SESSION = bytes.fromhex("0a" * 16)
HAPPENED: list[dict[str, Any]] = [
    {"source": "broker", "at_ms": 1000, "kind": "logged_in", "actor": "mei"},
    {"source": "broker", "at_ms": 2000, "kind": "login_refused", "subject": "mei", "address": "192.0.2.7"},
    {"source": "audit", "at_ms": 3000, "kind": "recording_view", "actor": "ana", "session_id": SESSION,
     "facts": {"purpose": "=HYPERLINK(1)"}},
    {"source": "broker", "at_ms": 4000, "kind": "from_another_version", "actor": "wei", "facts": {"b": True, "a": 1}},
]  # fmt: skip
WORDING = Path(__file__).resolve().parents[3] / "wording"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def audit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAudit]:
    """Four things have happened."""
    settings = make_audit_settings(tmp_path_factory.mktemp("audit") / "data")
    set_up_alone(settings)
    await add_people(settings)
    async with running_audit(settings) as audit:
        for number, one in enumerate(HAPPENED):
            await audit.server.service.services.journal.add(Happening(source_key=str(number), **one))
        yield audit


async def ask(audit: RunningAudit, form: str = "", **choice: Any) -> Any:
    """Times before anybody logged in here, which is in the journal, too."""
    query = urlencode({"until_ms": 10_000} | choice, doseq=True)
    return await audit.request("GET", f"/v1/journal{form}?{query}", token=await audit.login("supervisor"))


@pytest.mark.parametrize(
    ("choice", "times"),
    [
        ({}, [4000, 3000, 2000, 1000]),
        ({"kind": ["logged_in", "login_refused"]}, [2000, 1000]),
        ({"source": "audit"}, [3000]),
        ({"who": "mei"}, [2000, 1000]),
        ({"session_id": SESSION.hex()}, [3000]),
        ({"since_ms": 2000, "until_ms": 4000}, [3000, 2000]),
        ({"who": "mei", "kind": "logged_in"}, [1000]),
        ({"who": "m%"}, []),
    ],
)
async def test_what_fits_all_that_is_asked_for_is_told(
    audit: RunningAudit, choice: dict[str, Any], times: list[int]
) -> None:
    """By what, where, who did it or had it done to them, which session, and when; the newest first."""
    answer = (await ask(audit, **choice)).json
    assert [entry["at_ms"] for entry in answer["entries"]] == times
    assert (answer["before"], answer["kinds"]) == (None, [*KINDS])


async def test_pages_follow_each_other_within_what_was_chosen(audit: RunningAudit) -> None:
    """`before` goes with the same choice."""
    first = (await ask(audit, source="broker", limit=2)).json
    second = (await ask(audit, source="broker", limit=2, before=first["before"])).json
    assert [entry["at_ms"] for page in (first, second) for entry in page["entries"]] == [4000, 2000, 1000]
    assert second["before"] is None


@pytest.mark.parametrize("choice", [{"session_id": "0a"}, {"source": "nobody"}, {"since_ms": -1}, {"kind": "x" * 41}])
async def test_a_choice_that_makes_no_sense_is_refused(audit: RunningAudit, choice: dict[str, Any]) -> None:
    """Rather than answered with everything."""
    assert (await ask(audit, **choice)).status == 422


async def test_all_that_fits_is_taken_away(audit: RunningAudit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all pages; as CSV no cell of it is a formula, as JSON each line is an entry as the page has it."""
    monkeypatch.setattr(journal_routes, "EXPORT_PAGE_ENTRIES", 2)
    taken = await ask(audit, ".csv")
    rows = list(csv.DictReader(io.StringIO(taken.body.decode(), newline="")))
    assert [row["at_ms"] for row in rows] == ["4000", "3000", "2000", "1000"]
    assert (rows[0]["facts"], rows[1]["facts"]) == ("a: 1; b: True", "purpose: =HYPERLINK(1)")
    assert (rows[1]["session_id"], rows[2]["session_id"]) == (SESSION.hex(), "")
    lines = [json.loads(line) for line in (await ask(audit, ".ndjson", source="broker")).body.splitlines()]
    assert lines == (await ask(audit, source="broker")).json["entries"]


async def test_reviewers_read_no_journal(audit: RunningAudit) -> None:
    """It says who looked at what, and from where."""
    token = await audit.login("reviewer")
    for form in ("", ".csv", ".ndjson"):
        assert (await audit.request("GET", f"/v1/journal{form}", token=token)).status == 403


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_everything_that_is_decided_or_noticed_has_words(language: str) -> None:
    """At the desk nobody reads a name out of the source."""
    texts = "".join((WORDING / language / name).read_text() for name in ("console.ftl", "desk_admin.ftl"))
    prefixes = ("console-event", "desk-admin-event")
    ids = {kind: [f"\n{prefix}-{kind.replace('_', '-')} =" for prefix in prefixes] for kind in KINDS}
    assert [kind for kind in KINDS if not any(one in texts for one in ids[kind])] == []
