"""Maturity score review: the last assessment of each subject, what fell back, and how it moved.

The output `assessment` is one of those on record that is not of before the last review.
"""

from pawl.maturity.verdict import levels_of
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, part, short

NONE_HERE = "Nothing was assessed here yet; do it with `pawl assess`."


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    subjects = look.evidence.subjects()
    if not subjects:
        return (Part(title="Assessments", unknown=NONE_HERE),)
    levels: list[dict[str, str]] = []
    moved: list[dict[str, str]] = []
    for subject in subjects:
        points = [each for each in look.evidence.trend(subject) if each.as_of < window.until]
        if not points:
            continue
        made = look.evidence.assessment(subject, points[-1].digest)
        for model in made.models if made else ():
            levels += (
                {
                    "subject": subject,
                    "model": model.name,
                    "dimension": each.name,
                    "level": f"{each.level_id} {each.level_name}".strip(),
                    "held": each.capped or "",
                }
                for each in model.dimensions
                if model.complete
            )
        earlier = [each for each in points if each.as_of < window.since] or points[:1]
        now = levels_of(made) if made else {}
        for name, were in earlier[-1].levels.items():
            are = now.get(name) or {}
            moved += (
                {
                    "subject": subject,
                    "model": name,
                    "dimension": dimension,
                    "was": str(before),
                    "is": str(are[dimension]),
                    "way": "fell back" if are[dimension] < before else "rose",
                    "since": short(earlier[-1].as_of),
                }
                for dimension, before in (were or {}).items()
                if dimension in are and are[dimension] != before
            )
    moved.sort(key=lambda row: (row["way"], row["subject"], row["dimension"]))
    return (
        part("What fell back, and what rose", _MOVED, moved),
        part("Where it stands", _LEVELS, levels),
    )


_MOVED = {
    "subject": "Subject", "model": "Model", "dimension": "Dimension", "was": "Was", "is": "Is",
    "way": "", "since": "Compared with",
}  # fmt: skip
_LEVELS = {
    "subject": "Subject", "model": "Model", "dimension": "Dimension", "level": "Level",
    "held": "Held down by",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
