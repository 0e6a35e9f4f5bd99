"""Tool not called: the agent never called a tool, or never with such arguments.

An attempt that was denied counts, unless `denied: ignored`: what only a permission rule held back
was tried. `args_match` is searched in the arguments as JSON and in each text inside.
Cannot tell: calls or arguments were not seen, or were cut, and no forbidden call was found.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.matching import trouble
from pawl.evals.record import Trial
from pawl.evals.trajectory import Denied, calls, matches, named, unseen


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tool, and a pattern for its arguments."""

    tool_not_called: str
    args_match: str | None = None
    denied: Denied = "counts"


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    tool, pattern = arguments.tool_not_called, arguments.args_match
    expected = f"no call of {named(tool, pattern)}"
    doubt = ""
    made = calls(trial)
    for call in made:
        if call.denied and arguments.denied == "ignored":
            continue
        match = matches(call, tool, pattern)
        if match:
            actual = "called, and denied" if call.denied else "called"
            return failed(expected, actual, call.pointer, lasting=True)
        if match is None:
            doubt = doubt or call.pointer
    blind = unseen(trial, pattern)
    if blind:
        return unknown(expected, blind)
    if doubt:
        return unknown(expected, "a call's tool or arguments are not in the record", doubt)
    return passed(expected, f"not among {len(made)} calls", "/events")


GRADER = Grader(
    title="A tool was never called",
    arguments=Arguments,
    grade=_grade,
    check=lambda arguments: trouble(arguments.args_match),
)
