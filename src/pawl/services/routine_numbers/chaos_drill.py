"""Chaos drill: the drills on record since the last one, and whether they succeeded."""

from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, number, part, short


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    drills = look.drills(window.since, window.until)
    rows = (
        {
            "id": each.id,
            "component": each.component,
            "at": short(each.at),
            "result": "succeeded" if each.succeeded else "failed",
        }
        for each in drills
    )
    figures = (
        number("Drills", len(drills)),
        number("Failed", sum(not each.succeeded for each in drills)),
    )
    return (part("Drills on record", _COLUMNS, rows, figures=figures),)


_COLUMNS = {"id": "Drill", "component": "Of", "at": "When", "result": "Result"}
NUMBERS = RoutineNumbers(parts=_parts)
