"""Chaos drill: runs of drills since the last one with what they showed, and rehearsed rollbacks.

The output `drill` is the id of a run that was finished; rehearsing a rollback is no run of a drill.
"""

from pawl.incidents.drill import Outcome
from pawl.incidents.drill_run import ENDED, DrillRun, State
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, number, part, short


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    runs = look.drill_runs(window.since, window.until)
    back = look.drills(window.since, window.until)
    figures = (
        number("Drills", len(runs)),
        number("Hypotheses refuted", sum(each.verdict is Outcome.NOT_MET for each in runs)),
        number("Aborted", sum(each.state is State.ABORTED for each in runs)),
        number("Gaps without an action", sum(not gap.action for run in runs for gap in run.gaps)),
    )
    rehearsed = (
        {
            "id": each.id,
            "component": each.component,
            "at": short(each.at),
            "result": "succeeded" if each.succeeded else "failed",
        }
        for each in back
    )
    return (
        part("Drills run", _RUNS, map(_row, runs), figures=figures),
        part("Rollbacks rehearsed", _REHEARSED, rehearsed),
    )


def _row(run: DrillRun) -> dict[str, str]:
    return {
        "id": run.id,
        "drill": run.drill.title,
        "at": short(run.ended_at or run.planned_at),
        "result": run.verdict.value if run.verdict and run.state in ENDED else run.state.value,
        "gaps": str(len(run.gaps)),
    }


_RUNS = {"id": "Run", "drill": "Drill", "at": "When", "result": "Result", "gaps": "Gaps"}
_REHEARSED = {"id": "Rollback", "component": "Of", "at": "When", "result": "Result"}
NUMBERS = RoutineNumbers(parts=_parts)
