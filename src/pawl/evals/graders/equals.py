"""Equals: the final answer is a text, or a JSON value.

White space around the answer does not count. Anything but a text is compared with the answer read
as JSON; there 1 and 1.0 are equal, and 1 and true are not.
Cannot tell: the answer was not seen, or it differs and was cut or lost a secret.
"""

from typing import Any

import msgspec

from pawl.base.canonical import canonical_json
from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.record import Sight, Trial
from pawl.evals.texts import final


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the final answer must be."""

    equals: Any


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    wanted = arguments.equals
    expected = f"is {wanted!r}"
    if not trial.sees(Sight.FINAL):
        return unknown(expected, "the final answer was not seen in this trial")
    answer = final(trial)
    if answer is None:
        return failed(expected, "no answer")
    at, text = answer
    pointer = f"/texts/{at}"
    if _same(wanted, text.text):
        if not text.cut:
            return passed(expected, text.text, pointer)
        return unknown(expected, "the answer was cut", pointer)
    if text.cut or text.redacted:
        return unknown(expected, "the answer was cut or lost a secret", pointer)
    return failed(expected, text.text, pointer)


def _same(wanted: Any, text: str) -> bool:
    if isinstance(wanted, str):
        return wanted.strip() == text.strip()
    try:
        return canonical_json(msgspec.json.decode(text)) == canonical_json(wanted)
    except (ValueError, RecursionError):
        return False


GRADER = Grader(
    title="The final answer is a text or a JSON value", arguments=Arguments, grade=_grade
)
