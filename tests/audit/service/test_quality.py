"""The quality desk over HTTP: every use case, by the role that may, over the network."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from audit.quality.scorecards import STANDARD_FOLDER, standard_scorecards
from audit.storage.sessions import BrokerSession
from tests.audit.quality.builders import NOW_MS, session
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARD = "security-conduct"
GOOD = [
    {"criterion": criterion.id, "points": None if criterion.not_applicable else 1, "at_ms": 5000, "note": "seen"}
    for criterion in standard_scorecards()[2].criteria
]
PERIOD = "first=2026-09-01&last=2026-09-30"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def audit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAudit]:
    """People of every role, and nine sessions that are known."""
    settings = make_audit_settings(tmp_path_factory.mktemp("audit") / "data")
    set_up_alone(settings)
    await add_people(settings)
    async with running_audit(settings) as audit:
        store = audit.server.service.services.quality._store  # what intake would have put there
        for number in range(1, 10):
            await store.put_session(session(number, stars=5, ended_at_ms=NOW_MS - 86_400_000), "stamp")
        # Outside of the period that others draw from: nobody has reviewed it when it is to be calibrated.
        await store.put_session(session(10, ended_at_ms=NOW_MS - 90 * 86_400_000), "stamp")
        yield audit


class Person:
    def __init__(self, audit: RunningAudit, token: str) -> None:
        self._audit, self._token = audit, token

    async def ask(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        answer = await self._audit.request(method, f"/v1{path}", body, token=self._token)
        assert answer.status == status, answer.body
        return answer.json if answer.body and answer.body[:1] in b"{[n" else answer.body


async def person(audit: RunningAudit, role: str) -> Person:
    return Person(audit, await audit.login(role))


def assigned(number: int, reviewer: str = "reviewer") -> dict[str, str]:
    return {"session_id": session(number).session_id, "reviewer": reviewer, "scorecard": CARD}


async def test_from_next_to_submitted_and_decided(audit: RunningAudit) -> None:
    """A reviewer drafts and submits, a supervisor raises the engineer's dispute, another one decides."""
    reviewer, supervisor = await person(audit, "reviewer"), await person(audit, "supervisor")
    made = await supervisor.ask("POST", "/reviews", assigned(1), status=201)
    case = await reviewer.ask("GET", "/reviews/next")
    assert (case["review_id"], case["status"]) == (made["assignment_id"], "assigned")
    assert case["scorecard"]["id"] == CARD
    path = f"/reviews/{case['review_id']}"
    assert (await reviewer.ask("PUT", path, {"answers": GOOD[:2]}))["status"] == "draft"
    await reviewer.ask("POST", f"{path}/submit", {"answers": GOOD[:2]}, status=422)
    done = await reviewer.ask("POST", f"{path}/submit", {"answers": GOOD, "comment": "fine"})
    assert (done["status"], done["score"]) == ("submitted", 0.5)
    await reviewer.ask("PUT", path, {"answers": GOOD}, status=409)
    await supervisor.ask("POST", f"{path}/dispute", {"grounds": "see 3:10", "raised_by": "Mei Example"}, status=201)
    await supervisor.ask("POST", f"{path}/dispute", {"grounds": "again"}, status=409)
    amended = [{"criterion": "least-scopes", "points": 2}]
    decided = await supervisor.ask("POST", f"{path}/decision", {"outcome": "amended", "answers": amended})
    assert decided["status"] == "amended"
    assert decided["score"] > 0.5
    assert await reviewer.ask("GET", "/reviews/next") is None


async def test_an_external_reviewer_sees_only_what_was_assigned(audit: RunningAudit) -> None:
    """One session and one review; the others do not exist for them."""
    supervisor, external = await person(audit, "supervisor"), await person(audit, "external-reviewer")
    mine = await supervisor.ask("POST", "/reviews", assigned(2, "external-reviewer"), status=201)
    other = await supervisor.ask("POST", "/reviews", assigned(3), status=201)
    (seen,) = (await external.ask("GET", "/reviews"))["reviews"]
    assert seen["review_id"] == mine["assignment_id"]
    await external.ask("GET", f"/reviews/{other['assignment_id']}", status=404)
    await external.ask("POST", "/reviews", assigned(4, "external-reviewer"), status=403)
    services = audit.server.service.services
    assert await services.assignments.assigned("external-reviewer", session(2).session_id)
    assert not await services.assignments.assigned("external-reviewer", session(3).session_id)


