"""The goals of a roadmap as texts for a code host's issues: escaped, bounded, nobody named.

Hosts turn names behind an at sign into notifications and `#12` into links, also where Markdown is
told not to and where entities stand for the characters: they look again at the text that comes
out. A space without width behind the sign ends that. No line begins with text of others, because
GitLab takes a line that begins with `/` as a command.
"""

import re
from collections.abc import Iterator

from pawl.maturity.goal_issue import Asked, Met, Wanted, marker
from pawl.maturity.roadmap import Goal, Roadmap, Task
from pawl.maturity.verdict import Assessment, CriterionResult, Verdict
from pawl.render.escaping import cut, markdown_code, markdown_text, plain

MAX_TITLE = 150
MAX_TEXT = 20_000
"""Characters of one goal's text as it is sent; GitHub takes 65,536 with what people add."""
_LINE = 400
_TASKS, _PLACES, _WANTED = 12, 3, 20
_UNTITLED = re.compile(r"[^\w .,;()'≥≤+-]|_")
_AUTOMATIC = re.compile(r"(&amp;|&#58;|\\[#!~$]|%|www)(?=\S)|(\b[Gg][HhLl])(?=-\d)")


def asked_of(road: Roadmap, assessment: Assessment) -> Asked:
    """Return the issues that a roadmap wants, and those that its assessment would close.

    What is met only provisionally closes nothing.
    """
    day = road.as_of[:10]
    met = (
        each
        for model in assessment.models
        if model.complete
        for dimension in model.dimensions
        for each in dimension.criteria
        if each.verdict is Verdict.MET and not each.provisional
    )
    return Asked(
        subject=road.subject,
        day=day,
        wanted=tuple(_wanted(goal, road.subject, day) for goal in road.goals),
        met=tuple(_met(each, road.subject, day) for each in met),
    )


def issue_title(text: str) -> str:
    """Return a title: letters, digits and plain punctuation, in which no host finds a reference."""
    words = _UNTITLED.sub(" ", plain(text).replace("%", " percent ")).split()
    return cut(" ".join(words), MAX_TITLE)


def host_text(text: str, length: int = _LINE) -> str:
    """Return text as Markdown that a host shows as it is: nobody told, nothing linked."""
    shown = markdown_text(cut(plain(text), length))
    return _AUTOMATIC.sub(r"\1\2&#8203;", shown)


def _wanted(goal: Goal, subject: str, day: str) -> Wanted:
    lines: list[str] = []
    size = 0
    for line in _lines(goal, subject, day):
        size += len(line) + 1
        if size > MAX_TEXT:
            lines += ["", "There is more: `pawl roadmap` shows all of it."]
            break
        lines.append(line)
    return Wanted(
        criterion=goal.id,
        marker=marker(goal.id, subject),
        title=issue_title(f"{cut(goal.statement, 110)} ({goal.id})"),
        text="\n".join(lines),
        again=f"On {day} this is no longer met: {host_text(goal.now)}",
    )


def _met(criterion: CriterionResult, subject: str, day: str) -> Met:
    return Met(
        criterion=criterion.id,
        marker=marker(criterion.id, subject),
        said=f"On {day} this is met, from evidence: {host_text(criterion.reason)}",
    )


def _lines(goal: Goal, subject: str, day: str) -> Iterator[str]:
    yield f"**{host_text(goal.statement)}**"
    yield ""
    yield f"- Criterion: {_code(goal.id)}, level {goal.level} of {host_text(goal.dimension)}"
    yield f"- Subject: {_code(subject)}"
    yield f"- Now: {goal.verdict}. {host_text(goal.now)}"
    yield f"- Indicator: {host_text(goal.indicator)}"
    for wanted in goal.wanted[:_WANTED]:
        yield f"- Wanted: {host_text(wanted)}"
    yield f"- Owner: {host_text(goal.owner, 80)}"
    yield f"- Due: {goal.due or 'beyond ten years'}; proved from {goal.proved_on or 'unknown'}"
    most = "at most " if goal.at_most and goal.days else ""
    yield f"- Effort: {most}{goal.days:g} person-days; risk removed: {goal.risk}"
    if goal.tasks:
        yield ""
        yield "What to do:"
        yield ""
    for task in goal.tasks[:_TASKS]:
        yield from _task(task)
    if len(goal.tasks) > _TASKS:
        yield f"- and {len(goal.tasks) - _TASKS} more, see `pawl roadmap`"
    yield ""
    yield (
        f"Planned by `pawl roadmap` from the assessment of {day}. It rewrites the text up to the "
        "line below and keeps what is written under it."
    )


def _task(task: Task) -> Iterator[str]:
    first = "look first, then: " if task.at_most else ""
    shared = f" (paid for by {_code(task.shared_with)})" if task.shared_with else ""
    yield f"- {_code(task.probe)}: {first}{host_text(task.text)}{shared}"
    for place in task.places[:_PLACES]:
        yield f"  - {_code(str(place))}"


def _code(text: str) -> str:
    return markdown_code(cut(plain(text), 200))
