"""The cadence for people at a terminal, and as one versioned JSON object for programs."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Literal

import msgspec

from pawl.base.times import parse_time
from pawl.changes.change import Refusal
from pawl.governance.cadence_keeping import Adherence, Line, Record
from pawl.render.table import aligned
from pawl.services.cadence_terms import Due, Kept, Shown
from pawl.services.routine_table import Part


class RoutineTold(msgspec.Struct, frozen=True, kw_only=True):
    """What is on record after a command, or why nothing happened."""

    schema: Literal["pawl.routine-told/1"] = "pawl.routine-told/1"
    record: Record | None = None
    refusal: Refusal | None = None


def cadence_json(value: Due | Shown | Kept | RoutineTold) -> str:
    """Return an answer as JSON, on one line."""
    return msgspec.json.encode(value).decode() + "\n"


def due_text(due: Due, zone: tzinfo) -> str:
    """Return what is due as a table, in the team's own time."""
    if not due.lines:
        return "Nothing is due.\n"
    head = ("state", "due", "routine", "period", "for")
    rows = [
        (
            line.state.value,
            local(line.occurrence.due_at, zone),
            line.routine.id,
            line.occurrence.period,
            _who(line, due.people.get(line.routine.role, ())),
        )
        for line in due.lines
    ]
    return f"{aligned(head, rows, left=5)}\nTimes are {due.time_zone}.\n"


def shown_text(shown: Shown, zone: tzinfo) -> str:
    """Return one occurrence: what is asked, the numbers, and how to call it done."""
    line = shown.line
    return "\n".join((*_head(shown, zone), "", *_numbers(shown), *_ways(line))) + "\n"


def told_text(told: Record) -> str:
    """Return what is on record of an occurrence."""
    lines = [f"{told.title} ({told.period}) is {told.outcome} since {told.at[:16]}Z."]
    if told.person:
        lines.append(f"By {told.person}{'' if told.held else f', who does not hold {told.role}'}.")
    if told.reason:
        lines.append(f"Because: {told.reason}")
    lines += [f"  {each.name}: {each.value[:200]}" for each in told.outputs]
    return "\n".join(lines) + "\n"


def adherence_text(kept: Kept) -> str:
    """Return how well the cadence was kept."""
    whole = kept.whole
    rows = [("all", *_counts(whole))]
    rows += [(each.routine, *_counts(each.adherence)) for each in kept.routines]
    head = ("routine", "kept", "of", "95 % interval", "late", "missed", "overdue", "excused")
    window = f"Due from {whole.since[:16]}Z up to {whole.until[:16]}Z."
    return f"{window}\n\n{aligned(head, rows, left=1)}\n"


def local(time: str, zone: tzinfo) -> str:
    """Return a time to the minute by the clock of a zone."""
    return f"{parse_time(time).astimezone(zone):%Y-%m-%d %H:%M}"


def _head(shown: Shown, zone: tzinfo) -> Iterator[str]:
    line = shown.line
    yield f"{line.routine.title} ({line.occurrence.period}): {line.state.value}"
    yield f"due {local(line.occurrence.due_at, zone)} {shown.time_zone}"
    yield f"for {_who(line, shown.people)}"
    if line.record is not None:
        yield told_text(line.record).rstrip()
    yield ""
    yield from (f"  [ ] {each}" for each in line.routine.checklist)


def _numbers(shown: Shown) -> Iterator[str]:
    yield f"From {shown.numbers.since[:16]}Z to {shown.numbers.until[:16]}Z:"
    for part in shown.numbers.parts:
        yield ""
        yield part.title
        yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    if part.unknown:
        yield f"  cannot be told: {part.unknown}"
    for each in part.figures:
        yield f"  {each.name}: {each.value}{f' ({each.note})' if each.note else ''}"
    if part.rows:
        keys = [key for key, _ in part.columns]
        rows = [tuple(row.get(key, "")[:80] for key in keys) for row in part.rows]
        yield aligned(tuple(name for _, name in part.columns), rows, left=len(keys))
    elif part.columns:
        yield "  none"
    if part.more:
        yield f"  and {part.more} more"


def _ways(line: Line) -> Iterable[str]:
    if line.record is not None or not line.routine.outputs:
        return ()
    given = " ".join(
        f"--output {each}" if each in ("figures", "actions", "queue") else f"--output {each}=…"
        for each in line.routine.outputs
    )
    return ("", f"Done? pawl cadence done {line.routine.id} {given}")


def _who(line: Line, people: tuple[str, ...]) -> str:
    named = ", ".join(people) or "nobody holds it"
    return f"{line.routine.role} ({named})" if line.routine.role else "whoever is there"


def _counts(told: Adherence) -> tuple[str, ...]:
    if told.value is None or told.low is None or told.high is None:
        share, between = "-", "-"
    else:
        share, between = f"{told.value:.0%}", f"{told.low:.0%} to {told.high:.0%}"
    rest = (told.late, told.missed, told.overdue, told.excused)
    return (share, f"{told.done} of {told.due}", between, *map(str, rest))
