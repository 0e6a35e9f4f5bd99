"""No unfinished action of an incident stands in the way.

Asks: the open actions on every component that changes. One that is open blocks a change of high
risk, one that is overdue blocks every change. The change that closes the action is not blocked by
it.

Fails: such an action is open.

Cannot tell: the open actions are not known.
"""

from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive
from pawl.changes.manifest import Risk


def _judge(question: Question, _: object) -> Answer:
    facts = question.facts
    if facts.actions is None:
        return inconclusive("The open actions of incidents are not known.")
    closes = set(question.change.manifest.closes)
    high = question.risk.risk is Risk.HIGH
    blocking = [
        each
        for each in facts.actions
        if each.component in question.components
        and each.id not in closes
        and (high or each.due_at <= question.now)
    ]
    if not blocking:
        return holds("No unfinished action stands in the way.")
    told = ", ".join(
        f"{each.id} of {each.incident} ({'overdue' if each.due_at <= question.now else 'open'})"
        for each in blocking[:5]
    )
    return fails(
        f"{len(blocking)} unfinished: {told}.",
        *(each.id for each in blocking[:20]),
        hint="Finish and verify them, or name them under `closes` where this change does.",
    )


CONDITION = Condition(claim="No unfinished action of an incident stands in the way", judge=_judge)
