"""A roadmap for a terminal, as Markdown, and as a 90-day plan by weeks to print."""

from collections.abc import Iterator

import msgspec

from pawl.maturity.planning import Week
from pawl.maturity.roadmap import Goal, Roadmap
from pawl.render.escaping import (
    cut,
    html_text,
    markdown_code,
    markdown_text,
    plain,
    wrapped,
)

MAX_PLACES = 3


def roadmap_json(road: Roadmap) -> bytes:
    """Return the roadmap as JSON: `pawl.roadmap/1`."""
    return msgspec.json.encode(road)


def roadmap_text(road: Roadmap) -> str:
    """Return a roadmap as plain text of about 100 columns; control characters become `?`."""
    lines = [f"{road.subject}, {road.as_of[:10]}: {_summary(road)}"]
    for number, goal in enumerate(road.goals, start=1):
        lines += ["", *_goal(number, goal)]
    if road.goals:
        lines += ["", "90 days by weeks", *(line for week in _busy(road) for line in _week(week))]
    lines += [f"nothing could be met: {name}" for name in road.out_of_reach]
    return "".join(f"{plain(line)}\n" for line in lines)


def roadmap_markdown(road: Roadmap) -> str:
    """Return a roadmap as Markdown: a table of goals, what to do for each, and the weeks."""
    lines = [f"# Roadmap of {markdown_text(road.subject)}", "", markdown_text(_summary(road))]
    if road.goals:
        lines += ["", "| # | Goal | Level | Now | Owner | Days | Due | Proved |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
        lines += [_table_row(number, goal) for number, goal in enumerate(road.goals, start=1)]
        for number, goal in enumerate(road.goals, start=1):
            lines += ["", *_goal_section(number, goal)]
        lines += ["", *_plan_lines(road)]
    lines += [f"- Nothing could be met: {markdown_text(name)}" for name in road.out_of_reach]
    return "\n".join(lines) + "\n"


def plan_page(road: Roadmap) -> str:
    """Return the 90-day plan as a self-contained HTML page to print; no script, all escaped."""
    by_id = {goal.id: (number, goal) for number, goal in enumerate(road.goals, start=1)}
    rows = []
    for week in _busy(road):
        work = "<br>".join(
            html_text(
                f"{by_id[part.goal][0]}. {cut(plain(by_id[part.goal][1].statement), 90)} "
                f"({part.days:g} d, owner: {by_id[part.goal][1].owner}"
                f"{', done' if part.done else ''})"
            )
            for part in week.work
        )
        proof = "<br>".join(
            html_text(f"{by_id[each][0]}. {cut(plain(by_id[each][1].indicator), 90)}")
            for each in week.proves
        )
        rows.append(
            f"<tr><td>{week.number}</td><td>{html_text(week.starts)} to {html_text(week.ends)}</td>"
            f"<td>{work}</td><td>{proof}</td><td>{week.spare_days:g}</td></tr>"
        )
    title = html_text(f"90-day plan of {cut(plain(road.subject), 90)}")
    body = "".join(rows) or '<tr><td colspan="5">Nothing is missing for a next level.</td></tr>'
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'unsafe-inline'\"><title>{title}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{title}</h1><p>{html_text(_summary(road))}</p>"
        "<table><thead><tr><th>Week</th><th>Days</th><th>Work, in order</th>"
        f"<th>Proved by its end</th><th>Spare</th></tr></thead><tbody>{body}</tbody></table>"
        "</body></html>\n"
    )


_STYLE = """
:root{color-scheme:light dark}body{font:13px/1.4 system-ui,sans-serif;margin:0 auto;
max-width:900px;padding:14px;overflow-wrap:anywhere}h1{font-size:19px;margin:0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;border-top:1px solid #8886;padding:4px 8px 4px 0}
tr{break-inside:avoid}@page{size:A4;margin:12mm}
@media print{:root{color-scheme:light}body{padding:0;max-width:none;font-size:9.5pt}}
"""


def _summary(road: Roadmap) -> str:
    if not road.goals:
        return "nothing is missing for a next level."
    most = "at most " if any(goal.at_most for goal in road.goals) else ""
    return (
        f"{len(road.goals)} goals, {most}{road.days:g} person-days at {road.capacity:g} a week, "
        "most risk removed per person-day first."
    )


