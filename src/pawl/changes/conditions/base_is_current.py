"""What the change starts from is still what is there.

Asks: what the components of the change are now, by digest, against what it says they were.

Fails: they have moved since: whatever was judged was judged on something else.

Cannot tell: it is not known what is there now.
"""

from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive
from pawl.changes.manifest import parts_digest


def _judge(question: Question, _: object) -> Answer:
    now = question.facts.base_digest
    if now is None:
        return inconclusive("It is not known what is there now.")
    then = parts_digest(question.change.manifest.base)
    if now != then:
        return fails(
            f"The base was {then[:12]} and is {now[:12]}.",
            hint="Bring the change onto what is there, and have it judged again.",
        )
    return holds(f"The base is still {then[:12]}.")


CONDITION = Condition(claim="What it starts from is still there", judge=_judge)
