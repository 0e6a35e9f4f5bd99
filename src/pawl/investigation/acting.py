"""What to do: texts, each classed by whether it can be taken back, and when people must decide.

The five triggers are those of M11: what cannot be taken back or touches what users own, a cause
that is not sure, nothing like it before, a wide reach or high cost, and two actions that failed.
"""

from collections.abc import Sequence

from pawl.investigation.investigation import Action, Asks, Hypothesis, Trigger
from pawl.investigation.knowledge import Knowledge, Remedy
from pawl.investigation.symptoms import Symptoms
from pawl.investigation.terms import Terms

MAX_FAILED = 2
"""Failed actions after which no policy goes on by itself; M11 names two."""


def triggers(
    hypotheses: Sequence[Hypothesis],
    remedies: Sequence[Remedy],
    symptoms: Symptoms,
    *,
    alike: Sequence[str] | None,
    failed_actions: int,
    terms: Terms,
) -> tuple[Trigger, ...]:
    """Return why people decide. `alike` are earlier incidents, None where nobody could look."""
    found = []
    if any(each.action == "irreversible" for each in remedies):
        found.append(Trigger(id="irreversible", why="An action cannot be taken back."))
    first = hypotheses[0].confidence if hypotheses else 0.0
    if first < terms.likely:
        why = f"The likeliest cause is {first:.0%} sure, and {terms.likely:.0%} are asked for."
        found.append(Trigger(id="unsure", why=why))
    if alike is None:
        found.append(Trigger(id="unlike-any", why="Earlier incidents could not be looked up."))
    elif not alike:
        found.append(Trigger(id="unlike-any", why="No earlier incident is like it."))
    if wide := _wide(symptoms, terms):
        found.append(Trigger(id="wide", why=wide))
    if failed_actions >= MAX_FAILED:
        why = f"{failed_actions} actions have failed already."
        found.append(Trigger(id="failed-twice", why=why))
    return tuple(found)


def actions(
    hypotheses: Sequence[Hypothesis],
    proposed: Sequence[tuple[Hypothesis, Remedy, str]],
    checks: Sequence[tuple[str, tuple[str, ...]]],
    escalation: Sequence[Trigger],
) -> tuple[Action, ...]:
    """Return what to do: first what only looks, then what can be taken back, then the rest."""
    found = [
        Action(
            id=f"check-{at}", text=text, action="informational", asks="nobody", evidence=evidence
        )
        for at, (text, evidence) in enumerate(checks, 1)
    ]
    for hypothesis, remedy, what in proposed:
        asks: Asks = "policy"
        if remedy.action == "irreversible" or escalation:
            asks = "people"
        found.append(
            Action(
                id=f"{remedy.id}-{hypothesis.rank}",
                text=remedy.text.replace("{what}", what),
                action=remedy.action,
                asks=asks,
                evidence=hypothesis.evidence,
                hypothesis=hypothesis.rank,
            )
        )
    order = {"informational": 0, "reversible": 1, "irreversible": 2}
    return tuple(sorted(found, key=lambda each: (order[each.action], each.hypothesis)))


def remedies_of(kinds: Sequence[str], knowledge: Knowledge) -> tuple[Remedy, ...]:
    """Return the remedies of the first kind that has any."""
    return next((knowledge.remedies[kind] for kind in kinds if kind in knowledge.remedies), ())


def _wide(symptoms: Symptoms, terms: Terms) -> str:
    shares = [
        each.peak
        for each in symptoms.moved
        if each.measure == "errors" and each.rises and 0 <= each.peak <= 1
    ]
    if shares and max(shares) >= terms.radius_share:
        return f"{max(shares):.0%} of what is asked fails."
    costs = [each.peak for each in symptoms.moved if "usd" in each.series.name]
    if costs and max(costs) >= terms.cost_usd:
        return f"It costs {max(costs):.0f} dollars."
    if not symptoms.moved:
        return "How far it reaches is not known."
    return ""
