"""What the transparency log proves of a pulled session, and what happens when it does not."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from audit.commands import app
from audit.log_trust import PROFILE_FILE
from audit.service.broker_feed import BrokerFeed
from audit.service.log_check import LogCheck
from audit.session_files import LOG_FILE, SessionLogEvidence, session_folder
from broker.http_api import audit_feed
from broker.http_api.sessions import ProofAnswer
from broker.services import Services
from broker.sessions.session import Session
from protocol.log_proof import LogPolicy, parse_log_proof
from protocol.messages.agent import LogEntry
from protocol.receipts import ReceiptEntry
from tests.audit.service.harness import RunningAudit
from tests.audit.service.house import House, arrived, over, record, running_session
from tests.helpers.logs import ALONE
from tests.helpers.waiting import until

ENGLISH = {"CONSENTRY_LANGUAGE": "en"}
WHOLE = "The session's opening and end are in the public log"


def evidence_file(house: House, session_id: bytes) -> Path:
    return house.audit_settings.records_folder / session_id.hex() / LOG_FILE


def evidence(house: House, session_id: bytes) -> SessionLogEvidence:
    return msgspec.msgpack.decode(evidence_file(house, session_id).read_bytes(), type=SessionLogEvidence)


async def verified(audit: RunningAudit, token: str, session_id: bytes) -> tuple[str, str]:
    """The badge, and the outcome of the check with its name."""
    answer = (await audit.request("GET", f"/v1/sessions/{session_id.hex()}/verify", token=token)).json
    (check,) = (check for check in answer["checks"] if check["check"] == "log")
    return answer["log"], check["outcome"]


async def test_a_session_that_the_log_has_whole_is_verified(house: House) -> None:
    """Opening and end are proved, the end names the FINAL record; the proofs are kept beside the recording."""
    recording = await record(house)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        await over(audit, token, recording.session_id)
        await until(lambda: evidence_file(house, recording.session_id).exists())
        assert await verified(audit, token, recording.session_id) == ("verified", "ok")
        kept = evidence(house, recording.session_id)
        assert kept.opened is not None
        assert kept.closed is not None
        answer = await audit.request("GET", f"/v1/sessions/{recording.session_id.hex()}/verify", token=token)
        entries = {"opened": kept.opened, "closed": kept.closed}
        indexes = {name: parse_log_proof(entry.proof).index for name, entry in entries.items()}
        assert answer.json["log_places"] == indexes
        assert indexes["opened"] < indexes["closed"]
        summary = (
            f"5 records, chain whole, opened and closed in the log at {indexes['opened']} and {indexes['closed']}, "
            "not cosigned"
        )
        assert answer.json["summary"] == summary
    verify = ["verify", recording.session_id.hex(), "--records", str(house.audit_settings.records_folder)]
    said = await asyncio.to_thread(CliRunner().invoke, app, verify, env=ENGLISH)
    assert f"✓ {WHOLE}" in said.stdout
    assert summary in said.stdout
    (house.audit_settings.data_folder / PROFILE_FILE).unlink()
    said = await asyncio.to_thread(CliRunner().invoke, app, verify, env=ENGLISH)
    assert "the log was not looked at: say whose word counts with --log" in said.stdout
    profile = house.broker.organisation.profile
    assert profile.log is not None
    said = await asyncio.to_thread(CliRunner().invoke, app, [*verify, "--log", profile.log.vkey], env=ENGLISH)
    assert summary in said.stdout
    assert list((house.audit_settings.data_folder / "logs").glob("*.checkpoint"))


async def test_a_session_that_goes_on_is_opened(house: House) -> None:
    """The end is asked for when there is one."""
    recording = await record(house, end=False)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        await arrived(audit, token, recording.session_id, records=2)
        await until(lambda: evidence_file(house, recording.session_id).exists())
        badge, outcome = await verified(audit, token, recording.session_id)
        assert (badge, outcome) in {("opened", "unchecked"), ("closed-early", "unchecked")}


async def test_who_looks_while_the_end_is_being_noted_waits_for_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a session has ended can be read before its end is in the log: nobody takes that for a log without it."""
    asked = asyncio.Event()
    close, prove = Services.close_recording, audit_feed.proof_of

    async def close_once_asked(services: Services, session: Session) -> None:
        await asked.wait()
        await close(services, session)

    async def proof_of(services: Services, session_id: bytes, entry: LogEntry, known_size: int) -> ProofAnswer:
        if entry == "close":
            asked.set()
        return await prove(services, session_id, entry, known_size)

    monkeypatch.setattr(Services, "close_recording", close_once_asked)
    monkeypatch.setattr(audit_feed, "proof_of", proof_of)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        async with running_session(house) as session:
            await session.send(len(session.recording.records))
            await session.end(noted=False)
            await over(audit, token, session.recording.session_id)
            assert await verified(audit, token, session.recording.session_id) == ("verified", "ok")


