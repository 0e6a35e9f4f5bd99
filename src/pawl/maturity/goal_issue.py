"""A roadmap's goals as issues of a code host: which are ours, and what is to be done to each.

An issue is ours while its text begins with our marker and either the token's own account opened it
or it carries our label. The text from the marker to the end line is rewritten; what people write
below the end line stays, and so does the title once it is set. The end line tells the day of the
assessment that wrote it and whether the goal was met then, so an issue that somebody closed or
opened by hand is told from one that was closed because its criterion was met.

Nothing is decided from an older assessment than the one that wrote an issue last.
"""

from collections.abc import Iterable
from string import ascii_letters, digits
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from pawl.base.canonical import digest
from pawl.base.patterns import regex

LABEL = "pawl-maturity"
MAX_GOALS = 300
"""Goals of one synchronisation; the models that come with Pawl have fewer criteria together."""
_NAME_LENGTH = 200
_PLAIN = frozenset(f"{ascii_letters}{digits}-._~/")
_MARKER = regex(r"<!-- pawl-goal: \S{1,300} \S{1,300} -->")
_END = regex(r"<!-- pawl-goal-end: (\d{4}-\d{2}-\d{2}) (open|met) -->")
_WORD = regex(r"<!-- pawl-goal-(met|again): \d{4}-\d{2}-\d{2} -->")

