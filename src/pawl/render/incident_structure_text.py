"""The report on structural failures and the weekly review, as plain text and as Markdown."""

from collections.abc import Iterable, Iterator

from pawl.changes.metrics import Rate
from pawl.incidents.structural import StructuralReport
from pawl.incidents.structural_seen import Answer, Trend
from pawl.incidents.weekly import WeeklyReview
from pawl.render.escaping import cut, markdown_text, plain

_SECTIONS = (
    ("Symptoms (a yes is bad)", "symptoms"),
    ("Anti-patterns (a yes is bad)", "anti_patterns"),
    ("Checklist (a yes is good)", "checklist"),
)


def structure_text(report: StructuralReport) -> str:
    """Return the report for a terminal."""
    lines = [f"Structural failures from {report.since[:10]} to {report.until[:10]}", ""]
    lines += [each for name, part in _parts(report) for each in (name, *(f"  {x}" for x in part))]
    return "\n".join(map(plain, lines)) + "\n"


def structure_markdown(report: StructuralReport) -> str:
    """Return the report as Markdown."""
    lines = [f"# Structural failures from {report.since[:10]} to {report.until[:10]}", ""]
    for name, part in _parts(report):
        lines += [f"## {name}", "", *(f"- {markdown_text(each)}" for each in part), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def weekly_text(review: WeeklyReview) -> str:
    """Return the page of a weekly review: figures beside the work that is still to do."""
    lines = [f"Week to {review.at[:10]}"]
    found, before = review.figures, review.before
    lines += [
        f"incidents          {found.incidents} (the week before {before.incidents})",
        f"commander in time  {_share(found.commander_in_time)}",
        f"repeats            {_share(found.repeats)}",
        f"actions in time    {_share(review.quarter.completed_in_time)} of this quarter so far, "
        f"{review.quarter.carried_over} carried over",
        f"ongoing            {', '.join(review.ongoing) or 'none'}",
        "",
        f"Actions to do: {len(review.actions)}, overdue {len(review.overdue)}",
    ]
    late = set(review.overdue)
    for each in review.actions:
        mark = "OVERDUE " if each.id in late else ""
        what = f"{cut(each.title, 80)} ({each.state}) {each.id}"
        lines.append(f"  {mark}{each.due_at[:10]} {each.owner}: {what}")
    lines += ["", f"Postmortems due: {len(review.papers)}"]
    for paper in review.papers:
        mark = "OVERDUE " if paper.overdue else ""
        lines.append(
            f"  {mark}{paper.due_at[:10]} {paper.owner or 'nobody'}: {paper.incident} "
            f"{cut(paper.title, 60)}"
        )
    lines += ["", f"Operational debt: {len(review.debts)}"]
    for debt in review.debts:
        one = debt.debt
        lines.append(
            f"  {one.id} {one.component or 'no component'}, seen {len(one.incidents)} times; "
            f"lacks {', '.join(debt.lacks) or 'nothing: it can be paid'}"
        )
    return "\n".join(map(plain, lines)) + "\n"


def _parts(report: StructuralReport) -> Iterator[tuple[str, list[str]]]:
    causes = [
        f"{len(each.incidents)} times {each.root_cause_key[:24]} in "
        f"{', '.join(each.components) or 'no component'}: {', '.join(each.incidents[:10])}"
        + (f" ({each.debt})" if each.debt else "")
        for each in report.causes
    ]
    yield "Causes that came more than once", causes or ["none"]
    missing = report.missing_approvals
    yield (
        "Releases without the approval they needed",
        [_share(missing) if missing else "unknown: the figures of changes could not be read"],
    )
    yield "Trends against the window before", [_trend(each) for each in report.trends]
    yield (
        "Actions done in time, by quarter",
        [
            f"{each.since[:10]}: {_share(each.completed_in_time)}, {each.carried_over} carried "
            f"over, {each.given_up} given up before they were due"
            for each in report.action_completion
        ],
    )
    for name, field in _SECTIONS:
        answers: Iterable[Answer] = getattr(report, field)
        yield name, [line for each in answers for line in _answer(each)]


def _answer(each: Answer) -> Iterator[str]:
    yield f"{each.said.replace('-', ' ')}: {each.question} {each.why}"
    for number in each.numbers:
        value = "unknown" if number.value is None else f"{number.value:g}"
        yield f"    {value} {number.name} ({number.source})"


def _trend(each: Trend) -> str:
    was, now = ("unknown" if value is None else f"{value:g}" for value in (each.before, each.now))
    return (
        f"{each.id}: {each.direction.replace('-', ' ')}, {was} (of {each.of_before}) before, "
        f"{now} (of {each.of_now}) now"
    )


def _share(rate: Rate) -> str:
    if rate.value is None or rate.low is None or rate.high is None:
        return "of none"
    return (
        f"{rate.numerator} of {rate.denominator} ({rate.value:.0%}, "
        f"95 % between {rate.low:.0%} and {rate.high:.0%})"
    )
