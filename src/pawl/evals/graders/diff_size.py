"""Diff size: the trial changed at most so many files, and so many lines in them.

Lines added and lines removed both count.
Cannot tell: the workspace was not seen; or a binary file changed, and lines are limited and not
exceeded without it.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.record import Sight, Trial


class Most(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most files and lines; None is no limit."""

    files: int | None = None
    lines: int | None = None


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large the change may be."""

    diff_size: Most


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    most = arguments.diff_size
    limits = [f"{each} {name}" for name, each in _limits(most) if each is not None]
    expected = f"changed at most {' and '.join(limits)}"
    if not trial.sees(Sight.WORKSPACE):
        return unknown(expected, "the workspace was not seen in this trial")
    changes = trial.workspace.changes
    counted = [each for change in changes for each in (change.lines_added, change.lines_removed)]
    lines = sum(each for each in counted if each is not None)
    actual = f"{len(changes)} files, {lines} lines"
    over = (most.files is not None and len(changes) > most.files) or (
        most.lines is not None and lines > most.lines
    )
    if over:
        return failed(expected, actual, "/workspace/changes")
    if most.lines is not None and None in counted:
        return unknown(expected, f"{actual}, and binary files", "/workspace/changes")
    return passed(expected, actual, "/workspace/changes")


def _limits(most: Most) -> tuple[tuple[str, int | None], ...]:
    return (("files", most.files), ("lines", most.lines))


def _check(arguments: Arguments) -> str:
    found = [each for _, each in _limits(arguments.diff_size) if each is not None]
    if not found:
        return "name a limit: `files` or `lines`"
    return "" if min(found) >= 0 else "a limit is not below zero"


GRADER = Grader(
    title="The change is no larger than this", arguments=Arguments, grade=_grade, check=_check
)
