"""Glass that was broken here has been ratified by somebody accountable.

Asks: exceptions of emergencies in the change's scope that were to be ratified by now.

Fails: one was not, or by somebody who may not: it blocks what ships next, and not the emergency.

Cannot tell: never; what nobody recorded was not ratified.
"""

from pawl.changes.condition import Answer, Condition, Question, fails, holds
from pawl.changes.excepting import ground_of
from pawl.governance.exceptions import unratified
from pawl.governance.roster import covers


def _judge(question: Question, _: object) -> Answer:
    scope = question.change.manifest.scope
    near = [
        each
        for each in question.snapshot.exceptions
        if covers(each.scope, scope) or covers(scope, each.scope)
    ]
    found = unratified(near, ground_of(question, question.gate.domain))
    if found:
        return fails(
            " ".join(why for _, why in found[:3]),
            *(each.id for each, _ in found[:20]),
            hint="Somebody accountable who did not break it ratifies it, or says no to it.",
        )
    return holds("No broken glass waits for anybody.")


CONDITION = Condition(claim="Broken glass is ratified", judge=_judge)
