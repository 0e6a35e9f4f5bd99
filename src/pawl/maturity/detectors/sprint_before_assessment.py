"""Much of a level was proved for the first time just before a formal assessment.

Notices, where a formal assessment is due, criteria whose evidence came to say yes (or came to
prove as deep as it does now) within the last days before it.

Computed per model and level: a criterion's beginning is that of its youngest evidence, by our own
first sight. Of those that began within the last quarter, too many and too large a share began in
the last two weeks. A criterion counts only where Pawl had looked before those two weeks and seen
otherwise; a first look at a repository is no sprint.

Innocent: a real project ended just then. Remedy: let it hold; `hold_for` and the next assessment
decide. Removes: the credit is provisional, so that the level is measured and not yet confirmed.
"""

from collections import defaultdict

from pawl.maturity.detector import Detector, Look
from pawl.maturity.looking.noticing import Voice, before, began, model_level, needs_of, passing
from pawl.maturity.looking.recent import days_between
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G01",
    "A real project came to its end just before the assessment.",
    "Keep it up: what still holds at the next assessment counts in full.",
)


def look(look: Look) -> list[Hit]:
    """Return one hit for each level that was filled in a hurry."""
    if look.assessed_on is None:
        return []
    numbers = look.numbers
    new: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for criterion, probes in needs_of(look).items():
        age = _age(look, probes)
        if age is not None and age <= numbers["quarter_days"]:
            new[model_level(look, criterion)][criterion] = age
    hits = []
    for (model, level), ages in sorted(new.items()):
        late = [criterion for criterion, age in ages.items() if age <= numbers["late_days"]]
        if len(late) < numbers["criteria_min"] or len(late) <= numbers["share_over"] * len(ages):
            continue
        needs = needs_of(look)
        hits.append(
            _VOICE.hit(
                f"{len(late)} of the {len(ages)} criteria of level {level} of {model} that are new "
                f"this quarter were first met within {numbers['late_days']:g} days before the "
                "assessment.",
                "medium",
                "provisional",
                criteria=late,
                probes=[probe for criterion in late for probe in needs[criterion]],
            )
        )
    return hits


def _age(look: Look, probes: tuple[str, ...]) -> float | None:
    """Return how many days before the assessment a criterion's evidence was complete.

    None where it is not complete, or where nobody had looked before it was.
    """
    records = passing(look.records, probes)
    if len(records) < len(probes) or look.assessed_on is None:
        return None
    firsts = [began(look, record) for record in records]
    youngest = max(firsts, key=lambda each: each.observed_at)
    if before(look, youngest) is None:
        return None
    return days_between(youngest.observed_at, look.assessed_on)


DETECTOR = Detector(
    code="G01",
    name="Sprint before assessment",
    what="Much of a level was proved for the first time just before a formal assessment.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
