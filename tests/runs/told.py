"""Make events and runs for the tests of supervision, in few words."""

from pawl.runs import signals
from pawl.runs.agent import Launch
from pawl.runs.spec import Limits, RunSpec
from pawl.runs.state import State
from pawl.runs.supervise import begin, step
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.usage import Usage

STARTED = "2026-11-21T04:00:00.000000Z"


def price(model: str, usage: Usage, day: str) -> int | None:
    """Return one micro-USD a token for the model `priced`, and no price for any other."""
    return usage.total if model == "priced" else None


def event(kind: Kind, identity: str, **fields: object) -> Event:
    """Return an event of the run's own stream."""
    known: dict[str, object] = {"time": STARTED, "source": Source.RUN, "agent": "claude-code"}
    return Event(**{**known, "id": identity, "kind": kind, **fields})  # type: ignore[arg-type]


def call(number: int, tool: str = "Bash", arguments: str = "same", **fields: object) -> Event:
    """Return a tool call."""
    digest = {"arguments_digest": arguments}
    identity = f"call-{number}"
    told = {"tool": tool, "tool_call_id": identity, "attributes": digest, **fields}
    return event(Kind.TOOL_CALL, f"c{number}", **told)


def result(number: int, digest: str = "same", outcome: str = "ok", **fields: object) -> Event:
    """Return the result of the call with that number."""
    attributes = {"result_digest": digest}
    told = {"tool_call_id": f"call-{number}", "outcome": outcome, "attributes": attributes}
    return event(Kind.TOOL_RESULT, f"r{number}", **{**told, **fields})


def request(number: int, tokens: int = 0, model: str = "priced", **fields: object) -> Event:
    """Return a model response of so many output tokens."""
    told = {"message_id": f"msg-{number}", "model": model, "output": tokens, "input": 0}
    return event(Kind.REQUEST, f"q{number}", **{**told, **fields})


def running(limits: Limits | None = None, launch: Launch | None = None, **fields: object) -> State:
    """Return the state of a run that has started at second 0."""
    spec = RunSpec(
        run_id="run_1",
        command=("claude", "-p", "hi"),
        agent="claude-code",
        cwd="/w",
        limits=limits or Limits(),
        **fields,  # type: ignore[arg-type]
    )
    state = begin(spec, launch or Launch(argv=spec.command), price, started=STARTED, now=0.0)
    step(state, signals.Started(0.0))
    return state


def hear(state: State, *events: Event, now: float = 0.0) -> list[signals.Action]:
    """Tell a run of events, and return every action."""
    return [action for told in events for action in step(state, signals.Heard(told, now))]


def stops(actions: list[signals.Action]) -> list[signals.Terminate]:
    """Return the terminations among actions."""
    return [action for action in actions if isinstance(action, signals.Terminate)]
