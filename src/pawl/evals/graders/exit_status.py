"""Exit status: the agent's process ended with this status, or one of these.

Cannot tell: the status is unknown, as after a signal.
"""

import msgspec

from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.record import Trial


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The status, or statuses."""

    exit_status: int | tuple[int, ...]


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    wanted = arguments.exit_status
    allowed = (wanted,) if isinstance(wanted, int) else wanted
    expected = f"exit status {' or '.join(map(str, allowed))}"
    status = trial.manifest.ending.exit_status
    pointer = "/manifest/ending/exit_status"
    if status is None:
        return unknown(expected, "the exit status is unknown", pointer)
    if status in allowed:
        return passed(expected, str(status), pointer)
    return failed(expected, str(status), pointer)


GRADER = Grader(
    title="The agent ended with a certain exit status",
    arguments=Arguments,
    grade=_grade,
    check=lambda arguments: "name a status" if arguments.exit_status == () else "",
)