async def test_sampling_and_its_check(audit: RunningAudit) -> None:
    """A plan, a run, and the same drawn again; a second plan of that name is refused."""
    supervisor = await person(audit, "supervisor")
    plan = {
        "name": "monthly",
        "kind": "random",
        "scorecard": CARD,
        "reviewers": ["reviewer", "second"],
        "per_stratum": 3,
    }
    made = await supervisor.ask("POST", "/sampling", plan, status=201)
    assert len(made["seed"]) == 64
    await supervisor.ask("POST", "/sampling", plan, status=409)
    await supervisor.ask("POST", "/sampling", plan | {"seed": "00" * 32}, status=422)
    drawn = await supervisor.ask(
        "POST", "/sampling/monthly/runs", {"first": "2026-09-01", "last": "2026-09-30"}, status=201
    )
    assert len(drawn["assignments"]) == 3
    checked = await supervisor.ask("GET", f"/sampling/runs/{drawn['run']['run_id']}/check")
    assert checked["same"] is True
    listed = await supervisor.ask("GET", "/sampling")
    assert [plan["name"] for plan in listed["plans"]] == ["monthly"]
    whole = await supervisor.ask("GET", f"/sampling/runs/{drawn['run']['run_id'][:6]}")
    assert whole == drawn["run"]
    counts = {which: sum(len(stratum[which]) for stratum in whole["strata"]) for which in ("population", "drawn")}
    facts = {name: value for name, value in whole.items() if name != "strata"}
    assert listed["runs"] == [facts | {"strata": len(whole["strata"])} | counts]
    await supervisor.ask("GET", "/sampling/runs/nothing", status=404)
    await supervisor.ask("POST", "/sampling/none/runs", {}, status=404)


async def test_a_preview_counts_and_keeps_nothing(audit: RunningAudit) -> None:
    """Of a plan that is only thought of, and of one that has drawn: what is new to it is told apart."""
    supervisor = await person(audit, "supervisor")
    plan = {"name": "weekly", "kind": "random", "scorecard": CARD, "reviewers": ["reviewer"], "per_stratum": 2}
    september = {"first": "2026-09-01", "last": "2026-09-30"}
    (stratum,) = (await supervisor.ask("POST", "/sampling/preview", {"plan": plan, **september}))["strata"]
    assert (stratum["label"], stratum["population"], stratum["drawn"], stratum["fresh"]) == ("Mei Example", 9, 2, 2)
    low = plan | {"kind": "low-rating", "per_stratum": None}
    (picked,) = (await supervisor.ask("POST", "/sampling/preview", {"plan": low, **september}))["strata"]
    assert (picked["population"], picked["drawn"]) == (9, 0)
    assert "weekly" not in [one["name"] for one in (await supervisor.ask("GET", "/sampling"))["plans"]]
    await supervisor.ask("POST", "/sampling", plan, status=201)
    await supervisor.ask("POST", "/sampling/weekly/runs", september, status=201)
    (stratum,) = (await supervisor.ask("POST", "/sampling/weekly/preview", september))["strata"]
    assert (stratum["drawn"], stratum["fresh"]) == (2, 0)
    reviewers = (await supervisor.ask("GET", "/reviewers"))["reviewers"]
    (mine,) = [one for one in reviewers if one["user_name"] == "reviewer"]
    assert (mine["name"], mine["open"] >= 2, mine["late"]) == ("Reviewer", True, 0)


