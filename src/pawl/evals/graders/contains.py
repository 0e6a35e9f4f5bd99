"""Contains: a text stands in what the agent said.

Reads the final answer, or the sources named; of several texts each must stand in one of them.
Cannot tell: it is not there, and a source was not seen, was cut, or lost a secret that the text
could have gone with.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.record import Trial
from pawl.evals.texts import Sources, hidden_by_redaction, look


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text, or texts, where to look, and whether upper and lower case are one."""

    contains: str | tuple[str, ...]
    source: Sources = "final"
    ignore_case: bool = False


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    wanted = arguments.contains
    texts = (wanted,) if isinstance(wanted, str) else wanted
    pointer = ""
    doubt: Answer | None = None
    for each in texts:
        seen = look(
            trial,
            arguments.source,
            lambda text, each=each: _holds(text, each, arguments.ignore_case),  # type: ignore[misc]
            may_hide=hidden_by_redaction(each),
        )
        expected = f"contains {each!r}"
        if not seen.found and not seen.doubt:
            return failed(expected, "not there")
        if not seen.found:
            doubt = doubt or unknown(expected, seen.doubt)
        pointer = pointer or seen.pointer
    return doubt or passed(f"contains {', '.join(map(repr, texts))}", "there", pointer)


def _holds(text: str, wanted: str, ignore_case: bool) -> bool:
    return wanted.casefold() in text.casefold() if ignore_case else wanted in text


def _check(arguments: Arguments) -> str:
    texts = arguments.contains
    return "" if texts and all(texts) else "an empty text stands everywhere"


GRADER = Grader(
    title="A text stands in what the agent said", arguments=Arguments, grade=_grade, check=_check
)