async def test_another_sessions_proof_is_no_proof(house: House) -> None:
    """Each kept proof is held against this recording at every look: of which session, of which records."""
    first, second = await record(house), await record(house)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        for one in (first, second):
            await over(audit, token, one.session_id)
            assert await verified(audit, token, one.session_id) == ("verified", "ok")
        right, other = evidence(house, first.session_id), evidence(house, second.session_id)
        assert right.opened is not None
        spoilt = msgspec.structs.replace(right.opened, leaf=right.opened.leaf[:-1] + b"x")
        for badge, wrong in (
            ("open-differs", msgspec.structs.replace(right, opened=other.opened)),
            ("head-differs", msgspec.structs.replace(right, closed=other.closed)),
            ("not-proved", msgspec.structs.replace(right, opened=spoilt)),
            ("log-contradicts", msgspec.structs.replace(right, refusal="log-contradicts")),
        ):
            evidence_file(house, first.session_id).write_bytes(msgspec.msgpack.encode(wrong))
            assert await verified(audit, token, first.session_id) == (badge, "failed")


@pytest.mark.parametrize("lie", ["missing", "rolled back"])
async def test_a_log_that_lies_is_named(house: House, lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that it has no such session; or it is smaller than the one that was seen here before, which is kept."""
    first = await record(house)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        await over(audit, token, first.session_id)
        assert await verified(audit, token, first.session_id) == ("verified", "ok")
        old = evidence(house, first.session_id).opened
        second = await record(house)
        await over(audit, token, second.session_id)
        assert await verified(audit, token, second.session_id) == ("verified", "ok")
        evidence_file(house, first.session_id).unlink()
        ask = BrokerFeed.proof

        async def lying(feed: BrokerFeed, session_id: bytes, entry: str, known_size: int) -> object:
            if lie == "missing":
                return None
            answer = await ask(feed, session_id, "open", 0)
            assert answer is not None
            assert old is not None
            return msgspec.structs.replace(answer, leaf=old.leaf, proof=old.proof)

        monkeypatch.setattr(BrokerFeed, "proof", lying)
        badge = "open-missing" if lie == "missing" else "log-contradicts"
        assert await verified(audit, token, first.session_id) == (badge, "failed")
        monkeypatch.undo()
        # What is missing may come; a log that was caught stays caught.
        expected = ("verified", "ok") if lie == "missing" else ("log-contradicts", "failed")
        assert await verified(audit, token, first.session_id) == expected


def test_without_a_profile_there_is_nothing_to_check(house: House) -> None:
    """Before the broker has answered for the first time."""
    check = LogCheck(BrokerFeed(None, ""), house.audit_settings.data_folder)  # type: ignore[arg-type]  # never asked
    assert check.policy is None


async def test_two_who_ask_at_once_write_over_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever pulls a session, and whoever looks at it: a log that one of them caught stays caught."""
    answered = asyncio.Event()

    async def ask(_: LogCheck, session_id: bytes, entry: LogEntry, kept: SessionLogEvidence, policy: LogPolicy) -> Any:
        if entry == "close":
            return msgspec.structs.replace(kept, refusal="log-contradicts")
        if not answered.is_set():
            answered.set()
            await asyncio.wait([second], timeout=0.05)
        return msgspec.structs.replace(kept, opened=ReceiptEntry(b"leaf", "proof"))

    monkeypatch.setattr(LogCheck, "_ask", ask)
    feed: Any = SimpleNamespace(profile=SimpleNamespace(log=SimpleNamespace(policy=ALONE)))
    check, session_id = LogCheck(feed, tmp_path), bytes(16)
    (folder := session_folder(tmp_path / "records", session_id)).mkdir(parents=True)
    first = asyncio.create_task(check.collect(session_id, ended=False))
    second = asyncio.create_task(check.collect(session_id, ended=True))
    await asyncio.gather(first, second)
    kept = msgspec.msgpack.decode((folder / LOG_FILE).read_bytes(), type=SessionLogEvidence)
    assert kept.refusal == "log-contradicts"
