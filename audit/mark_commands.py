"""`consentry audit marks`: what a file of mark rules says, and what it would mark on recordings.

For whoever writes an organisation's own rules: the file is checked exactly as the service checks it when it starts.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from audit.command_line import JsonOption, KeyOption, command_wording, needed_keys, print_json, recorded_sessions
from audit.quality.marks import DEFAULT_RULES, MarkRule, MarkRules, MarkWatch
from audit.vault.library import Recording, find_session, scan_headers
from audit.vault.narrator import clock_text
from audit.vault.qa_ratings import now_ms
from audit.vault.reading import open_recording
from audit.vault.recipient_key import RecipientKey
from protocol.errors import InputError
from wording import Wording, safe_text


class RecordsNeededError(InputError):
    """Sessions were named, and not where they lie."""

    sentence = "Say where the recordings lie: --records DIR or CONSENTRY_RECORDS."


def marks(
    session: Annotated[list[str] | None, typer.Argument(metavar="SESSION", autocompletion=recorded_sessions)] = None,
    rules: Annotated[Path | None, typer.Option("--rules", envvar="CONSENTRY_MARKS", metavar="FILE")] = None,
    records: Annotated[Path | None, typer.Option("--records", envvar="CONSENTRY_RECORDS", metavar="DIR")] = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    wording, loaded = command_wording(), MarkRules.load(rules or DEFAULT_RULES)
    if not session:
        _show_rules(loaded, rules, wording, as_json=as_json)
        return
    if records is None:
        raise RecordsNeededError
    keys = needed_keys(key)
    for one in session:
        _show_marks(find_session(records, one), loaded, keys, wording, as_json=as_json)


def _show_rules(rules: MarkRules, path: Path | None, wording: Wording, *, as_json: bool) -> None:
    if as_json:
        print_json([_fields(rule) for rule in rules.rule])
        return
    for rule in rules.rule:
        title = safe_text(rule.title.in_language(wording.language))
        typer.echo(f"{rule.id:<20}  {rule.kind:<14}  {title}")
    source = wording.say("audit-marks-shipped") if path is None else safe_text(str(path))
    typer.echo(wording.say("audit-marks-usable", source=source, count=len(rules.rule)), err=True)


def _fields(rule: MarkRule) -> dict[str, Any]:
    """What the rule says, without what does not belong to its kind."""
    fields: dict[str, Any] = msgspec.to_builtins(rule)
    return {name: value for name, value in fields.items() if value not in ("", None, [], ())}


def _show_marks(
    recording: Recording, rules: MarkRules, keys: Sequence[RecipientKey], wording: Wording, *, as_json: bool
) -> None:
    watch = MarkWatch(rules.rule)
    with open_recording(recording, keys) as opened:
        for event in opened.events():
            watch.feed(event)
    with recording.open_file() as source:
        state = str(recording.state(scan_headers(source), now_ms()))
    if state != "arriving":
        watch.end(state)
    session_id = recording.session_id.hex()
    if as_json:
        print_json({"session_id": session_id, "state": state, "marks": msgspec.to_builtins(watch.marks)})
        return
    typer.echo(wording.say("audit-marks-of", session=session_id, count=len(watch.marks)))
    for mark in watch.marks:
        rule = rules.named(mark.rule)
        title = safe_text(rule.title.in_language(wording.language)) if rule else mark.rule
        typer.echo(f"  ⚑ {clock_text(mark.t_ms)}  {mark.rule:<20}  {title} ({safe_text(mark.detail)})")
