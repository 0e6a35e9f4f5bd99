"""The checks of a policy engine pass.

Asks: evidence of the kind `policy-checks`, such as the result of conftest or another engine that
evaluates rules over the content.

Fails: a rule denies.

Cannot tell: no engine looked at this content, or a rule of it failed to run.
"""

from pawl.changes.condition import Answer, Condition, Question
from pawl.changes.weighing import weigh


def _judge(question: Question, _: object) -> Answer:
    return weigh(question, "the policy checks")


CONDITION = Condition(claim="The policy checks pass", judge=_judge, evidence="policy-checks")
