"""Review queue triage: the findings of reviews that wait for a person, longest first.

The output `queue` is the list itself, by the digest of what was shown.
"""

from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, number, part, short


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    waiting = sorted(
        (each for each in look.waiting() if each.at < window.until),
        key=lambda each: (each.at, each.id),
    )
    rows = (
        {
            "id": each.id,
            "severity": each.severity.value,
            "title": each.title,
            "place": f"{each.file}:{each.line}",
            "sure": f"{each.confidence:.0%}",
            "since": short(each.at),
        }
        for each in waiting
    )
    return (
        part(
            "Findings that wait for a person", _COLUMNS, rows,
            figures=(number("Waiting", len(waiting)),), output="queue",
        ),
    )  # fmt: skip


_COLUMNS = {
    "id": "Finding", "severity": "Severity", "title": "What", "place": "Where", "sure": "Sure",
    "since": "Waits since",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
