"""`consentry complete`: adds the log's proof of the end to a receipt that was written while it could not be had.

The network was away when the session ended, or the broker was. The proof proves itself, so anybody may bring it: the
broker, or the organisation's auditors in a file. What comes is judged with the receipt before the file is changed.
"""

import asyncio
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import structlog
import typer
from msgspec import structs

from agent_client.home import HOME_VARIABLE, state_folder
from protocol.details import Detail, system_reason
from protocol.engineer_receipts import EngineerReceipt, open_any_receipt
from protocol.errors import ConsentryError, InputError, UnavailableError
from protocol.log_leaves import CloseLeaf, Leaf, OpenLeaf
from protocol.messages.agent import LogEntry
from protocol.receipt_verification import judge_receipt
from protocol.receipts import (
    RECEIPT_LIMIT_BYTES,
    Receipt,
    ReceiptEntry,
    ReceiptError,
    ReceiptEvidence,
    write_receipt,
)
from protocol.share_url import ShareUrl
from tunnel.json_api import JsonApi, ServerRefused
from tunnel.log_asking import ask_log
from tunnel.log_memory import LogMemory
from tunnel.trust import fetch_signed_profile, ssl_context
from tunnel.whole_files import replace_file
from wording import Wording, detect_language

log = structlog.get_logger(__name__)

Outcome = Literal["completed", "shorter", "already"]
"""`shorter`: the log has the end, with fewer records than the receipt knows of."""

AskLog = Callable[[LogEntry, Callable[[Leaf], bool]], ReceiptEntry]


class EngineersReceipt(InputError):
    sentence = "{path} is an engineer's receipt. `consentry receipts` completes those, on the engineer's machine."


class NothingToComplete(InputError):
    sentence = "The receipt {path} holds no proof of its beginning, so that it cannot be completed. Keep it as it is."


class NoEndYet(UnavailableError):
    """The log has no `close` entry of the session."""

    sentence = (
        "The organisation's log has no end of this session yet. It is entered when the broker has given up waiting for "
        "the customer's side: try again in a quarter of an hour."
    )


class ReceiptFileUnusable(InputError):
    sentence = "The receipt {path} cannot be read or replaced: {problem}."


class ProofFileUnusable(InputError):
    sentence = "The proof in {path} cannot be used: {problem}."


@dataclass(frozen=True)
class Completion:
    """What became of a receipt: `outcome` says what the proof added to it."""

    outcome: Outcome
    receipt: Receipt


def complete(
    path: Annotated[Path, typer.Argument(metavar="RECEIPT")],
    proof: Annotated[Path | None, typer.Option("--proof", metavar="FILE")] = None,
    home: Annotated[Path | None, typer.Option("--home", envvar=HOME_VARIABLE, metavar="DIR")] = None,
) -> int:
    wording, state = Wording(detect_language(os.environ)), state_folder(home)
    receipt = read_receipt(path)
    if proof is not None:
        done = complete_with(receipt, _entry_in(proof))
    else:
        done = asyncio.run(complete_from_broker(receipt, path, state))
    if done.outcome != "already":
        replace_receipt(path, done.receipt)
    typer.echo(wording.say(f"receipt-completion.{done.outcome}", path=str(path)))
    return 1 if done.outcome == "shorter" else 0


def read_receipt(path: Path) -> Receipt:
    """One that says so itself and can be completed.

    Raises ReceiptFileUnusable, ReceiptError, EngineersReceipt, NothingToComplete.
    """
    try:
        with path.open("rb") as file:
            receipt = open_any_receipt(file.read(RECEIPT_LIMIT_BYTES + 1))
    except OSError as error:
        raise ReceiptFileUnusable(path=path, problem=system_reason(error)) from None
    if isinstance(receipt, EngineerReceipt):
        raise EngineersReceipt(path=path)
    if receipt.evidence is None:
        raise NothingToComplete(path=path)
    return receipt


