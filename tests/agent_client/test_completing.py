"""`consentry complete`: a receipt that was written while the network was away gets the proof of its end later."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from agent_client.completing import (
    EngineersReceipt,
    NoEndYet,
    NothingToComplete,
    ReceiptFileUnusable,
    complete_from_broker,
    complete_what_was_left,
    complete_with,
    read_receipt,
    replace_receipt,
)
from audit.session_files import LOG_FILE, SessionLogEvidence, session_folder
from consentry.cli import run
from protocol.events import encode_manifest
from protocol.receipt_verification import judge_receipt
from protocol.receipts import (
    Receipt,
    ReceiptEngineer,
    ReceiptEntry,
    ReceiptEvidence,
    open_receipt,
    sign_receipt,
    write_receipt,
)
from protocol.record_chain import chain_hash
from protocol.records import split_record
from tests.audit.service.house import House, RunningSession, make_house, running_session
from tests.helpers.recordings import SealedRecording
from tests.helpers.waiting import PATIENCE_SECONDS
from tests.protocol.test_engineer_receipts import RECEIPT as ENGINEERS
from tests.vectors.make_receipt_vectors import FOLDER
from tunnel.log_asking import read_proof
from tunnel.trust import ProfileUnavailable

PROVED = open_receipt((FOLDER / "0.2.0-proved.json").read_text())


def without_end(receipt: Receipt) -> Receipt:
    assert receipt.evidence is not None
    return structs.replace(receipt, evidence=structs.replace(receipt.evidence, closed=None))


def closed_of(receipt: Receipt) -> ReceiptEntry:
    assert receipt.evidence is not None
    assert receipt.evidence.closed is not None
    return receipt.evidence.closed


@pytest.fixture
def cut_short(tmp_path: Path) -> Path:
    """A receipt as it is written when the network is away at the end."""
    path = tmp_path / "receipt-000102030405.json"
    path.write_text(write_receipt(without_end(PROVED)))
    path.chmod(0o640)
    return path


def test_verify_says_what_is_missing_and_how_to_complete_it(
    cut_short: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In both languages, and for programs; a receipt that lacks nothing is not to be completed."""
    for language, words in (("en", "To complete it"), ("zh-CN", "补全")):
        assert run(["verify", str(cut_short), "--language", language]) == 1
        said = capsys.readouterr().out
        assert words in said
        assert f"consentry complete {cut_short}" in said
    run(["verify", str(cut_short), "--json"])
    assert json.loads(capsys.readouterr().out)["complete_with"] == f"consentry complete {cut_short}"
    run(["verify", str(FOLDER / "0.2.0-proved.json"), "--json"])
    assert json.loads(capsys.readouterr().out)["complete_with"] == ""


