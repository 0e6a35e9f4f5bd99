"""Any command: nothing is known of what it prints.

Time, idle time and output are watched from outside. Limits that need to be told of turns, calls,
tokens or dollars cannot be promised, and are refused before the start rather than ignored. What
the command prints is its result; what it cost is unknown.
"""

from pawl.base.errors import Refused
from pawl.runs.agent import Agent, Conclusion, Exit, Launch, Reader, World
from pawl.runs.endings import ended_without_result, was_signalled
from pawl.runs.limits import asked_of_events
from pawl.runs.record import Outcome
from pawl.runs.spec import RunSpec
from pawl.runs.toolpolicy import restricts
from pawl.telemetry.event import Event

AGENT_ID = "generic"


def _prepare(spec: RunSpec, world: World) -> Launch:
    blind = list(asked_of_events(spec.limits))
    if restricts(spec.tools):
        blind.append("--allow-tool and --deny-tool")
    if blind:
        raise Refused(
            f"Pawl cannot read what {spec.command[0]!r} does, so it cannot hold it to"
            f" {', '.join(blind)}.",
            place=blind[0],
            hint="Use --timeout, --idle and --max-output, or name the agent with --agent.",
        )
    if spec.untrusted:
        raise Refused(
            "Pawl does not know how this command loads a repository's settings, so it cannot keep"
            " them out.",
            place="--untrusted",
            hint="Use an agent that Pawl knows, such as Claude Code.",
        )
    return Launch(argv=spec.command, handback="text", verbatim=True)


class _Reader:
    hidden = False

    def feed(self, line: bytes, time: str) -> list[Event]:
        return []

    def conclude(self, exit: Exit) -> Conclusion:
        warnings = ("The result is cut: the output was too long.",) if exit.stdout_truncated else ()
        if was_signalled(exit) or exit.code != 0:
            ended = ended_without_result(exit)
            return Conclusion(
                outcome=ended.outcome,
                result=exit.stdout_text or None,
                error=ended.error,
                warnings=warnings,
            )
        return Conclusion(outcome=Outcome.SUCCEEDED, result=exit.stdout_text, warnings=warnings)


def _reader(spec: RunSpec, launch: Launch) -> Reader:
    return _Reader()


AGENT = Agent(product=AGENT_ID, binaries=(), prepare=_prepare, reader=_reader)
