"""Command: a command run in the workspace after the agent ended with this exit status.

It was run when the trial was recorded; grading runs nothing.
Cannot tell: the command was not run in this trial, or something else ended it.
"""

import msgspec

from pawl.base.redaction import redact
from pawl.evals.grader import Answer, Grader, Wants, failed, passed, unknown
from pawl.evals.record import Trial


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The command line, and the exit status it must end with."""

    command: str
    exit: int = 0


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    expected = f"`{arguments.command}` exits {arguments.exit}"
    # The record has the command without its secrets.
    wanted = redact(arguments.command)
    at = next((at for at, each in enumerate(trial.commands) if each.command == wanted), None)
    if at is None:
        return unknown(expected, "the command was not run in this trial")
    ran = trial.commands[at]
    pointer = f"/commands/{at}"
    if ran.timed_out:
        return failed(expected, "it did not end in its time", pointer)
    if ran.exit is None:
        return unknown(expected, "it did not end by itself", pointer)
    actual = f"exit {ran.exit}"
    if ran.exit == arguments.exit:
        return passed(expected, actual, pointer)
    return failed(expected, actual, pointer)


GRADER = Grader(
    title="A command in the workspace ends well",
    arguments=Arguments,
    grade=_grade,
    check=lambda arguments: "" if arguments.command.strip() else "the command is empty",
    wants=lambda arguments: Wants(commands=(arguments.command,)),
)
