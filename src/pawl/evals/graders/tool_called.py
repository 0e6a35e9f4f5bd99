"""Tool called: the agent called a tool, at least and at most so often.

Calls that were denied do not count, unless `denied: counts`. `args_match` is searched in the
arguments as JSON and in each text inside.
Cannot tell: calls or arguments were not seen, or were cut, and they would decide.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.matching import trouble
from pawl.evals.record import Trial
from pawl.evals.trajectory import Denied, calls, matches, named, unseen


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tool, a pattern for its arguments, and how often; `max` None is no limit."""

    tool_called: str
    args_match: str | None = None
    min: int = 1
    max: int | None = None
    denied: Denied = "ignored"


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    tool, pattern = arguments.tool_called, arguments.args_match
    bounds = [f"at least {arguments.min}"] if arguments.min or arguments.max is None else []
    bounds += [] if arguments.max is None else [f"at most {arguments.max}"]
    expected = f"{', '.join(bounds)} calls of {named(tool, pattern)}"
    sure, maybe = [], 0
    for call in calls(trial):
        if call.denied and arguments.denied == "ignored":
            continue
        match = matches(call, tool, pattern)
        maybe += match is None
        if match:
            sure.append(call)
    pointer = sure[0].pointer if sure else ""
    if arguments.max is not None and len(sure) > arguments.max:
        last = sure[arguments.max].pointer
        return failed(expected, f"{len(sure)} calls", last, lasting=True)
    blind = unseen(trial, pattern)
    if len(sure) >= arguments.min and (arguments.max is None or not (blind or maybe)):
        return passed(expected, f"{len(sure)} calls", pointer)
    if blind:
        return unknown(expected, blind)
    if maybe and len(sure) + maybe >= arguments.min:
        return unknown(expected, f"{len(sure)} calls, and {maybe} that nobody can tell", pointer)
    return failed(expected, f"{len(sure)} calls", pointer)


def _check(arguments: Arguments) -> str:
    if arguments.min < 0 or (arguments.max is not None and arguments.max < arguments.min):
        return "`min` is not below 0, and `max` not below `min`"
    return trouble(arguments.args_match)


GRADER = Grader(title="A tool was called", arguments=Arguments, grade=_grade, check=_check)
