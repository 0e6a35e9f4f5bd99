"""Tool sequence: tools were called in an order.

`ordered`: one after another, with others between. `exact`: just these, nothing before, between or
after. `subset`: all of them, each as often as it is listed, in any order. Denied calls do not
count, unless `denied: counts`.
Cannot tell: calls or arguments were not seen, or were cut, and they could decide.
"""

from typing import Literal

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.matching import trouble
from pawl.evals.record import Trial
from pawl.evals.trajectory import Call, Denied, calls, matches, named, unseen

MAX_STEPS = 100


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One call of the sequence, with a pattern for its arguments."""

    tool: str
    args_match: str | None = None


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The tools, each a name or a name with a pattern, and how strictly."""

    tool_sequence: tuple[str | Step, ...]
    order: Literal["ordered", "exact", "subset"] = "ordered"
    denied: Denied = "ignored"


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    steps = [Step(tool=each) if isinstance(each, str) else each for each in arguments.tool_sequence]
    told = ", ".join(named(step.tool, step.args_match) for step in steps)
    expected = f"calls ({arguments.order}): {told}"
    made = [call for call in calls(trial) if not (call.denied and arguments.denied == "ignored")]
    hold = {"ordered": _ordered, "exact": _exact, "subset": _subset}[arguments.order]
    surely, maybe = hold(made, steps, False), hold(made, steps, True)
    blind = next((why for step in steps if (why := unseen(trial, step.args_match))), "")
    if surely and not (blind and arguments.order == "exact"):
        return passed(expected, f"among {len(made)} calls", "/events")
    if blind:
        return unknown(expected, blind)
    if maybe:
        return unknown(expected, "a call's tool or arguments are not in the record", "/events")
    actual = ", ".join(call.tool or "?" for call in made)
    return failed(expected, actual or "no calls", "/events")


def _is(call: Call, step: Step, kindly: bool) -> bool:
    match = matches(call, step.tool, step.args_match)
    return kindly if match is None else match


def _ordered(made: list[Call], steps: list[Step], kindly: bool) -> bool:
    rest = iter(made)
    return all(any(_is(call, step, kindly) for call in rest) for step in steps)


def _exact(made: list[Call], steps: list[Step], kindly: bool) -> bool:
    return len(made) == len(steps) and all(
        _is(call, step, kindly) for call, step in zip(made, steps, strict=True)
    )


def _subset(made: list[Call], steps: list[Step], kindly: bool) -> bool:
    """Give each step a call of its own, by augmenting paths: a greedy choice may take the wrong."""
    fits = [[at for at, call in enumerate(made) if _is(call, step, kindly)] for step in steps]
    taken: dict[int, int] = {}

    def give(step: int, tried: set[int]) -> bool:
        for at in fits[step]:
            if at not in tried:
                tried.add(at)
                if at not in taken or give(taken[at], tried):
                    taken[at] = step
                    return True
        return False

    return all(give(step, set()) for step in range(len(steps)))


def _check(arguments: Arguments) -> str:
    steps = arguments.tool_sequence
    if not 1 <= len(steps) <= MAX_STEPS:
        return f"a sequence has 1 to {MAX_STEPS} tools"
    return next(
        (why for step in steps if isinstance(step, Step) and (why := trouble(step.args_match))),
        "",
    )


GRADER = Grader(
    title="Tools were called in an order", arguments=Arguments, grade=_grade, check=_check
)
