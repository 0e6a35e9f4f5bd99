"""A named human owns what an agent helped to write.

Asks: for a change that an agent wrote any of, that a human of the roster says of exactly this
content: it is mine, whoever typed it. The author may; owning is not approving.

Fails: nobody did.

Cannot tell: what was attested is not known.
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
from pawl.governance.roster import Kind, is_active, plain_identity, provider_of


def _judge(question: Question, _: object) -> Answer:
    change = question.change
    agents = {each.id for each in question.known.values() if each.kind is Kind.AGENT}
    if not change.manifest.assisted and not agents & question.authors.people:
        return not_applicable("No agent is said to have written any of it.")
    if question.facts.attested is None:
        return inconclusive("What was attested is not known.")
    for each in sorted(question.facts.attested, key=lambda one: (one.at, one.id)):
        person = question.known.get(plain_identity(each.identity))
        if (
            each.digest == change.digest
            and each.at <= question.now
            and provider_of(each.identity) != "git"
            and person is not None
            and person.kind is Kind.HUMAN
            and is_active(person, question.now)
        ):
            return holds(f"{person.id} owns it.", each.id)
    return fails(
        "No human has said of exactly this content that it is theirs.",
        hint="Its owner attests it, signed or in a session.",
        asks=("owner",),
    )


CONDITION = Condition(claim="A human owns what an agent helped to write", judge=_judge)
