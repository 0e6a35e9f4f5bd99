"""The one table from what happened to exit statuses.

The numbers are a contract (see the reference of the command line): scripts and CI branch on them.
"""

from enum import IntEnum

from pawl.base.errors import Kind


class Exit(IntEnum):
    """What an exit status of `pawl` means."""

    YES = 0
    """Passed, allowed, succeeded, nothing found."""
    NO = 1
    """Failed, blocked, findings at or above the threshold; for `run`: the agent failed."""
    ASKED_WRONGLY = 2
    CANNOT_TELL = 3
    """Could not evaluate: evidence missing, agent output unreadable, a store unavailable."""
    BUG = 4
    """A defect of Pawl's."""
    REFUSED = 5
    """`run` was refused before the agent started."""
    STOPPED = 6
    """`run` was stopped by a limit of Pawl's."""
    INTERRUPTED = 130
    TERMINATED = 143


OF_KIND = {
    Kind.ASKED_WRONGLY: Exit.ASKED_WRONGLY,
    Kind.CANNOT_TELL: Exit.CANNOT_TELL,
    Kind.REFUSED: Exit.REFUSED,
    Kind.UNAVAILABLE: Exit.CANNOT_TELL,
}
