"""What is known of runs that were: from the records, and what happened in them from the events."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from pawl.base.errors import BadValue, Unavailable
from pawl.base.money import usd
from pawl.runs.record import RunCost, RunLine, RunLines, RunRecord
from pawl.store.records.runs import RunState
from pawl.telemetry.event import Event

SHOWN_EVENTS = 500


class UnknownRun(BadValue):
    """No run has this id."""

    code = "unknown-run"


class Past(Protocol):
    """The records of runs."""

    def recent(self, limit: int) -> list[RunState]:
        """Return the newest runs."""

    def get(self, run_id: str) -> RunState | None:
        """Return a run."""


Timeline = Callable[[str, int], tuple[tuple[Event, ...], int]]
"""(run id, how many) → the first events in time order, and the number of all."""


class RunStory(msgspec.Struct, frozen=True, kw_only=True):
    """One run: its line, its record once it has ended, and what happened."""

    line: RunLine
    record: RunRecord | None
    events: tuple[Event, ...]
    all_events: int
    warning: str = ""
    """Why the events could not be read, if they could not."""


def list_runs(past: Past, limit: int) -> RunLines:
    """Return the newest supervised runs."""
    return RunLines(runs=tuple(map(_line, past.recent(limit))))


def show_run(past: Past, timeline: Timeline, run_id: str) -> RunStory:
    """Return one run; raises UnknownRun. Events that cannot be read now are left out, and said."""
    state = past.get(run_id)
    if state is None:
        raise UnknownRun(f"no run has the id {run_id!r}.", place="ID", hint="See `pawl runs list`.")
    events: tuple[Event, ...] = ()
    total, warning = 0, ""
    try:
        events, total = timeline(run_id, SHOWN_EVENTS)
    except Unavailable as error:
        warning = str(error)
    return RunStory(
        line=_line(state), record=state.record, events=events, all_events=total, warning=warning
    )


def _line(state: RunState) -> RunLine:
    record = state.record
    if record is not None:
        cost = record.cost
    elif state.cost_micros is None:
        cost = RunCost(usd=None, basis="unpriced")
    else:
        cost = RunCost(usd=usd(state.cost_micros), basis=state.cost_basis or "unpriced")
    return RunLine(
        run_id=state.run_id,
        agent=state.agent,
        outcome=state.outcome,
        stop_limit=state.stop.limit if state.stop else None,
        started_at=state.started_at,
        ended_at=state.ended_at,
        project=state.attribution.project,
        branch=state.attribution.branch,
        developer=state.attribution.developer,
        session_id=state.session_id,
        turns=record.turns if record else None,
        usage=state.usage,
        cost=cost,
    )
