"""Whoever is to be consulted has answered, or had the time to.

Asks: for each kind of work the change touches and each consulted role, an answer of any kind; or,
where the risk is not high, that the policy's hours have passed since the change was submitted.

Fails: a change of high risk that a consulted role has not answered.

Cannot tell: the hours are not over yet.
"""

from datetime import timedelta

from pawl.base.times import format_time, parse_time
from pawl.changes.condition import (
    Answer,
    Condition,
    Question,
    fails,
    holds,
    inconclusive,
    not_applicable,
)
from pawl.changes.manifest import Risk
from pawl.governance.raci import row_of
from pawl.governance.roster import holds as holds_role


def _judge(question: Question, _: object) -> Answer:
    snapshot = question.snapshot
    scope = snapshot.change.manifest.scope
    rows = [row_of(snapshot.policy.raci, work, scope) for work in sorted(question.works)]
    roles = sorted({role for row in rows if row for role in row.consulted})
    if not roles:
        return not_applicable("Nobody is to be consulted.")
    heard = {each.person for each in question.answers if each.counts}
    silent = tuple(
        role
        for role in roles
        if not any(
            holds_role(snapshot.roster, person, role, scope, question.now) for person in heard
        )
    )
    if not silent:
        return holds(f"Heard: {', '.join(roles)}.")
    told = f"{', '.join(silent)} did not answer"
    if question.risk.risk is Risk.HIGH:
        return fails(f"{told}, and the risk is high.", asks=silent)
    asked = snapshot.change.submitted_at
    hours = snapshot.policy.terms.consulted_hours
    if asked is None:
        return inconclusive(f"{told}; it is not known since when they could.", asks=silent)
    until = format_time(parse_time(asked) + timedelta(hours=hours))
    if question.now < until:
        return inconclusive(f"{told}; they have until {until[:16]}Z.", asks=silent)
    return holds(f"{told} within {hours:g} hours, which is an answer.")


CONDITION = Condition(claim="Whoever is to be consulted was heard", judge=_judge)
