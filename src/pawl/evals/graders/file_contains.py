"""File contains: a file of the workspace has a text or a pattern in it when the trial is over.

Cannot tell: the file was not kept, or what is looked for was not found and the file was cut or
lost a secret. A file that does not exist contains nothing.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, Wants, failed, passed, unknown
from pawl.evals.matching import found, trouble
from pawl.evals.record import Sight, Trial
from pawl.evals.texts import hidden_by_redaction


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's path in the workspace, and a text or a pattern."""

    file_contains: str
    text: str | None = None
    pattern: str | None = None


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    path = arguments.file_contains
    expected = f"{path} contains {arguments.text or arguments.pattern!r}"
    place = next(
        (at for at, file in enumerate(trial.workspace.kept) if file.path == path),
        None,
    )
    if place is None or not trial.sees(Sight.WORKSPACE):
        return unknown(expected, "the file was not kept in this trial")
    file = trial.workspace.kept[place]
    pointer = f"/workspace/kept/{place}"
    if file.text is None:
        return failed(expected, "there is no such file", pointer)
    if arguments.text is not None and arguments.text not in file.text:
        if file.cut or (file.redacted and hidden_by_redaction(arguments.text)):
            return unknown(expected, "the file was cut or lost a secret", pointer)
        return failed(expected, "the text is not there", pointer)
    if arguments.pattern is not None and not found(arguments.pattern, file.text):
        if file.cut or file.redacted:
            return unknown(expected, "the file was cut or lost a secret", pointer)
        return failed(expected, "the pattern is not found", pointer)
    return passed(expected, "there", pointer)


def _check(arguments: Arguments) -> str:
    if not arguments.text and not arguments.pattern:
        return "name a `text` or a `pattern`"
    return trouble(arguments.pattern)


GRADER = Grader(
    title="A file of the workspace has a text in it",
    arguments=Arguments,
    grade=_grade,
    check=_check,
    wants=lambda arguments: Wants(files=(arguments.file_contains,)),
)
