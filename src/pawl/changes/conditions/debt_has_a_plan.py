"""A root cause that was seen again has an owner with a plan.

Asks: operational debt on every component that changes. A change that closes an action of it, or a
plan with an owner, is enough: the debt itself may stay for a while.

Fails: debt that nobody has a plan for.

Cannot tell: the debts are not known.
"""

from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive


def _judge(question: Question, _: object) -> Answer:
    debts = question.facts.debts
    if debts is None:
        return inconclusive("Operational debt is not known.")
    closes = set(question.change.manifest.closes)
    own = [each for each in debts if each.component in question.components]
    bare = [each for each in own if not each.planned and each.id not in closes]
    if bare:
        return fails(
            f"{', '.join(each.id for each in bare[:5])}: a root cause was seen again, and nobody "
            "has a plan.",
            *(each.id for each in bare[:20]),
            hint="Give it an owner and a plan.",
        )
    return holds(f"{len(own)} debts, all planned." if own else "There is no debt on it.")


CONDITION = Condition(claim="Debt on what it changes has a plan", judge=_judge)