Word = Literal["", "met", "again"]
Action = Literal["create", "update", "reopen", "close", "keep", "leave"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A goal that wants an open issue. `text` is Markdown; `again` is said when it reopens one."""

    criterion: str
    marker: str
    title: str
    text: str
    again: str


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """A criterion that is met, and what is said when its issue is closed."""

    criterion: str
    marker: str
    said: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be synchronised; `day` is the assessment's."""

    subject: str
    day: str
    wanted: tuple[Wanted, ...]
    met: tuple[Met, ...]


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as the host tells it."""

    number: int
    body: str
    open: bool
    labelled: bool
    author: str


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment on an issue."""

    body: str
    author: str


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """Where issues are kept. `closed` says why none can be written, or is empty."""

    path: str
    name: str
    visibility: str
    closed: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request to a host, at a path below its base address or at that of a next page.

    `repeatable` says that sending it twice does what sending it once does.
    """

    method: Literal["GET", "POST", "PATCH", "PUT", "DELETE"] = "GET"
    address: str
    body: dict[str, Any] | None = None
    repeatable: bool = True


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done for one goal. `body` is its whole new text, None to leave it.

    `word` names the comment `said` that comes first.
    """

    action: Action
    criterion: str
    marker: str
    issue: Issue | None = None
    title: str = ""
    body: str | None = None
    word: Word = ""
    said: str = ""
    relabel: bool = False
    reason: str = ""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one step. `number` is the issue's, None where there is none yet."""

    criterion: str
    action: Literal["create", "update", "reopen", "close", "keep", "leave", "fail", "stop"]
    number: int | None
    reason: str = ""


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """What a synchronisation did, or with `dry_run` would do. `stopped` says why it ended early."""

    schema: Literal["pawl.sync/1"] = "pawl.sync/1"
    product: str
    repository: str
    visibility: str
    subject: str
    as_of: str
    dry_run: bool
    done: tuple[Done, ...]
    stopped: str = ""
    requests: int = 0
    waited_s: float = 0.0


def marker(criterion: str, subject: str) -> str:
    """Return the hidden line by which the issue of a goal is found again."""
    return f"<!-- pawl-goal: {_name(criterion)} {_name(subject)} -->"


def block(of: str, text: str, day: str) -> str:
    """Return the part of an issue's text that is ours: marker, text, end line."""
    return f"{of}\n{text.strip()}\n{_end(day, 'open')}"


def comment(word: Word, text: str, day: str) -> str:
    """Return a comment that says that a goal is met, or that it is not any more."""
    return f"<!-- pawl-goal-{word}: {day} -->\n{text}"


def marker_in(body: str) -> str:
    """Return the marker that a text begins with, or nothing."""
    first = body.partition("\n")[0].strip()
    return first if _MARKER.fullmatch(first) else ""


def last_word(comments: Iterable[Comment], own: str) -> Word:
    """Return what we said last about an issue; with `own`, only that account's comments count."""
    last: Word = ""
    for each in comments:
        found = _WORD.fullmatch(each.body.partition("\n")[0].strip())
        if found and (not own or each.author.casefold() == own.casefold()):
            last = "met" if found[1] == "met" else "again"
    return last


def steps(asked: Asked, issues: Iterable[Issue], own: str) -> list[Step]:
    """Return what is to be done, goals in their order first, then what is met.

    `own` is the account of the token, empty where it is not known.
    """
    mine: dict[str, list[Issue]] = {}
    for issue in issues:
        name = marker_in(issue.body)
        if name and (issue.labelled or (own and issue.author.casefold() == own.casefold())):
            mine.setdefault(name, []).append(issue)
    found: list[Step] = []
    for goal in asked.wanted:
        held = sorted(mine.get(goal.marker, ()), key=lambda each: (not each.open, each.number))
        found.append(_for_goal(goal, held[0], asked.day) if held else _new(goal, asked.day))
        found += [
            Step(
                action="leave",
                criterion=goal.criterion,
                marker=goal.marker,
                issue=each,
                reason=f"#{held[0].number} is of the same goal",
            )
            for each in held[1:]
            if each.open
        ]
    for met in asked.met:
        held = sorted(mine.get(met.marker, ()), key=lambda each: each.number)
        found += [_for_met(met, each, asked.day) for each in held if each.open]
    return found


def _new(goal: Wanted, day: str) -> Step:
    body = f"{block(goal.marker, goal.text, day)}\n\n---\n\nNotes:\n"
    return Step(
        action="create",
        criterion=goal.criterion,
        marker=goal.marker,
        title=goal.title,
        body=body,
    )


def _for_goal(goal: Wanted, issue: Issue, day: str) -> Step:
    """Return what an unmet goal asks of its issue."""
    step = Step(action="leave", criterion=goal.criterion, marker=goal.marker, issue=issue)
    relabel = not issue.labelled
    parts = _parts(issue.body)
    if parts is None:
        if not issue.open:
            return replace(step, reason="somebody closed it")
        reason = "its end line is gone, so its text is left alone"
        return replace(
            step, action="update" if relabel else "leave", relabel=relabel, reason=reason
        )
    written, state, ours, below = parts
    if written > day:
        return replace(step, reason="a later assessment wrote it")
    if not issue.open and state == "open":
        return replace(step, reason="somebody closed it")
    new = block(goal.marker, goal.text, day)
    step = replace(step, body=None if new == ours else new + below, relabel=relabel)
    if state == "met":
        # One that is open was opened again by somebody before it was unmet again.
        action = "update" if issue.open else "reopen"
        return replace(step, action=action, word="again", said=comment("again", goal.again, day))
    return replace(step, action="keep" if step.body is None and not relabel else "update")


def _for_met(met: Met, issue: Issue, day: str) -> Step:
    """Return what a met criterion asks of its open issue."""
    step = Step(action="leave", criterion=met.criterion, marker=met.marker, issue=issue)
    said = comment("met", met.said, day)
    parts = _parts(issue.body)
    if parts is None:
        return replace(step, action="close", word="met", said=said)
    written, state, ours, below = parts
    if written > day:
        return replace(step, reason="a later assessment wrote it")
    if state == "met":
        return replace(step, reason="somebody opened it again")
    body = f"{ours.rpartition(chr(10))[0]}\n{_end(day, 'met')}{below}"
    return replace(step, action="close", body=body, word="met", said=said)


def _parts(body: str) -> tuple[str, str, str, str] | None:
    """Return the day and state of a text's end line, our part, and what is below it."""
    lines = body.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines):
        found = _END.fullmatch(line.strip())
        if found:
            ours = "\n".join([*lines[:number], line.strip()])
            return found[1], found[2], ours, "\n".join(["", *lines[number + 1 :]])
    return None


def _end(day: str, state: str) -> str:
    return f"<!-- pawl-goal-end: {day} {state} -->"


def _name(text: str) -> str:
    """Return a name as one word that cannot end a comment or be taken for another name."""
    encoded = "".join(
        chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}"
        for byte in text.encode("utf-8", "replace")
    )
    if len(encoded) <= _NAME_LENGTH:
        return encoded or "%"
    return f"{encoded[:_NAME_LENGTH]}%~{digest(encoded)[:16]}"