def test_the_auditors_proof_completes_it_without_a_network(
    cut_short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker may be gone for good. The file is replaced whole, with its own rights, and then verifies; a second
    time changes nothing."""
    monkeypatch.setenv("CONSENTRY_LANGUAGE", "en")
    proof = tmp_path / "proof.json"
    proof.write_bytes(msgspec.json.encode(closed_of(PROVED)))
    assert run(["complete", str(cut_short), "--proof", str(proof)]) == 0
    assert "Completed" in capsys.readouterr().out
    assert run(["verify", str(cut_short)]) == 0
    assert cut_short.stat().st_mode & 0o777 == 0o640
    before = cut_short.read_bytes()
    assert run(["complete", str(cut_short), "--proof", str(proof)]) == 0
    assert "already" in capsys.readouterr().out.splitlines()[-1]
    assert cut_short.read_bytes() == before


def test_what_does_not_hold_changes_no_file(
    cut_short: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another entry, a changed proof, no proof at all, a receipt that was changed."""
    before = cut_short.read_bytes()
    assert PROVED.evidence is not None
    closed = closed_of(PROVED)
    wrong = (
        msgspec.json.encode(PROVED.evidence.opened),
        msgspec.json.encode(structs.replace(closed, proof=closed.proof.replace("A", "B", 1))),
        b"nonsense",
    )
    for data in wrong:
        (tmp_path / "proof.json").write_bytes(data)
        assert run(["complete", str(cut_short), "--proof", str(tmp_path / "proof.json")]) == 1
        assert cut_short.read_bytes() == before
    cut_short.write_bytes(before.replace(b"printer.log", b"printer.txt"))
    assert run(["complete", str(cut_short), "--proof", str(tmp_path / "proof.json")]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_receipts_that_are_not_to_be_completed_so(tmp_path: Path) -> None:
    """An engineer's has its own command; one from before the log has nothing to add to."""
    engineers = tmp_path / "receipt.json"
    engineers.write_text(write_receipt(ENGINEERS))
    with pytest.raises(EngineersReceipt):
        read_receipt(engineers)
    with pytest.raises(NothingToComplete):
        read_receipt(FOLDER / "0.1.0-before-the-log.json")


def test_an_end_that_was_entered_before_all_records_were_there_is_told() -> None:
    """The log's word is kept in the receipt; that it proves less than all is said, and it is not asked for again."""
    early = open_receipt((FOLDER / "0.2.0-closed-early.json").read_text())
    done = complete_with(without_end(early), closed_of(early))
    assert (done.outcome, done.receipt) == ("shorter", early)


def test_a_disk_that_fails_leaves_the_receipt_as_it_was(cut_short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lost: the new file never came to be. One sentence; nothing lies around."""
    before = cut_short.read_bytes()

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agent_client.completing.os.fsync", full)
    with pytest.raises(ReceiptFileUnusable, match="No space left"):
        replace_receipt(cut_short, PROVED)
    assert cut_short.read_bytes() == before
    assert [path.name for path in cut_short.parent.iterdir()] == [cut_short.name]


async def receipt_of(house: House, session: RunningSession, root_key: bytes) -> Receipt:
    """What an agent would have written that lost its network at the end of this session."""
    recording: SealedRecording = session.recording
    answer = await house.broker.request("GET", f"/v1/sessions/{recording.session_id.hex()}/receipt-proof?entry=open")
    assert answer.status == 200, answer.body
    opened = read_proof(answer.json, "open")
    note = (await house.broker.request("GET", "/v1/profile")).body.decode()
    manifest = recording.manifest
    receipt = Receipt(
        organisation=manifest.organisation,
        root_key=root_key,
        broker_origin=manifest.broker_origin,
        session_id=recording.session_id,
        agent_key=recording.agent_key,
        engineers=(ReceiptEngineer(manifest.engineer.name, manifest.engineer.staff_number),),
        reason=manifest.reason,
        ticket=manifest.ticket,
        scopes=tuple(sorted(manifest.scopes)),
        consent_text=manifest.consent_text,
        language=manifest.language,
        started_at_ms=manifest.started_at_ms,
        ended_at_ms=manifest.started_at_ms + 9000,
        end_reason="customer-ended",
        files=(),
        record_count=len(recording.records),
        chain_hash=chain_hash(split_record(recording.records[-1]).header_bytes),
        manifest_salt=recording.salt,
        manifest=encode_manifest(manifest),
        evidence=ReceiptEvidence(note, ReceiptEntry(opened.leaf, opened.proof), None),
    )
    return sign_receipt(receipt, recording.signing_key)


async def test_the_broker_completes_it_once_the_session_is_over(tmp_path: Path) -> None:
    """Before that, there is no end to be proved; while the broker is away, nothing changes; whoever tries again later,
    or begins the next session, has a receipt that proves all. The auditors keep the same proof."""
    folder, state = tmp_path / "state" / "receipts", tmp_path / "state"
    folder.mkdir(parents=True)
    path = folder / "receipt-1.json"
    async with make_house(tmp_path / "house") as house:
        root_key = house.broker.organisation.root_public_key
        async with running_session(house) as session:
            await session.send(len(session.recording.records))
            receipt = await receipt_of(house, session, root_key)
            assert judge_receipt(receipt).verdict == "not-closed"
            path.write_text(write_receipt(receipt))
            with pytest.raises(NoEndYet):
                await complete_from_broker(receipt, path, state)
            await session.end()
        async with house.audit() as audit:
            log_file = session_folder(audit.settings.records_folder, receipt.session_id) / LOG_FILE
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (log_file.exists() and b"closed" in log_file.read_bytes() and kept(log_file).closed):
                    await asyncio.sleep(0.02)
            closed = kept(log_file).closed
            assert closed is not None
            assert judge_receipt(complete_with(receipt, closed).receipt).verdict == "proved"
        await complete_what_was_left(folder, state, "https://another.example.org")
        assert read_receipt(path) == receipt
        await complete_what_was_left(folder, state, receipt.broker_origin)
        assert judge_receipt(read_receipt(path)).verdict == "proved"
    path.write_text(write_receipt(receipt))
    with pytest.raises(ProfileUnavailable):
        await complete_from_broker(receipt, path, state)
    await complete_what_was_left(folder, state, receipt.broker_origin)
    assert read_receipt(path) == receipt


def kept(log_file: Path) -> SessionLogEvidence:
    return msgspec.msgpack.decode(log_file.read_bytes(), type=SessionLogEvidence)
