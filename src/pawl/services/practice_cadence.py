"""What the records of the cadence tell: which occurrences came due, and what each left behind."""

from collections.abc import Iterable

from pawl.base.canonical import digest, sha256_hex
from pawl.governance.cadence import State
from pawl.governance.cadence_keeping import Line, Record
from pawl.governance.cadence_past import Stretch, lines_over_time, stretches
from pawl.incidents.structural_seen import RoutineKept
from pawl.maturity.facts.operations import Routine
from pawl.services.cadence_terms import Zones
from pawl.store.records.cadence_history import CadenceHistory, cadence_history
from pawl.store.records.connection import Engine


def routines_of(lines: Iterable[Line], until: str) -> tuple[Routine, ...]:
    """Return what came due before a time, as assessments read it; what was excused is left out."""
    found = []
    for line in lines:
        if line.state is State.EXCUSED or line.occurrence.due_at >= until:
            continue
        done = line.record if line.state is State.DONE else None
        found.append(
            Routine(
                name=line.routine.id,
                due=line.occurrence.due_at,
                done_at=None if done is None else done.at,
                record_digest=None if done is None else left_by(done),
            )
        )
    return tuple(found)


def left_by(record: Record) -> str:
    """Return the digest of what an occurrence left behind.

    What was only typed is the same record when the same is typed again. What was looked up (the
    figures of that day, an assessment, a drill) is of that occurrence alone.
    """
    typed = all(
        each.digest == sha256_hex(each.value.encode()) and not each.evidence
        for each in record.outputs
    )
    if not typed:
        return record.digest
    words = [[each.name, " ".join(each.value.casefold().split())] for each in record.outputs]
    return digest([record.routine, words])


def routines_told(
    engine: Engine, zones: Zones, since: str, until: str
) -> tuple[str, tuple[Routine, ...]] | None:
    """Return since when a cadence is kept, and what came due since a time; None before any was."""
    told = cadence_history(engine, since, until)
    if not told.adoptions:
        return None
    lines = _lines(told, stretches(told.adoptions), zones, since, until)
    return told.adoptions[0][1], routines_of(lines, until)


def kept_between(
    engine: Engine, zones: Zones, since: str, until: str
) -> tuple[RoutineKept, ...] | None:
    """Return how often each routine came due in a window and was done; None before any was kept.

    A routine that is kept and did not come due is there with none.
    """
    told = cadence_history(engine, since, until)
    if not told.adoptions:
        return None
    kept = stretches(told.adoptions)
    counts = {
        (each.kept.routine.id, each.kept.routine.every.value): [0, 0]
        for each in kept
        if each.until > since
    }
    for line in _lines(told, kept, zones, since, until):
        if line.state is not State.EXCUSED:
            count = counts.setdefault((line.routine.id, line.routine.every.value), [0, 0])
            count[0] += 1
            count[1] += line.state is State.DONE
    return tuple(
        RoutineKept(routine=routine, every=every, due=due, done=done)
        for (routine, every), (due, done) in sorted(counts.items())
    )


def _lines(
    told: CadenceHistory, kept: tuple[Stretch, ...], zones: Zones, since: str, until: str
) -> tuple[Line, ...]:
    known = {name: zones(name) for name in sorted({each.kept.time_zone for each in kept})}
    return lines_over_time(kept, known, told.records, since, until, until)