async def test_a_retired_scorecard_takes_no_new_review(audit: RunningAudit) -> None:
    """Those that go by it go on; a newer version, or a change of mind, offers it again."""
    administrator, supervisor = await person(audit, "administrator"), await person(audit, "supervisor")
    text = next(path for path in STANDARD_FOLDER.glob("*.toml") if "conduct" in path.name).read_text()
    checked = await administrator.ask("POST", "/scorecards/check", {"text": text.replace(CARD, "house-rules")})
    assert (checked["problems"], checked["scorecard"]["id"]) == ([], "house-rules")
    wrong = await administrator.ask("POST", "/scorecards/check", {"text": 'id = "x"\nversion = 0\n'})
    assert (wrong["scorecard"], wrong["problems"][-1]["line"]) == (None, 2)
    await supervisor.ask("POST", "/scorecards/check", {"text": text}, status=403)
    await administrator.ask("POST", "/scorecards", checked["scorecard"], status=201)
    body = assigned(5) | {"scorecard": "house-rules"}
    made = await supervisor.ask("POST", "/reviews", body, status=201)
    await supervisor.ask("PUT", "/scorecards/house-rules/retired", status=403)
    await administrator.ask("PUT", "/scorecards/house-rules/retired", status=204)
    await administrator.ask("PUT", "/scorecards/nothing/retired", status=404)
    assert list((await supervisor.ask("GET", "/scorecards"))["retired"]) == ["house-rules"]
    plan = {"name": "by-house-rules", "kind": "mystery", "scorecard": "house-rules", "reviewers": ["reviewer"]}
    for path, refused in (("/reviews", body), ("/sampling", plan), ("/sampling/preview", {"plan": plan})):
        await supervisor.ask("POST", path, refused, status=409)
    assert (await supervisor.ask("GET", f"/reviews/{made['assignment_id']}"))["scorecard"]["id"] == "house-rules"
    await administrator.ask("DELETE", "/scorecards/house-rules/retired", status=204)
    await supervisor.ask("POST", "/reviews", assigned(6) | {"scorecard": "house-rules"}, status=201)
    await administrator.ask("PUT", "/scorecards/house-rules/retired", status=204)
    await administrator.ask("POST", "/scorecards", checked["scorecard"] | {"version": 2}, status=201)
    assert (await supervisor.ask("GET", "/scorecards"))["retired"] == {}


async def test_a_planted_visit_is_listed_for_those_who_lead(audit: RunningAudit) -> None:
    supervisor, reviewer = await person(audit, "supervisor"), await person(audit, "reviewer")
    path = f"/mystery/{session(9).session_id}"
    await supervisor.ask("PUT", path, {"note": "the till"}, status=204)
    (flag,) = (await supervisor.ask("GET", "/mystery"))["flags"]
    assert (flag["session_id"], flag["flagged_by"], flag["note"]) == (session(9).session_id, "supervisor", "the till")
    await reviewer.ask("GET", "/mystery", status=403)
    await supervisor.ask("DELETE", path, status=204)
    assert (await supervisor.ask("GET", "/mystery"))["flags"] == []


async def test_calibration_is_blind(audit: RunningAudit) -> None:
    """Neither the other reviewer nor a leader sees a score before both are in."""
    lead, first, second = [await person(audit, who) for who in ("administrator", "reviewer", "second")]
    body = {"session_id": session(10).session_id, "reviewers": ["reviewer", "second"], "scorecard": CARD}
    one, two = (await lead.ask("POST", "/calibrations", body, status=201))["assignments"]
    await first.ask("POST", f"/reviews/{one['assignment_id']}/submit", {"answers": GOOD})
    told = await lead.ask("GET", "/calibrations")
    (waiting,) = told["sessions"]
    assert [(part["reviewer"], part["is_in"], part["score"]) for part in waiting["reviews"]] == [
        ("reviewer", True, None),
        ("second", False, None),
    ]
    assert (waiting["session"]["engineer"], waiting["points_apart"]) == (session(10).engineer, None)
    assert set(told["names"]) == {"reviewer", "second"}
    for who in (second, lead):
        await who.ask("GET", f"/reviews/{one['assignment_id']}", status=404)
    await second.ask("POST", f"/reviews/{two['assignment_id']}/submit", {"answers": GOOD})
    assert (await second.ask("GET", f"/reviews/{one['assignment_id']}"))["score"] == 0.5
    found = await lead.ask("GET", "/calibrations")
    (pair,) = found["pairs"]
    assert [part["score"] for part in found["sessions"][0]["reviews"]] == [0.5, 0.5]
    assert {line["title"]["en"] for line in found["criteria"]}.isdisjoint(
        {line["criterion"] for line in found["criteria"]}
    )
    assert (pair["first"], pair["second"], pair["points_apart"]) == ("reviewer", "second", 0.0)


