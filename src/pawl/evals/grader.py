"""What a grader is: a question about one trial record, with typed arguments and a reasoned answer.

A grader never executes or reads anything: what it needs beyond the record's events is named by
`wants`, before the trial, so that whoever runs the trial can put it into the record.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from pawl.base.finding import Outcome
from pawl.evals.record import Trial

MAX_SHOWN = 300
"""Characters of what was expected, or found, that an answer shows."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a grader found: pass, fail or cannot-tell, and where in the record it stands.

    `pointer` is an RFC 6901 pointer into the record. `lasting` is true of a failure that nothing
    later in the trial could have undone, such as a forbidden call: it counts even in a trial that
    broke off.
    """

    outcome: Outcome
    expected: str
    actual: str
    pointer: str = ""
    lasting: bool = False


class Wants(msgspec.Struct, frozen=True, kw_only=True):
    """What must be put into the record for a grader to answer."""

    commands: tuple[str, ...] = ()
    """Command lines to run in the workspace after the agent has ended."""
    files: tuple[str, ...] = ()
    """Files of the workspace to keep as they are at the end."""
    schemas: tuple[str, ...] = ()
    """JSON Schemas beside the case file, to be put into the case itself."""
    rubrics: tuple[str, ...] = ()
    """Rubrics beside the case file, for a judge."""


NOTHING = Wants()


class Grader(msgspec.Struct, frozen=True, kw_only=True):
    """One grader. Its id in snake_case is the key of an assertion and a field of `arguments`.

    `grade` takes a record and an instance of `arguments`. `check` returns what is wrong with
    arguments beyond their types, or nothing. One that is `advisory` never gates alone.
    """

    title: str
    arguments: type[msgspec.Struct]
    grade: Callable[[Trial, Any], Answer]
    check: Callable[[Any], str] | None = None
    wants: Callable[[Any], Wants] | None = None
    advisory: bool = False


def passed(expected: str, actual: str, pointer: str = "") -> Answer:
    """Return the answer that all is as expected."""
    return Answer(
        outcome=Outcome.PASS, expected=shown(expected), actual=shown(actual), pointer=pointer
    )


def failed(expected: str, actual: str, pointer: str = "", *, lasting: bool = False) -> Answer:
    """Return the answer that it is not as expected."""
    return Answer(
        outcome=Outcome.FAIL,
        expected=shown(expected),
        actual=shown(actual),
        pointer=pointer,
        lasting=lasting,
    )


def unknown(expected: str, why: str, pointer: str = "") -> Answer:
    """Return the answer that the record does not say."""
    return Answer(
        outcome=Outcome.CANNOT_TELL, expected=shown(expected), actual=shown(why), pointer=pointer
    )


def shown(text: str) -> str:
    """Return a text short enough to show, its cut marked."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text):,} characters)"
