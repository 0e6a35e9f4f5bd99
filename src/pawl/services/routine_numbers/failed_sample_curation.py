"""Failed sample curation: the runs that did not succeed since the last time, and how they ended.

Runs that Pawl supervised are looked at; what an agent did beside it is not known here.
"""

from collections import Counter

from pawl.runs.record import Outcome
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, number, part, short


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    ended = look.runs(window.since, window.until)
    failed = [each for each in ended if each.outcome != Outcome.SUCCEEDED]
    counts = Counter(str(each.outcome or "unknown") for each in failed)
    rows = (
        {
            "run": each.run_id,
            "agent": each.agent,
            "project": each.attribution.project or "-",
            "outcome": str(each.outcome or "unknown"),
            "limit": each.stop.limit if each.stop else "-",
            "ended": short(each.ended_at),
        }
        for each in failed
    )
    figures = (
        number("Runs that ended", len(ended)),
        number("Did not succeed", len(failed)),
        *(number(name.replace("_", " "), count) for name, count in sorted(counts.items())),
    )
    return (part("Runs that did not succeed", _COLUMNS, rows, figures=figures),)


_COLUMNS = {
    "run": "Run", "agent": "Agent", "project": "Project", "outcome": "How it ended",
    "limit": "Limit", "ended": "Ended",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
