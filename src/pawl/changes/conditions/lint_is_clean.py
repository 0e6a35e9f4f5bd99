"""The files that steer agents are clean.

Asks: evidence of the kind `lint` that `pawl lint`, or another linter, found nothing at or above
its threshold in this content.

Fails: it found something.

Cannot tell: nobody looked at this content, or the linter could not read it.
"""

from pawl.changes.condition import Answer, Condition, Question
from pawl.changes.weighing import weigh


def _judge(question: Question, _: object) -> Answer:
    return weigh(question, "clean files")


CONDITION = Condition(claim="The files that steer agents are clean", judge=_judge, evidence="lint")
