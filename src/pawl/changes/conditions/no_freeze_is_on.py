"""No freeze is on while it starts.

Asks: the gate's own `windows`, each from one time to another.

Fails: the start falls into one.

Cannot tell: never; a window that is no time is an error of the policy.
"""

import msgspec

from pawl.base.times import parse_time
from pawl.changes.condition import Answer, Condition, Question, fails, holds


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One freeze; it ends at the first instant that is free again."""

    starts: str
    ends: str
    why: str


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All freezes."""

    windows: tuple[Window, ...] = ()


def _judge(question: Question, arguments: Arguments) -> Answer:
    now = parse_time(question.now)
    for window in arguments.windows:
        if parse_time(window.starts) <= now < parse_time(window.ends):
            return fails(f"Frozen until {window.ends}: {window.why}", hint="Start it afterwards.")
    return holds(f"None of {len(arguments.windows)} freezes is on.")


CONDITION = Condition(claim="No freeze is on", judge=_judge, arguments=Arguments)
