"""Cases, sessions, scorecards and reports, as a person reads them in a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audit.quality.brokers_word import NONE
from audit.quality.calibration import (
    KAPPA_WANTED,
    POINTS_APART_LIMIT,
    Agreement,
    BothScores,
    CalibratedReview,
    CalibratedSession,
    by_criterion,
    by_pair,
)
from audit.quality.command_line.form import answer_text
from audit.quality.figures import Figure
from audit.quality.marks import MarkRules
from audit.quality.reports import Group, Report
from audit.quality.reviews import Case
from audit.quality.scorecards import Scorecard
from audit.quality.sessions import SessionFacts
from audit.quality.statistics import TOO_FEW
from audit.vault.narrator import clock_text
from protocol.calendar_time import calendar_time
from wording import Wording, safe_text

BAR_CELLS = 10
"""Width of the plot of a share: one cell is ten points of a hundred. All columns fit into 80."""


def time_text(unix_ms: int | None) -> str:
    """UTC, to the minute."""
    if unix_ms is None:
        return "–"
    return calendar_time(unix_ms).strftime("%Y-%m-%d %H:%MZ")


def minutes_text(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "–"
    seconds = round(milliseconds / 1000)
    return f"{seconds // 60}:{seconds % 60:02}"


def session_lines(facts: SessionFacts, rules: MarkRules, wording: Wording) -> Iterable[str]:
    """What a reviewer should know before they look."""
    yield wording.say(
        "review-session",
        session=facts.session_id,
        opened=time_text(facts.opened_at_ms),
        minutes=minutes_text(facts.active_ms),
        engineer=facts.engineer or "–",
        number=facts.staff_number or "–",
        customer=facts.customer or "–",
        reason=facts.reason or "–",
        ticket=facts.ticket or "–",
        recording=wording.say(f"audit-state.{facts.state}"),
    )
    if facts.stars is not None:
        yield wording.say("audit-show-rating", stars=facts.stars, comment=facts.comment)
    for mark in facts.marks:
        rule = rules.named(mark.rule)
        title = rule.title.in_language(wording.language) if rule else mark.rule
        yield f"  ⚑ {clock_text(mark.t_ms)}  {title} ({safe_text(mark.detail)})"


def case_line(case: Case, facts: SessionFacts | None, wording: Wording, now_ms: int) -> str:
    """One line of the list."""
    assignment, score = case.assignment, case.score
    points = f"{float(100 * score.share):5.1f}" if score else "     "
    failed = "✗" if score and score.auto_fails else " "
    is_late = not case.is_submitted and assignment.due_at_ms < now_ms
    status = wording.say(f"review-status.{'late' if is_late else case.status}")
    reason = wording.say(f"review-reason.{assignment.reason}")
    detail = f" ({safe_text(assignment.detail)})" if assignment.detail else ""
    who = safe_text(facts.engineer) if facts else "?"
    due = time_text(assignment.due_at_ms)[:10]
    return (
        f"{assignment.assignment_id[:8]}  {assignment.session_id[:12]}  {due}  {status:<9}  {points}{failed}  "
        f"{safe_text(assignment.reviewer):<12}  {who}  {case.scorecard.name}  {reason}{detail}"
    )


def case_lines(case: Case, wording: Wording) -> Iterable[str]:
    """A review in full, with its dispute."""
    assignment, review, dispute = case.assignment, case.review, case.dispute
    yield wording.say(
        "review-case",
        review=assignment.assignment_id,
        scorecard=case.scorecard.name,
        reviewer=assignment.reviewer,
        due=time_text(assignment.due_at_ms),
        status=wording.say(f"review-status.{case.status}"),
        reason=wording.say(f"review-reason.{assignment.reason}"),
    )
    for answer in case.answers:
        yield f"  {answer_text(case.scorecard, answer, wording)}"
    if review is not None and review.comment:
        yield f"  “{safe_text(review.comment)}”"
    if case.score is not None:
        yield wording.say("review-form-score", points=f"{float(100 * case.score.share):.1f}")
        if case.score.auto_fails:
            yield wording.say("review-form-auto-failed", criteria=", ".join(case.score.auto_fails))
    if dispute is not None:
        yield wording.say("review-dispute", who=dispute.raised_by, grounds=dispute.grounds)
        if dispute.outcome is not None:
            outcome = wording.say(f"review-status.{dispute.outcome}")
            yield wording.say("review-decision", who=dispute.decided_by, outcome=outcome, words=dispute.words)


def scorecard_lines(scorecard: Scorecard, wording: Wording) -> Iterable[str]:
    language = wording.language
    yield f"{scorecard.name}  {scorecard.title.in_language(language)}"
    for criterion in scorecard.criteria:
        weight = wording.say(f"review-form-{'auto-fail' if criterion.auto_fail else 'weight'}", weight=criterion.weight)
        yield f"\n  {criterion.title.in_language(language)}  ({weight})"
        levels = scorecard.scale_of(criterion).levels
        yield f"    {' · '.join(f'{level.points} {level.in_language(language)}' for level in levels)}"
        yield f"    {criterion.help.in_language(language)}"


def print_report(report: Report, wording: Wording) -> None:
    """A table for each group, with a bar and its interval for every share. Rich leaves colours away by NO_COLOR."""
    console = Console(highlight=False)
    console.print(
        Text(
            wording.say(
                "review-report-head",
                first=report.first_day,
                last=report.last_day,
                zone=report.zone,
                count=report.sessions,
            )
        )
    )
    for name, narrowed in (("team", report.team), ("tier", report.tier)):
        if narrowed is not None:
            console.print(Text(wording.say(f"review-report-only-{name}", name=_named(narrowed, wording))))
    for group in report.groups:
        console.print(_group_table(group, report, wording))
    if not report.groups:
        console.print(Text(wording.say("review-report-empty")))
    elif any(figure.too_few for group in report.groups for figure in group.figures):
        console.print(Text(wording.say("review-report-too-few", limit=TOO_FEW)))


def _named(team_or_tier: str, wording: Wording) -> str:
    return wording.say("review-report-none") if team_or_tier == NONE else safe_text(team_or_tier)


def _group_table(group: Group, report: Report, wording: Wording) -> Table:
    title = (
        None
        if group.key == "all"
        else Text(_named(group.key, wording))
        if group.key == group.label
        else Text(safe_text(f"{group.label} ({group.key})"))
    )
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in ("figure", "value", "interval", "count", "plot"):
        is_number = column in ("value", "count")
        table.add_column(wording.say(f"review-report-column.{column}"), justify="right" if is_number else "left")
    for figure in group.figures:
        if figure.count or figure.name in ("csat", "response_rate"):
            table.add_row(*_figure_cells(figure, report, wording))
    return table


def _figure_cells(figure: Figure, report: Report, wording: Wording) -> Sequence[Text]:
    name = wording.say(f"review-figure-{figure.name.replace('_', '-')}", seconds=report.service_target_ms // 1000)
    interval = plot = ""
    if figure.low is not None and figure.high is not None:
        interval = f"{100 * figure.low:.1f}–{100 * figure.high:.1f}"
        plot = bar(figure.value or 0.0, figure.low, figure.high)
    count = f"{figure.count}*" if figure.too_few else f"{figure.count} "
    return _texts(name, figure_value(figure), interval, count, plot)


def figure_value(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    if figure.unit == "ms":
        return minutes_text(figure.value)
    return f"{100 * figure.value:.1f} %" if figure.unit == "share" else f"{figure.value:.1f}"


def bar(value: float, low: float, high: float) -> str:
    """A share as a bar, its interval drawn over it: `████▓▓░░` is up to low, to the value, to high."""
    at = [round(share * BAR_CELLS) for share in (low, value, high)]
    return "█" * at[0] + "▓" * (at[1] - at[0]) + "░" * (at[2] - at[1])


def print_calibrations(every: Sequence[BothScores], sessions: Sequence[CalibratedSession], wording: Wording) -> None:
    """What was given to two, with who is still to score it; then how far they agree, where both have."""
    console = Console(highlight=False)
    for one in sessions:
        facts = one.session
        about = [time_text(facts.opened_at_ms), facts.engineer, facts.customer, facts.ticket] if facts else []
        apart = (
            ""
            if one.points_apart is None
            else wording.say("review-calibration-points", points=f"{one.points_apart:.1f}")
        )
        parts = [f"{part.reviewer} {_standing(part, wording)}" for part in one.reviews]
        for indent, told in (("", [one.session_id[:8], *about]), ("    ", [*parts, apart])):
            console.print(Text(indent + safe_text(" · ".join(filter(None, told)))), soft_wrap=True)
    if not every:
        return
    pairs = Table(box=None, pad_edge=False)
    for column in ("pair", "sessions", "apart", "agreed", "kappa", "remark"):
        pairs.add_column(wording.say(f"review-calibration-column.{column}"))
    for pair in by_pair(every):
        fine = pair.points_apart <= POINTS_APART_LIMIT and (
            pair.lines.kappa is None or pair.lines.kappa >= KAPPA_WANTED
        )
        remark = "" if fine else wording.say("review-calibration-apart")
        apart, names = f"{pair.points_apart:.1f}", safe_text(f"{pair.first} / {pair.second}")
        pairs.add_row(*_texts(names, str(len(pair.sessions)), apart, *_agreement(pair.lines), remark))
    console.print(pairs)
    lines = Table(box=None, pad_edge=False)
    for column in ("criterion", "sessions", "agreed", "kappa"):
        lines.add_column(wording.say(f"review-calibration-column.{column}"))
    for criterion in by_criterion(every):
        name = f"{criterion.scorecard}  {criterion.title.in_language(wording.language)}"
        lines.add_row(*_texts(name, str(len(criterion.sessions)), *_agreement(criterion.lines)))
    console.print(lines)


def _standing(part: CalibratedReview, wording: Wording) -> str:
    """Until both are in, who has submitted, and no score."""
    if part.score is not None:
        return f"{100 * part.score:.0f} %"
    return wording.say(f"review-calibration-standing.{'in' if part.is_in else 'waits'}")


def _agreement(lines: Agreement) -> tuple[str, str]:
    return f"{lines.agreed}/{lines.count}", "–" if lines.kappa is None else f"{lines.kappa:.2f}"


def _texts(*cells: str) -> list[Text]:
    """Rich takes plain strings for markup: square brackets of other people's names are meant."""
    return [Text(cell) for cell in cells]
