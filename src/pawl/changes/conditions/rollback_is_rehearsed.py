"""Going back was tried on what changes, and it worked.

Asks: for each component that changes a drill within `days`, of the component itself or of its kind
(`prompt` for all prompts), the newest of which succeeded.

Fails: the newest drill did not succeed, or the last that did is too long ago.

Cannot tell: the drills are not known.
"""

from datetime import timedelta

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.changes.condition import Answer, Condition, Question, fails, holds, inconclusive


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days a drill counts."""

    days: float = 90


def _judge(question: Question, arguments: Arguments) -> Answer:
    drills = question.facts.drills
    if drills is None:
        return inconclusive("The rollback drills are not known.")
    since = format_time(parse_time(question.now) - timedelta(days=min(arguments.days, 36_500)))
    cites, lacking = set(), []
    for component in question.components:
        names = (component, component.partition("/")[0])
        own = [each for each in drills if each.component in names and each.at <= question.now]
        newest = max(own, key=lambda each: (each.at, each.id), default=None)
        if newest is None or newest.at < since:
            lacking.append(f"{component} was not rehearsed within {arguments.days:g} days")
        elif not newest.succeeded:
            lacking.append(f"the last rehearsal of {component} failed")
        else:
            cites.add(newest.id)
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        return fails(
            f"{'; '.join(lacking[:3])}{more}.",
            hint="Go back once as a trial, and record it with `pawl change drill COMPONENT`.",
        )
    return holds("Going back was rehearsed on all that changes.", *sorted(cites)[:20])


CONDITION = Condition(
    claim="Going back was rehearsed",
    judge=_judge,
    arguments=Arguments,
    stricter={"days": "less"},
)
