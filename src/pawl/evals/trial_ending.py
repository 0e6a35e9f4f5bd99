"""How a trial ended: by the agent's doing, or because something of ours broke.

A provider that is overloaded, a key that is not valid, a network that is down, a sandbox that
could not be made say nothing of the agent: such a trial enters no rate. What the agent brought on
itself, a limit it ran into or an error of its own, counts. Of a command that nobody can read only
what Pawl itself knows is told apart: its words could be anybody's.
"""

from collections.abc import Collection, Mapping, Sequence

from pawl.base.money import parse_usd
from pawl.evals.case import Limits
from pawl.evals.record import Ending, Sight, Spent
from pawl.runs.record import Outcome, RunRecord
from pawl.runs.spec import Limits as RunLimits
from pawl.telemetry.event import Event, Kind

_OURS = frozenset({"spool"})
"""Limits that are ours and not the agent's: nothing could be recorded any more."""
_MAX_TOLD = 300


_TIME = frozenset({"wall", "idle"})
_WORKS = frozenset({Kind.REQUEST, Kind.TOOL_CALL, Kind.TOOL_RESULT})


def ending_of(record: RunRecord, *, readable: bool, events: Sequence[Event] = ()) -> Ending:
    """Return how a run ended. `readable`: its agent's output is understood.

    `events` tell whether it was still waiting for its model when its time was over.
    """
    return Ending(
        outcome=record.outcome,
        exit_status=record.exit_code,
        limit=record.stop.limit if record.stop else None,
        infra=_infra(record, readable=readable) or _waited(record, events),
    )


def _infra(record: RunRecord, *, readable: bool) -> str:
    told = record.error.message[:_MAX_TOLD] if record.error else ""
    if record.outcome is Outcome.REFUSED:
        return f"the run was refused: {told or 'nobody said why'}"
    if record.outcome is Outcome.INTERRUPTED:
        by = f" by signal {record.signal}" if record.signal else ""
        return f"the run was interrupted{by}"
    if record.stop is not None and record.stop.limit in _OURS:
        return f"what it did could not be recorded: {record.stop.detail or record.stop.limit}"
    if record.outcome is Outcome.AGENT_FAILED and readable and record.error is not None:
        if record.error.class_ == "transient":
            return f"the model's provider or the network failed: {told}"
        if record.error.class_ == "needs-user":
            return f"the agent could not work as it was set up: {told}"
    return ""


def _waited(record: RunRecord, events: Sequence[Event]) -> str:
    """Return what an agent waited for when its time was over, where that was its provider."""
    if record.stop is None or record.stop.limit not in _TIME:
        return ""
    for event in reversed(events):
        if event.kind is Kind.RETRY:
            status = event.attributes.get("status", "unknown")
            return f"the model's provider was asked again and again (status {status})"
        if event.kind in _WORKS:
            return ""
    return ""


def sees_of(
    record: RunRecord, sees: Collection[Sight], *, network: bool, workspace: bool, garbled: bool
) -> tuple[Sight, ...]:
    """Return what was really seen of a trial, of all that is seen of its agent (`sees`).

    `garbled`: lines of its output were too long to be read, so that a call may be missing.
    """
    found = set(sees)
    if record.outcome in (Outcome.UNREADABLE, Outcome.REFUSED) or garbled:
        found = set()
    found |= {Sight.NETWORK} if network else set()
    found |= {Sight.WORKSPACE} if workspace else set()
    return tuple(sight for sight in Sight if sight in found)


def spent_of(record: RunRecord) -> Spent:
    """Return what a run took."""
    usd = record.cost.usd
    return Spent(
        turns=record.turns,
        cost_micros=None if usd is None else round(usd * 1_000_000),
        cost_basis=record.cost.basis,
        wall_ms=record.duration_ms,
    )


def limits_of(case: Limits, wall_s: float, *, readable: bool) -> RunLimits:
    """Return what a run is held to; `wall_s` where the case sets no time.

    Turns and dollars of a command whose output nobody can read cannot be counted: they are left
    out, and the record does not name them.
    """
    return RunLimits(
        wall_s=case.wall_s or wall_s,
        turns=case.turns if readable else None,
        usd_micros=parse_usd(str(case.usd)) if readable and case.usd is not None else None,
    )


def limits_told(limits: RunLimits, memory_mb: int | None) -> Mapping[str, float]:
    """Return the limits that really held, as a record names them."""
    usd = limits.usd_micros
    told = {
        "turns": limits.turns,
        "usd": None if usd is None else usd / 1_000_000,
        "wall_s": limits.wall_s,
        "mem_mb": memory_mb,
    }
    return {name: float(value) for name, value in told.items() if value is not None}
