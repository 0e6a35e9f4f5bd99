"""What it means when a process ends and has said nothing that counts as a result."""

from pawl.runs.agent import AgentError, Conclusion, Exit
from pawl.runs.failures import classify
from pawl.runs.record import Outcome

_SIGNALS = frozenset({1, 2, 9, 15})
"""HUP, INT, KILL, TERM: what people and service managers send."""


_TIMEOUT = 124
"""What the command `timeout` exits with when it had to end its command."""


def was_signalled(exit: Exit) -> bool:
    """Whether a signal ended the process, told by the kernel or by the exit code 128 + n."""
    return exit.signal is not None or (exit.code is not None and exit.code - 128 in _SIGNALS)


def ended_without_result(
    exit: Exit, *, unreadable: int = 0, interrupted: bool = False, message: str = ""
) -> Conclusion:
    """Return the conclusion of a process that gave no result.

    `unreadable` is the number of lines that could not be read, `interrupted` whether the agent
    itself said that it was, `message` what it said of a failure. An exit of 0 without a result is
    never a success.
    """
    if interrupted or was_signalled(exit) or exit.code == _TIMEOUT:
        return Conclusion(outcome=Outcome.INTERRUPTED)
    if unreadable:
        said = f"{unreadable} lines of the agent's output are not readable, and none is a result"
        return Conclusion(
            outcome=Outcome.UNREADABLE, error=AgentError(class_="permanent", message=said)
        )
    if exit.code == 0:
        said = "the agent exited with 0 and printed no result"
        return Conclusion(
            outcome=Outcome.UNREADABLE, error=AgentError(class_="permanent", message=said)
        )
    said = message or exit.stderr_tail.strip() or f"the agent exited with {exit.code}"
    return Conclusion(outcome=Outcome.AGENT_FAILED, error=classify(said))
