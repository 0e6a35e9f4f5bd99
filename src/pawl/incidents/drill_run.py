"""One run of a drill: planned, running, then finished or aborted, as events to be replayed."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

import msgspec

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.incidents.drill import (
    Drill,
    Gap,
    Measured,
    Outcome,
    Result,
    Score,
    gaps_of,
    judged,
    score_of,
    verdict_of,
)
from pawl.incidents.event import Answer, Happened, plain, refused

MAX_NOTES = 500
"""Lines on the timeline of one run; of more the first and the last are kept."""
MAX_NOTE = 500
_GRACE_S = 60.0
"""Seconds that cleaning up may take beyond what a drill may last."""


class State(StrEnum):
    """Where a run stands."""

    PLANNED = "planned"
    RUNNING = "running"
    FINISHED = "finished"
    ABORTED = "aborted"


ENDED = frozenset({State.FINISHED, State.ABORTED})


class Happening(StrEnum):
    """What can happen to a run: the types of its ledger entries."""

    PLANNED = "drill.planned"
    STARTED = "drill.started"
    FINISHED = "drill.finished"
    ABORTED = "drill.aborted"
    ACTION_OPENED = "drill.action-opened"


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the timeline: what happened so many seconds of real time after the start."""

    after_s: float
    text: str


class DrillRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run of a drill, with all that it was to show and did. `by` is an identity.

    `why` is why it was aborted. The score of an aborted one is of what was measured until then.
    """

    id: str
    drill: Drill
    digest: str
    by: str
    planned_at: str
    changed_at: str
    state: State = State.PLANNED
    version: int = 1
    started_at: str | None = None
    ended_at: str | None = None
    notes: tuple[Note, ...] = ()
    results: tuple[Result, ...] = ()
    verdict: Outcome | None = None
    score: Score | None = None
    gaps: tuple[Gap, ...] = ()
    why: str = ""

    @property
    def lasted_s(self) -> float | None:
        """Seconds from start to end; None where there is not both."""
        if self.started_at is None or self.ended_at is None:
            return None
        return seconds_between(self.started_at, self.ended_at)


class Start(msgspec.Struct, frozen=True, kw_only=True, tag="start"):
    """Cause the failure."""

    by: str


class Finish(msgspec.Struct, frozen=True, kw_only=True, tag="finish"):
    """Say what was measured."""

    by: str
    measured: dict[str, Measured]
    notes: tuple[Note, ...] = ()


class Abort(msgspec.Struct, frozen=True, kw_only=True, tag="abort"):
    """Stop it, and why; what was measured until then is kept, and proves nothing."""

    by: str
    why: str
    measured: dict[str, Measured] = {}
    notes: tuple[Note, ...] = ()


class OpenedAction(msgspec.Struct, frozen=True, kw_only=True, tag="opened-action"):
    """Say which action was opened for a gap."""

    by: str
    expectation: str
    action: str


Command = Start | Finish | Abort | OpenedAction
COMMANDS: tuple[type[Command], ...] = (Start, Finish, Abort, OpenedAction)


def plan(identity: str, drill: Drill, now: str, *, by: str) -> tuple[Happened, ...]:
    """Return the event that a run of a drill is planned."""
    run = DrillRun(
        id=identity, drill=drill, digest=drill.digest, by=by, planned_at=now, changed_at=now
    )
    return (Happened(type=Happening.PLANNED, subject=identity, at=now, by=by, sets=plain(run)),)


def decide(run: DrillRun, command: Command, now: str) -> Answer:
    """Return what a command makes happen to a run now, or why it does nothing."""
    handler = TABLE.get((run.state, type(command)))
    if handler is None:
        return refused("not-now", f"That does nothing while it is {run.state}.")
    return handler(run, command, max(now, run.changed_at))


def was_left(run: DrillRun, now: str) -> bool:
    """Say whether whoever ran it must have died: it would have ended long ago."""
    if run.state in ENDED:
        return False
    last = parse_time(run.changed_at)
    return parse_time(now) > last + timedelta(seconds=run.drill.abort.after_s + _GRACE_S)


def _start(run: DrillRun, command: Start, now: str) -> Answer:
    return _one(run, Happening.STARTED, now, command.by, state=State.RUNNING, started_at=now)


def _finish(run: DrillRun, command: Finish, now: str) -> Answer:
    results = tuple(
        judged(each, command.measured.get(each.measure)) for each in run.drill.expectations
    )
    due_at = format_time(parse_time(now) + timedelta(days=run.drill.due_days))
    return _one(
        run,
        Happening.FINISHED,
        now,
        command.by,
        state=State.FINISHED,
        ended_at=now,
        notes=_kept(command.notes),
        results=results,
        verdict=verdict_of(results),
        score=score_of(results),
        gaps=gaps_of(run.drill, results, due_at),
    )


def _abort(run: DrillRun, command: Abort, now: str) -> Answer:
    if not command.why.strip():
        return refused("no-reason", "Say why it is stopped.")
    results = tuple(
        judged(each, command.measured.get(each.measure)) for each in run.drill.expectations
    )
    return _one(
        run,
        Happening.ABORTED,
        now,
        command.by,
        state=State.ABORTED,
        ended_at=now,
        notes=_kept(command.notes),
        results=results,
        verdict=Outcome.CANNOT_TELL,
        score=score_of(results),
        why=command.why.strip()[:MAX_NOTE],
    )


def _opened(run: DrillRun, command: OpenedAction, now: str) -> Answer:
    known = [each for each in run.gaps if each.expectation == command.expectation]
    if not known or not command.action.strip():
        return refused("no-gap", f"It found no gap in {command.expectation[:80]!r}.")
    if known[0].action == command.action:
        return ()
    gaps = tuple(
        msgspec.structs.replace(each, action=command.action)
        if each.expectation == command.expectation
        else each
        for each in run.gaps
    )
    return _one(run, Happening.ACTION_OPENED, now, command.by, gaps=gaps)


def _kept(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    short = tuple(msgspec.structs.replace(each, text=each.text[:MAX_NOTE]) for each in notes)
    if len(short) <= MAX_NOTES:
        return short
    half = MAX_NOTES // 2
    left = Note(after_s=short[half].after_s, text=f"{len(short) - 2 * half:,} lines left out.")
    return (*short[:half], left, *short[-half:])


def _one(run: DrillRun, type: Happening, now: str, by: str, **sets: Any) -> tuple[Happened, ...]:
    return (Happened(type=type, subject=run.id, at=now, by=by, sets=plain(sets)),)


Handler = Callable[[DrillRun, Any, str], Answer]
TABLE: Mapping[tuple[State, type[Command]], Handler] = {
    (State.PLANNED, Start): _start,
    (State.PLANNED, Abort): _abort,
    (State.RUNNING, Finish): _finish,
    (State.RUNNING, Abort): _abort,
    (State.FINISHED, OpenedAction): _opened,
}
"""What each command does in each state. A pair that is not here is refused."""
