"""What the change touches has error budget left, or the change mends something.

Asks: the error budget of every component that changes. With an exhausted one only a change that
closes an open action of an incident may go on.

Fails: a budget is used up, and the change closes nothing that is open.

Cannot tell: the budgets are not known.
"""

from pawl.changes.condition import (
    Answer,
    Condition,
    Question,
    fails,
    holds,
    inconclusive,
    not_applicable,
)


def _judge(question: Question, _: object) -> Answer:
    facts = question.facts
    if facts.budgets is None:
        return inconclusive("The error budgets are not known.", hint="Hand the objectives over.")
    own = [each for each in facts.budgets if each.component in question.components]
    if not own:
        return not_applicable("No objective is set for what it changes.")
    spent = [each for each in own if each.left <= 0]
    if not spent:
        least = min(each.left for each in own)
        return holds(f"At least {least:.0%} of every error budget is left.")
    names = ", ".join(sorted({each.objective for each in spent}))
    closes = set(question.change.manifest.closes)
    if facts.actions is None and closes:
        return inconclusive(f"The budget of {names} is used up; open actions are not known.")
    if closes & {each.id for each in facts.actions or ()}:
        return holds(f"The budget of {names} is used up, and this closes an open action.")
    return fails(
        f"The error budget of {names} is used up.",
        hint="Mend the cause first: a change that closes an open action may go on.",
    )


CONDITION = Condition(claim="Error budget is left where it changes something", judge=_judge)
