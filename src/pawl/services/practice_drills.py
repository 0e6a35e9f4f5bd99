"""What the records of drills tell an assessment: failures that were caused, rollbacks rehearsed.

A drill that was aborted proves nothing and is not told of; of one whose measures nobody could take
nobody can tell whether it succeeded. Of a rehearsed rollback no minutes are on record.
"""

from collections.abc import Iterable

from pawl.changes.facts import Drill as Rehearsed
from pawl.incidents.drill import Outcome
from pawl.incidents.drill_run import DrillRun, State
from pawl.maturity.facts.operations import Drill
from pawl.store.records.connection import Engine
from pawl.store.records.drill_rows import recorded_drills
from pawl.store.records.drills import DrillRecords

_SUCCEEDED = {Outcome.MET: True, Outcome.NOT_MET: False}


def drills_told(engine: Engine, since: str, until: str) -> tuple[Drill, ...]:
    """Return what was drilled from one time to another."""
    runs = DrillRecords(engine).window(since, until)
    return drills_of(runs, recorded_drills(engine, since, until), until)


def drills_of(
    runs: Iterable[DrillRun], rehearsed: Iterable[Rehearsed], until: str
) -> tuple[Drill, ...]:
    """Return runs of drills that were finished by a time, and rollbacks, as assessments read them.

    `abort_rule` is always there: a drill without one is refused.
    """
    finished = (
        each
        for each in runs
        if each.state is State.FINISHED and each.ended_at is not None and each.ended_at < until
    )
    caused = tuple(
        Drill(
            id=each.id,
            kind="chaos",
            at=each.ended_at or each.changed_at,
            succeeded=_SUCCEEDED.get(each.verdict) if each.verdict else None,
            minutes=None if each.lasted_s is None else each.lasted_s / 60,
            hypothesis=bool(each.drill.hypothesis.strip()),
            abort_rule=each.drill.abort.after_s > 0,
            fault=each.drill.fault.plugin,
        )
        for each in finished
    )
    back = tuple(
        Drill(id=each.id, kind="rollback", at=each.at, succeeded=each.succeeded)
        for each in rehearsed
    )
    return (*caused, *back)