async def test_reports_and_mystery_sessions(audit: RunningAudit) -> None:
    """Figures with the sessions behind them; a planted visit leaves the customer's."""
    supervisor, reviewer = await person(audit, "supervisor"), await person(audit, "reviewer")
    report = await supervisor.ask("GET", f"/report?{PERIOD}&zone=Asia/Shanghai")
    csat = report["groups"][0]["figures"][0]
    assert (csat["name"], csat["count"], csat["too_few"], csat["sessions"]) == ("csat", 9, True, 9)
    await supervisor.ask("PUT", f"/mystery/{session(9).session_id}", {"note": "planted"}, status=204)
    report = await supervisor.ask("GET", f"/report?{PERIOD}&by=engineer")
    assert report["groups"][0]["figures"][0]["count"] == 8
    await supervisor.ask("DELETE", f"/mystery/{session(9).session_id}", status=204)
    text = await supervisor.ask("GET", f"/report.csv?{PERIOD}")
    assert text.startswith(b"first_day,last_day,zone")
    await supervisor.ask("GET", "/report?zone=Mars/Olympus", status=422)
    await reviewer.ask("GET", "/report", status=403)


async def test_sessions_and_reports_go_by_the_team_and_tier_that_the_broker_says(audit: RunningAudit) -> None:
    """Those of whom it said nothing, in a version of before, are in none, and in every total."""
    supervisor, services = await person(audit, "supervisor"), audit.server.service.services
    told = []
    for number, team, tier in ((1, "Berlin", "gold"), (2, "Berlin", "standard"), (3, "Hamburg", ""), (4, "", "")):
        staff = {"name": "Mei Example", "staff_number": "E-17"} | ({"team": team} if team else {})
        words = {"participants": [staff]} | ({"tier": tier} if tier else {})
        known = session(number)
        facts = msgspec.json.encode(words)
        told.append(
            BrokerSession(bytes.fromhex(known.session_id), known.opened_at_ms + number, known.ended_at_ms, facts)
        )
    await services.sessions.keep_page(told, 1, NOW_MS)
    listed = (await supervisor.ask("GET", "/sessions"))["sessions"]
    assert [(one["about"]["team"], one["about"]["tier"]) for one in listed] == [
        ("", ""), ("Hamburg", ""), ("Berlin", "standard"), ("Berlin", "gold")
    ]  # fmt: skip
    report = await supervisor.ask("GET", f"/report?{PERIOD}&by=team")
    counts = {group["key"]: group["figures"][2]["sessions"] for group in report["groups"]}
    assert counts == {"Berlin": 2, "Hamburg": 1, "-": 6}
    assert (report["teams"], report["tiers"]) == (["-", "Berlin", "Hamburg"], ["-", "gold", "standard"])
    for query, expected in (("team=Berlin&tier=gold", 1), ("team=-", 6), ("tier=-", 7), ("team=Rome", 0)):
        report = await supervisor.ask("GET", f"/report?{PERIOD}&{query}")
        assert report["sessions"] == expected, query
    rows = (await supervisor.ask("GET", f"/report.csv?{PERIOD}&team=Berlin&by=tier")).decode().splitlines()
    assert {tuple(row.split(",")[3:6]) for row in rows[1:]} == {
        ("Berlin", "gold", "gold"), ("Berlin", "standard", "standard")
    }  # fmt: skip