def _goal(number: int, goal: Goal) -> Iterator[str]:
    yield from wrapped(
        f"{number}. {goal.statement} [{goal.verdict}] {goal.id} (L{goal.level})", 0, 3
    )
    most = "at most " if goal.at_most and goal.days else ""
    per_day = "" if goal.per_day is None else f" ({goal.per_day:g} a day)"
    yield (
        f"   owner: {goal.owner}; {most}{goal.days:g} days; risk removed {goal.risk}{per_day}; "
        f"{goal.starts or '?'} to {goal.due or 'beyond ten years'}"
    )
    yield from wrapped(f"now: {goal.now}", 3, 5)
    yield from wrapped(f"proved by: {goal.indicator}; from {goal.proved_on or '?'}", 3, 5)
    for wanted in goal.wanted:
        yield from wrapped(f"wanted: {wanted}", 5, 7)
    for task in goal.tasks:
        shared = f" (paid for by {task.shared_with})" if task.shared_with else ""
        text = f"look first, then: {task.text}" if task.at_most else task.text
        yield from wrapped(f"- {task.probe}: {text}{shared}", 3, 5)
        for place in task.places[:MAX_PLACES]:
            yield f"     {place}"
    if goal.uncounted:
        yield from wrapped(f"no effort is declared for: {', '.join(goal.uncounted)}", 3, 5)


def _week(week: Week) -> Iterator[str]:
    work = ", ".join(f"{each.goal} {each.days:g} d{' done' * each.done}" for each in week.work)
    yield from wrapped(
        f"{week.number:2}. {week.starts}  {work or 'nothing planned'}; spare {week.spare_days:g} d",
        2,
        6,
    )
    if week.proves:
        yield from wrapped(f"proved by the end: {', '.join(week.proves)}", 6, 8)


def _busy(road: Roadmap) -> list[Week]:
    """Return the weeks up to the last in which anything is done or proved."""
    last = max((week.number for week in road.weeks if week.work or week.proves), default=0)
    return [week for week in road.weeks if week.number <= last]


def _table_row(number: int, goal: Goal) -> str:
    most = "≤ " if goal.at_most and goal.days else ""
    cells = [
        str(number),
        goal.statement,
        f"{goal.model}.{goal.dimension} L{goal.level}",
        goal.verdict,
        f"owner: {goal.owner}",
        f"{most}{goal.days:g}",
        goal.due or "beyond ten years",
        goal.proved_on or "",
    ]
    return "| " + " | ".join(markdown_text(cell) for cell in cells) + " |"


def _goal_section(number: int, goal: Goal) -> Iterator[str]:
    yield f"## {number}\\. {markdown_text(goal.statement)}"
    yield ""
    yield f"- Criterion: {markdown_code(goal.id)}; now: {markdown_text(goal.now)}"
    yield f"- Indicator: {markdown_text(goal.indicator)}"
    for wanted in goal.wanted:
        yield f"- Wanted: {markdown_text(wanted)}"
    for task in goal.tasks:
        text = f"Look first, then: {task.text}" if task.at_most else task.text
        shared = f" Paid for by {markdown_code(task.shared_with)}." if task.shared_with else ""
        yield f"- [ ] {markdown_code(task.probe)} {markdown_text(text)}{shared}"
        places = ", ".join(markdown_code(str(place)) for place in task.places[:MAX_PLACES])
        if places:
            yield f"  {places}"


def _plan_lines(road: Roadmap) -> Iterator[str]:
    yield "## 90 days by weeks"
    yield ""
    yield "| Week | From | Work | Proved by its end | Spare days |"
    yield "|---|---|---|---|---|"
    for week in _busy(road):
        work = ", ".join(
            f"{markdown_code(each.goal)} {each.days:g} d{', done' if each.done else ''}"
            for each in week.work
        )
        proof = ", ".join(markdown_code(each) for each in week.proves)
        yield f"| {week.number} | {week.starts} | {work} | {proof} | {week.spare_days:g} |"