async def complete_from_broker(receipt: Receipt, path: Path, state: Path) -> Completion:
    """Asks the broker that the receipt names, proved by the root that it names.

    Raises NoEndYet, ReceiptError, and what fetching a profile, asking, and believing a proof can raise.
    """
    if _is_complete(receipt):
        return Completion("already", receipt)
    fetched = await fetch_signed_profile(ShareUrl(receipt.broker_origin, receipt.root_key))
    profile = fetched.profile
    if profile.log is None:
        raise NothingToComplete(path=path)
    api, memory = JsonApi(profile.broker_origin, ssl_context(profile)), LogMemory(state, profile.log.policy)

    def ask(entry: LogEntry, is_ours: Callable[[Leaf], bool]) -> ReceiptEntry:
        try:
            answer = ask_log(api, f"/v1/sessions/{receipt.session_id.hex()}/receipt-proof", entry, memory, is_ours)
        except ServerRefused as refusal:
            if refusal.fields["code"] == "entry-missing":
                raise NoEndYet from None
            raise
        return ReceiptEntry(answer.leaf, answer.proof)

    return await asyncio.to_thread(_complete, receipt, ask, fetched.note.decode())


def complete_with(receipt: Receipt, closed: ReceiptEntry) -> Completion:
    """With a proof that somebody brought. Raises ReceiptError."""
    if _is_complete(receipt):
        return Completion("already", receipt)
    assert receipt.evidence is not None
    return _judged(structs.replace(receipt, evidence=structs.replace(receipt.evidence, closed=closed)))


def replace_receipt(path: Path, receipt: Receipt) -> None:
    """Whole or not at all: the file keeps what it had until the new one is on the disk. Raises ReceiptFileUnusable."""
    try:
        replace_file(path, write_receipt(receipt).encode(), mode=stat.S_IMODE(path.stat().st_mode))
    except OSError as error:
        raise ReceiptFileUnusable(path=path, problem=system_reason(error)) from None


async def complete_what_was_left(folder: Path, state: Path, origin: str) -> None:
    """Receipts in this folder, of sessions at this broker, that lack their end. Raises nothing: it is tried again."""
    for path in await asyncio.to_thread(lambda: sorted(folder.glob("receipt-*.json"))):
        try:
            receipt = await asyncio.to_thread(read_receipt, path)
            if receipt.broker_origin != origin or _has_end(receipt):
                continue
            done = await complete_from_broker(receipt, path, state)
            await asyncio.to_thread(replace_receipt, path, done.receipt)
            log.info("receipt_completed", file=path.name, outcome=done.outcome)
        except UnavailableError as error:
            log.info("receipt_not_completed", file=path.name, problem=str(error))
            if not isinstance(error, NoEndYet):
                return  # the broker is away: it is for the others, too
        except ConsentryError as error:
            log.warning("receipt_not_completed", file=path.name, problem=str(error))


def _complete(receipt: Receipt, ask: AskLog, profile_note: str) -> Completion:
    """Blocks. Where the log has other witnesses by now, its beginning is proved again under the profile of now."""
    evidence = receipt.evidence
    assert evidence is not None

    def ends(leaf: Leaf) -> bool:
        return isinstance(leaf, CloseLeaf) and leaf.session_id == receipt.session_id

    def begins(leaf: Leaf) -> bool:
        return isinstance(leaf, OpenLeaf) and leaf.session_id == receipt.session_id

    closed = ask("close", ends)
    try:
        return _judged(structs.replace(receipt, evidence=structs.replace(evidence, closed=closed)))
    except ReceiptError:
        if evidence.profile == profile_note:
            raise
    renewed = ReceiptEvidence(profile_note, ask("open", begins), closed)
    return _judged(structs.replace(receipt, evidence=renewed))


def _judged(completed: Receipt) -> Completion:
    """Raises ReceiptError where the whole does not hold."""
    judgement = judge_receipt(completed)
    for check in judgement.checks:
        if check.problem is not None:
            raise ReceiptError(
                problem=Detail("what was to complete it does not hold: {problem}", problem=check.problem)
            )
    return Completion("completed" if judgement.verdict == "proved" else "shorter", completed)


def _is_complete(receipt: Receipt) -> bool:
    """Raises ReceiptError for one that does not hold as it is."""
    judgement = judge_receipt(receipt)
    if judgement.verdict == "false":
        problem = next(check.problem for check in judgement.checks if check.problem is not None)
        raise ReceiptError(problem=problem)
    return judgement.verdict == "proved"


def _has_end(receipt: Receipt) -> bool:
    return receipt.evidence is not None and receipt.evidence.closed is not None


def _entry_in(path: Path) -> ReceiptEntry:
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(RECEIPT_LIMIT_BYTES), type=ReceiptEntry)
    except OSError as error:
        raise ProofFileUnusable(path=path, problem=system_reason(error)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProofFileUnusable(path=path, problem=error) from None
