"""Files changed: the trial changed files of these names, and with `only: true` no others.

`*` stands for anything, slashes included. An empty list with `only` means that nothing changed.
Cannot tell: the workspace was not seen.
"""

from fnmatch import fnmatchcase

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.record import Sight, Trial

MAX_PATTERN = 300
"""Characters of one name."""


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of files in the workspace."""

    files_changed: tuple[str, ...]
    only: bool = False


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    wanted = arguments.files_changed
    expected = f"changed {'only ' if arguments.only else ''}{', '.join(wanted) or 'nothing'}"
    if not trial.sees(Sight.WORKSPACE):
        return unknown(expected, "the workspace was not seen in this trial")
    changes = trial.workspace.changes
    if arguments.only:
        for at, change in enumerate(changes):
            if not any(fnmatchcase(change.path, each) for each in wanted):
                return failed(
                    expected, f"{change.path} was {change.change}", f"/workspace/changes/{at}"
                )
    missing = [
        each for each in wanted if not any(fnmatchcase(change.path, each) for change in changes)
    ]
    if missing:
        return failed(expected, f"unchanged: {', '.join(missing)}", "/workspace/changes")
    return passed(expected, f"{len(changes)} changed", "/workspace/changes")


def _check(arguments: Arguments) -> str:
    if not arguments.files_changed and not arguments.only:
        return "name a file, or say `only: true`"
    if any(not each or len(each) > MAX_PATTERN for each in arguments.files_changed):
        return f"a name has 1 to {MAX_PATTERN} characters"
    return ""


GRADER = Grader(
    title="Certain files changed, and no others", arguments=Arguments, grade=_grade, check=_check
)