async def test_scorecards(audit: RunningAudit) -> None:
    """Everybody reads them, administrators add a version, and a kept version never changes."""
    lead, reviewer = await person(audit, "administrator"), await person(audit, "reviewer")
    card = msgspec.to_builtins(standard_scorecards()[0])
    await lead.ask("POST", "/scorecards", card | {"version": 2}, status=201)
    await lead.ask("POST", "/scorecards", card | {"title": {"en": "x", "zh-CN": "x"}}, status=409)
    await lead.ask("POST", "/scorecards", card | {"criteria": []}, status=422)
    names = [(each["id"], each["version"]) for each in (await reviewer.ask("GET", "/scorecards"))["scorecards"]]
    assert (card["id"], 2) in names


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"answers": 3}', b'{"answers": [], "x": 1}', b"[" * 30_000, b"\xff"]
)
async def test_a_body_that_makes_no_sense_is_one_sentence(audit: RunningAudit, body: bytes) -> None:
    """A problem document, whatever was sent."""
    token = await audit.login("reviewer")
    answer = await audit.request("PUT", "/v1/reviews/000000000000", body, token=token)
    assert answer.status == 422
    assert answer.json["type"] == "urn:consentry:body-unusable"


async def test_nobody_reviews_their_own_session(audit: RunningAudit) -> None:
    """Certificates name an engineer in full; who logs in as `reviewer` here is called Reviewer."""
    store = audit.server.service.services.quality._store
    own = session(77, engineer="  REVIEWER ", ended_at_ms=NOW_MS - 90 * 86_400_000)  # outside of what others draw from
    await store.put_session(own, "stamp")
    supervisor, reviewer = await person(audit, "supervisor"), await person(audit, "reviewer")
    for who in (supervisor, reviewer):
        refused = await who.ask("POST", "/reviews", assigned(77), status=409)
        assert "nobody reviews a session of their own" in refused["detail"]
    both = {"session_id": own.session_id, "reviewers": ["reviewer", "second"], "scorecard": CARD}
    await supervisor.ask("POST", "/calibrations", both, status=422)
    await supervisor.ask("POST", "/reviews", assigned(77, "second"), status=201)


async def test_a_figure_opens_its_sessions_in_pages(audit: RunningAudit) -> None:
    """As many as it says, each once, the newest first; those that a share counts, and the rest."""
    supervisor, services = await person(audit, "supervisor"), audit.server.service.services
    every = [session(number) for number in range(1, 10)]
    told = [BrokerSession(bytes.fromhex(one.session_id), one.opened_at_ms, one.ended_at_ms, b"{}") for one in every]
    await services.sessions.keep_page(told, 1, NOW_MS)
    for number in (2, 5):
        await services.quality._store.put_session(session(number, stars=1, ended_at_ms=NOW_MS - 86_400_000), "stamp")
    csat = (await supervisor.ask("GET", f"/report?{PERIOD}"))["groups"][0]["figures"][0]
    table = (await supervisor.ask("GET", f"/report.csv?{PERIOD}")).decode()
    line = next(row for row in csv.DictReader(io.StringIO(table)) if row["figure"] == "csat")
    numbers = {"all": line["sessions"].split(), "hits": line["hits"].split()}
    numbers["rest"] = [one for one in numbers["all"] if one not in numbers["hits"]]
    assert (csat["sessions"], csat["hits"]) == (len(numbers["all"]), len(numbers["hits"]))
    for which, expected in numbers.items():
        found, after, pages = [], "", 0
        while pages == 0 or after:
            question = f"{PERIOD}&figure=csat&which={which}&limit=4" + (f"&after={after}" if after else "")
            page = await supervisor.ask("GET", f"/report/sessions?{question}")
            found += [one["session_id"] for one in page["sessions"]]
            assert page["count"] == len(expected)
            after, pages = page["next"], pages + 1
        assert (found, pages) == (expected[::-1], max(1, -(-len(expected) // 4))), which
    by_engineer = f"/report/sessions?{PERIOD}&by=engineer&figure=csat&group=E-17"
    assert (await supervisor.ask("GET", by_engineer))["count"] == csat["sessions"]
    for wrong in ("figure=joy", "figure=csat&group=E-99"):
        await supervisor.ask("GET", f"/report/sessions?{PERIOD}&{wrong}", status=404)
    reviewer = await person(audit, "reviewer")
    await reviewer.ask("GET", f"/report/sessions?{PERIOD}&figure=csat", status=403)
