"""`consentry verify`: what a receipt proves, on any machine, with nothing but the file.

Nobody is asked: no broker, no network, no key. What the reader has to know by themselves is the organisation; its
fingerprint is printed, to be compared with what they were told when they had no reason to doubt it.
"""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer

from protocol.calendar_time import time_text
from protocol.details import system_reason
from protocol.engineer_receipts import EngineerReceipt, open_any_receipt
from protocol.errors import InputError
from protocol.events import FileAction
from protocol.receipt_verification import (
    ReceiptCheck,
    ReceiptJudgement,
    judge_engineer_receipt,
    judge_receipt,
    root_fingerprint,
)
from protocol.receipts import RECEIPT_LIMIT_BYTES, Receipt
from wording import Wording, detect_language, safe_text
from wording.languages import Language
from wording.scopes import scopes_text

_MARKS = {"ok": "✓", "failed": "✗", "open": "–"}


class ReceiptUnreadable(InputError):
    sentence = "The file {path} cannot be read: {problem}."


def verify(
    path: Annotated[Path, typer.Argument(metavar="RECEIPT")],
    language: Annotated[Language | None, typer.Option("--language")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    wording = Wording(language or detect_language(os.environ))
    receipt = open_any_receipt(_read(path))
    if isinstance(receipt, Receipt):
        judgement, facts = judge_receipt(receipt), _facts(receipt)
    else:
        judgement, facts = judge_engineer_receipt(receipt), _engineer_facts(receipt)
    if as_json:
        said = {**_judged(receipt.root_key, judgement, wording), "complete_with": _completing(receipt, path), **facts}
        sys.stdout.write(msgspec.json.encode(said).decode() + "\n")
    else:
        if isinstance(receipt, Receipt):
            _summarise(receipt, wording)
        else:
            _summarise_engineers(receipt, wording)
        _explain(receipt.root_key, judgement, wording)
        command = _completing(receipt, path)
        if command:
            typer.echo(wording.say("receipt-how-to-complete", command=command, origin=receipt.broker_origin))
    return 0 if judgement.verdict == "proved" else 1


def _completing(receipt: Receipt | EngineerReceipt, path: Path) -> str:
    """The command that adds the proof of the end, where that alone is missing and may be had; else empty."""
    if receipt.evidence is None or receipt.evidence.closed is not None:
        return ""
    return f"consentry complete {shlex.quote(str(path))}" if isinstance(receipt, Receipt) else "consentry receipts"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(RECEIPT_LIMIT_BYTES + 1)
    except OSError as error:
        raise ReceiptUnreadable(path=path, problem=system_reason(error)) from None


_ACTIONS = frozenset(get_args(FileAction))
"""Those that have words; a receipt may have been written by a later version, or by anybody."""


def _summarise(receipt: Receipt, wording: Wording) -> None:
    engineers = ", ".join(f"{one.name} ({one.staff_number})" for one in receipt.engineers)
    summary = {
        "organisation": receipt.organisation,
        "engineers": engineers,
        "started": time_text(receipt.started_at_ms),
        "ended": time_text(receipt.ended_at_ms),
        "reason": receipt.reason,
        "ticket": receipt.ticket or "–",
        "scopes": scopes_text(wording, receipt.scopes) or "–",
        "records": receipt.record_count,
        "chain": receipt.chain_hash.hex(),
    }
    typer.echo(wording.say("receipt-summary", **summary))
    typer.echo(wording.say("receipt-consent", text=receipt.consent_text))
    for take_over in receipt.take_overs or ():
        by, leaver = take_over.by, take_over.leaver
        said = wording.say("receipt-take-over", time=time_text(take_over.at_ms), by=by.name, leaver=leaver.name)
        typer.echo(said)
    typer.echo(wording.say("receipt-files", count=len(receipt.files)))
    for one in receipt.files:
        action = wording.say(f"agent-file-{one.action}") if one.action in _ACTIONS else safe_text(one.action)
        typer.echo(f"  {action:<14} {one.byte_count:>12}  {one.sha256.hex() or '–':<64}  {safe_text(one.path)}")


def _summarise_engineers(receipt: EngineerReceipt, wording: Wording) -> None:
    summary = {
        "organisation": receipt.organisation,
        "host": receipt.host_label or "–",
        "opened": time_text(receipt.opened_at_ms),
        "reason": receipt.reason,
        "ticket": receipt.ticket or "–",
        "scopes": scopes_text(wording, receipt.scopes) or "–",
    }
    typer.echo(wording.say("engineer-receipt-summary", **summary))
    typer.echo(wording.say("engineer-receipt-own-words"))


def _explain(root_key: bytes, judgement: ReceiptJudgement, wording: Wording) -> None:
    typer.echo()
    for check in judgement.checks:
        typer.echo(f"{_MARKS[check.outcome]} {_sentence(check, wording)}")
    typer.echo()
    typer.echo(wording.say("receipt-fingerprint", fingerprint=root_fingerprint(root_key)))
    typer.echo(wording.say(f"receipt-verdict.{judgement.verdict}"))


def _sentence(check: ReceiptCheck, wording: Wording) -> str:
    fields = dict(check.fields)
    if "time_ms" in fields:
        fields["time"] = time_text(int(str(fields.pop("time_ms"))))
    if check.problem is not None:
        fields["problem"] = wording.say_error(check.problem)
    return wording.say(f"receipt-check-{check.name}.{check.outcome}", **fields)


def _facts(receipt: Receipt) -> dict[str, Any]:
    return {
        "session_id": receipt.session_id.hex(),
        "organisation": receipt.organisation,
        "engineers": msgspec.to_builtins(receipt.engineers),
        "take_overs": msgspec.to_builtins(receipt.take_overs or ()),
        "reason": receipt.reason,
        "ticket": receipt.ticket,
        "scopes": [*receipt.scopes],
        "consent_text": receipt.consent_text,
        "started_at_ms": receipt.started_at_ms,
        "ended_at_ms": receipt.ended_at_ms,
        "end_reason": receipt.end_reason,
        "record_count": receipt.record_count,
        "chain_hash": receipt.chain_hash.hex(),
        "files": [
            {"path": one.path, "action": one.action, "byte_count": one.byte_count, "sha256": one.sha256.hex()}
            for one in receipt.files
        ],
    }


def _engineer_facts(receipt: EngineerReceipt) -> dict[str, Any]:
    return {
        "session_id": receipt.session_id.hex(),
        "organisation": receipt.organisation,
        "host_label": receipt.host_label,
        "reason": receipt.reason,
        "ticket": receipt.ticket,
        "scopes": [*receipt.scopes],
        "opened_at_ms": receipt.opened_at_ms,
    }


def _judged(root_key: bytes, judgement: ReceiptJudgement, wording: Wording) -> dict[str, Any]:
    return {
        "verdict": judgement.verdict,
        "sentence": wording.say(f"receipt-verdict.{judgement.verdict}"),
        "root_fingerprint": root_fingerprint(root_key),
        "checks": [
            {
                "check": check.name,
                "outcome": check.outcome,
                "fields": check.fields,
                "sentence": _sentence(check, wording),
            }
            for check in judgement.checks
        ],
    }
