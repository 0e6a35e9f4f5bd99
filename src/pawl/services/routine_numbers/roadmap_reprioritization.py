"""Roadmap reprioritization: the gaps of the last assessment, operational debt, and repeats.

Of repeats only those that somebody confirmed are counted.
"""

from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Part, part, share, short

NOT_ASSESSED = "Nothing was assessed here yet; do it with `pawl assess`."
NO_INCIDENTS = "This place keeps no incidents."


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    return (_gaps(look), *_debts(look, window))


def _gaps(look: Looks) -> Part:
    subjects = look.evidence.subjects()
    if not subjects:
        return Part(title="Gaps", unknown=NOT_ASSESSED)
    rows = []
    for subject in subjects:
        made = look.evidence.assessment(subject)
        for model in made.models if made else ():
            rows += [
                {
                    "subject": subject,
                    "model": model.name,
                    "dimension": each.name,
                    "level": each.level_id,
                    "keeps": ", ".join(each.blocking[:4]),
                    "risk": each.risk,
                }
                for each in model.dimensions
                if each.blocking
            ]
    return part("Gaps: what keeps the next level away", _GAPS, rows)


def _debts(look: Looks, window: Window) -> tuple[Part, ...]:
    if look.incidents is None:
        return (Part(title="Debt and repeats", unknown=NO_INCIDENTS),)
    told = look.incidents.figures(window.since, window.until)
    rows = (
        {
            "cause": each.root_cause_key[:17],
            "component": each.component,
            "times": str(len(each.incidents)),
            "owner": each.owner or "nobody",
            "plan": each.plan or "none",
            "seen": short(each.last_seen_at),
        }
        for each in look.debts()
    )
    return (
        part("Debt and repeats", _DEBTS, rows, figures=(share("Repeats", told.incidents.repeats),)),
    )


_GAPS = {
    "subject": "Subject", "model": "Model", "dimension": "Dimension", "level": "Level",
    "keeps": "Kept back by", "risk": "Risk",
}  # fmt: skip
_DEBTS = {
    "cause": "Root cause", "component": "Component", "times": "Seen", "owner": "Owner",
    "plan": "Plan", "seen": "Last seen",
}  # fmt: skip
NUMBERS = RoutineNumbers(parts=_parts)
