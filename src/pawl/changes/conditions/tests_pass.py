"""The tests of exactly this content pass.

Asks: evidence of the kind `tests`, such as a JUnit report that CI handed over.

Fails: a test failed.

Cannot tell: nobody ran the tests on this content, a test could not run, or none did.
"""

from pawl.changes.condition import Answer, Condition, Question
from pawl.changes.weighing import weigh


def _judge(question: Question, _: object) -> Answer:
    return weigh(question, "the tests")


CONDITION = Condition(claim="The tests pass", judge=_judge, evidence="tests")
"""A report is of one commit: another content needs another one."""
