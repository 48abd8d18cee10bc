"""`consentry audit verify`: checks a recording from its bytes, and what the log proves of it."""

import base64
from typing import Annotated

import msgspec
import typer

from audit.command_line import (
    JsonOption,
    KeyOption,
    RecordsOption,
    SessionArgument,
    command_wording,
    load_keys,
    print_json,
    unix_ms_of,
)
from audit.log_trust import (
    BrokerOption,
    LogOption,
    ProfileOption,
    WitnessOption,
    known_profile,
    log_policy,
)
from audit.vault import qa_ratings
from audit.vault.badge import Badge, badge_of
from audit.vault.library import Recording, find_session
from audit.vault.log_evidence import outcome_of_log
from audit.vault.verify import Outcome, verify_recording
from protocol.certificates import FOR_EVER_MS, EngineerCa
from protocol.errors import InputError
from protocol.log_proof import LogPolicy

_SEALED = 3
"""The exit status where nothing is wrong and the given keys do not open it: neither proved nor disproved."""

_MARKS = {Outcome.OK: "✓", Outcome.FAILED: "✗", Outcome.REMARK: "!", Outcome.UNCHECKED: "–"}


class CaKeyError(InputError):
    """Not an engineer CA's public key."""

    sentence = (
        "An engineer CA's key must be given as the profile writes it (engineer_ca_key), or in hexadecimal digits; "
        "behind it may stand until when it counts, as @2026-11-30T14:00:00Z."
    )


def verify(
    session: SessionArgument,
    records: RecordsOption,
    key: KeyOption = None,
    ca: Annotated[list[str] | None, typer.Option("--ca", envvar="CONSENTRY_ENGINEER_CA", metavar="KEY[@TIME]")] = None,
    profile: ProfileOption = None,
    broker: BrokerOption = None,
    log: LogOption = None,
    witness: WitnessOption = None,
    as_json: JsonOption = False,
) -> int:
    wording = command_wording()
    recording = find_session(records, session)
    known = known_profile(records, profile, broker)
    badge = _badge(recording, log_policy(known, log, witness))
    cas = [_ca(one) for one in ca or ()] or (known.engineer_cas if known else None)
    report = verify_recording(recording, load_keys(key), cas=cas, now_ms=qa_ratings.now_ms())
    lines = [
        {
            "check": check.name,
            "outcome": str(check.outcome),
            "fields": check.plain_fields,
            "sentence": wording.say(f"audit-check-{check.name}.{check.outcome}", **check.fields),
        }
        for check in report.checks
    ]
    verdict, intact = report.verdict, report.intact
    if badge.log is not None:
        outcome = outcome_of_log(badge.log)
        lines.append(
            {
                "check": "log",
                "outcome": str(outcome),
                "fields": {},
                "sentence": wording.say(f"audit-log-badge.{badge.log}"),
            }
        )
        if outcome is Outcome.FAILED:
            verdict, intact = "broken", False
    summary = badge.sentence(wording)
    if as_json:
        facts = {
            "session_id": report.session_id.hex(),
            "intact": intact,
            "verdict": verdict,
            "state": str(report.state),
            "fault": msgspec.to_builtins(report.fault) if report.fault else None,
            "checks": lines,
        }
        print_json({**facts, "log": badge.log, "log_places": badge.places, "summary": summary})
    else:
        for line in lines:
            typer.echo(f"{_MARKS[Outcome(str(line['outcome']))]} {line['sentence']}")
        typer.echo(summary)
        typer.echo(wording.say(f"audit-verdict.{verdict}"))
    if verdict == "sealed":
        return _SEALED
    return 0 if intact else 1


def _badge(recording: Recording, policy: LogPolicy | None) -> Badge:
    with recording.open_file() as source:
        return badge_of(recording, recording.inspect(source), policy)


def _ca(text: str) -> EngineerCa:
    """64 hexadecimal digits, or base64 as the profile writes it; behind an @, until when it counts."""
    digits, _, until = text.partition("@")
    try:
        key = bytes.fromhex(digits) if len(digits) == 64 else base64.b64decode(digits, validate=True)
    except ValueError:
        raise CaKeyError from None
    if len(key) != 32:
        raise CaKeyError
    until_ms = unix_ms_of(until or None)
    return EngineerCa(key, FOR_EVER_MS if until_ms is None else until_ms)
