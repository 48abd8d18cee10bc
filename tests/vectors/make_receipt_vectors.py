"""Makes tests/vectors/receipts/: receipts as this version writes them, which must verify for ever.

    .venv/bin/python -m tests.vectors.make_receipt_vectors

Files that are there are never made anew: a certificate's number is random, and what a customer keeps does not change.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from protocol.certificates import issue_certificate
from protocol.events import Manifest, Participant, encode_manifest
from protocol.grants import Scope
from protocol.log_leaves import CloseLeaf, HeadLeaf, KeyLeaf, OpenLeaf, commitment, encode_leaf
from protocol.messages.fields import Language
from protocol.profile import Profile, ProfileLog, ProfileWitness, sign_profile
from protocol.receipts import (
    Receipt,
    ReceiptEngineer,
    ReceiptEntry,
    ReceiptEvidence,
    ReceiptFile,
    ReceiptTakeOver,
    sign_receipt,
    write_receipt,
)
from tests.helpers.logs import LOG_KEY, WITNESS_KEY, proof_of

FOLDER = Path(__file__).with_name("receipts")
START_MS = 1_795_000_000_000
ROOT, CA, AGENT, ENGINEER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3, 4))
SESSION, SALT, CHAIN = bytes(range(16)), bytes(range(32)), b"c" * 32
RECORDS = 5
CONSENT = {"en": "Wei Example may read files for 30 minutes.", "zh-CN": "允许 Wei Example 读取文件 30 分钟。"}


def profile(*, witnessed: bool) -> Profile:
    witnesses = (ProfileWitness(WITNESS_KEY.vkey, "https://witness.example.org"),) if witnessed else ()
    return Profile(
        version=3,
        organisation="Example Help",
        broker_origin="https://help.example.org",
        engineer_ca_key=CA.public_key().public_bytes_raw(),
        audit_recipients=(),
        log=ProfileLog(LOG_KEY.vkey, witnesses),
    )


def manifest(language: Language) -> Manifest:
    return Manifest(
        version=1,
        organisation="Example Help",
        broker_origin="https://help.example.org",
        session_id=SESSION,
        agent_key=AGENT.public_key().public_bytes_raw(),
        ssh_host_keys=(b"host key",),
        engineer=Participant(
            "Wei Example",
            "E-17",
            issue_certificate(
                CA,
                name="Wei Example",
                staff_number="E-17",
                organisation="Example Help",
                public_key=ENGINEER.public_key().public_bytes_raw(),
                max_scopes=frozenset({Scope.SHELL, Scope.FILES_READ}),
                now_ms=START_MS - 60_000,
                lifetime_ms=3600_000,
            ),
            "ssh",
        ),
        reason="The printer is silent" if language == "en" else "打印机没有声音",
        ticket="T-1",
        scopes=(Scope.FILES_READ,),
        expires_at_ms=START_MS + 1_800_000,
        folders=("/srv",),
        consent_text=CONSENT[language],
        language=language,
        output_policy="bounded",
        host_label="till-3",
        user_name="mei",
        started_at_ms=START_MS,
        clock_offset_ms=7,
    )


def make(
    *, language: Language = "en", witnessed: bool = True, is_closed: bool = True, logged: int = RECORDS
) -> Receipt:
    said = manifest(language)
    encoded = encode_manifest(said)
    note = sign_profile(profile(witnessed=witnessed), ROOT).decode()
    opened = encode_leaf(OpenLeaf(START_MS + 1, SESSION, commitment(SALT, encoded), said.agent_key))
    closed = encode_leaf(CloseLeaf(START_MS + 60_000, SESSION, logged, CHAIN, "engineer-ended"))
    before = [encode_leaf(KeyLeaf(START_MS - 1, 3, bytes(32))), opened]
    after = [*before, encode_leaf(HeadLeaf(START_MS + 2, SESSION, 1, bytes(32))), closed]
    receipt = Receipt(
        organisation=said.organisation,
        root_key=ROOT.public_key().public_bytes_raw(),
        broker_origin=said.broker_origin,
        session_id=SESSION,
        agent_key=said.agent_key,
        engineers=(ReceiptEngineer("Wei Example", "E-17"),),
        reason=said.reason,
        ticket=said.ticket,
        scopes=(Scope.FILES_READ, Scope.SHELL),
        consent_text=CONSENT[language],
        language=said.language,
        started_at_ms=START_MS,
        ended_at_ms=START_MS + 59_000,
        end_reason="engineer-ended",
        files=(ReceiptFile("/srv/printer.log", "read", 5, b"f" * 32),),
        record_count=RECORDS,
        chain_hash=CHAIN,
        manifest_salt=SALT,
        manifest=encoded,
        evidence=ReceiptEvidence(
            note,
            ReceiptEntry(opened, proof_of(1, before, witnessed=witnessed).encode()),
            ReceiptEntry(closed, proof_of(3, after, witnessed=witnessed).encode()) if is_closed else None,
        ),
    )
    return sign_receipt(receipt, AGENT)


def make_taken_over() -> Receipt:
    """Two colleagues, one after the other, took over from the one who came in."""
    wei, ana, ben = (
        ReceiptEngineer(name, number) for name, number in (("Wei Example", "E-17"), ("Ana 例", "E-18"), ("Ben", "E-19"))
    )
    take_overs = (ReceiptTakeOver(ana, wei, START_MS + 20_000), ReceiptTakeOver(ben, ana, START_MS + 40_000))
    return sign_receipt(structs.replace(make(), engineers=(wei, ana, ben), take_overs=take_overs), AGENT)


def make_before_the_log() -> Receipt:
    """As version 0.1.0 wrote it: the same signature, and no evidence."""
    return structs.replace(make(), evidence=None)


GOLDEN = {
    "0.2.0-proved": make,
    "0.2.0-proved-zh-CN": lambda: make(language="zh-CN"),
    "0.2.0-without-witness": lambda: make(witnessed=False),
    "0.2.0-not-closed": lambda: make(is_closed=False),
    "0.2.0-closed-early": lambda: make(logged=RECORDS - 1),
    "0.1.0-before-the-log": make_before_the_log,
    "0.2.0-taken-over": make_taken_over,
}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, maker in GOLDEN.items():
        path = FOLDER / f"{name}.json"
        if not path.exists():
            text = write_receipt(maker())
            if name.startswith("0.1.0"):
                text = text.replace(',\n  "evidence": null', "")
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
