"""Regex: a pattern is found in what the agent said, or with `present: false` is not.

The engine is linear in the text: no lookaround, no back references. `(?i)` ignores case.
Cannot tell: it was not found, and a source was not seen, was cut, or lost a secret.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.matching import found, trouble
from pawl.evals.record import Trial
from pawl.evals.texts import Sources, look


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The pattern, where to look for it, and whether it must be there or must not."""

    regex: str
    source: Sources = "final"
    present: bool = True


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    word = "matches" if arguments.present else "matches nowhere"
    expected = f"{word} {arguments.regex!r}"
    seen = look(trial, arguments.source, lambda text: found(arguments.regex, text))
    if not seen.found and seen.doubt:
        return unknown(expected, seen.doubt)
    actual = "found" if seen.found else "not found"
    if seen.found is arguments.present:
        return passed(expected, actual, seen.pointer)
    return failed(expected, actual, seen.pointer, lasting=seen.found)


GRADER = Grader(
    title="A pattern is found in what the agent said",
    arguments=Arguments,
    grade=_grade,
    check=lambda arguments: trouble(arguments.regex),
)
