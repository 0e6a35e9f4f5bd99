"""Nothing else is being rolled out or back on what it changes.

Asks: which changes move which component now.

Fails: another one moves a component of this one; two at once cannot be told apart.

Cannot tell: it is not known what moves.
"""

from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive


def _judge(question: Question, _: object) -> Answer:
    rolling = question.facts.rolling
    if rolling is None:
        return inconclusive("It is not known what is being rolled out.")
    taken = [
        (component, change)
        for component in question.components
        for change in rolling.get(component, ())
        if change != question.change.id
    ]
    if taken:
        told = ", ".join(f"{component} by {change}" for component, change in taken)
        return fails(f"Being moved: {told[:500]}.", *sorted({by for _, by in taken})[:20])
    return holds("Nothing else moves what it changes.")


CONDITION = Condition(claim="Nothing else is being rolled out on what it changes", judge=_judge)
