"""A tool fails some of the time, and the agents go on calling it.

Causes: tool calls of which a share fails, on made-up times, through the real spool and events
store. Which of them fail is spread evenly, so that each run of the drill is the same.

Measures: when the alert on failing tools fires, whether it names the tool, and how many alerts fire
in the quiet hour before.
"""

from datetime import timedelta

import msgspec

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.services.drill_alerts import episodes, keep, stored
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Parameters, Sandbox
from pawl.telemetry.event import Event, Kind, Source

_TOOL = "mcp__search__query"
_EVERY_S = 5.0
_QUIET_CALLS = 200


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    share, calls = float(parameters["share"]), int(parameters["calls"])
    began = format_time(parse_time(sandbox.now()) - timedelta(days=1))
    quiet = [each for n in range(_QUIET_CALLS) for each in _call(began, n, failed=False)]
    broken_at = _later(began, _QUIET_CALLS * _EVERY_S)
    broken = [
        each
        for n in range(calls)
        for each in _call(broken_at, n, failed=int((n + 1) * share) > int(n * share))
    ]
    sandbox.note(f"{_QUIET_CALLS} calls of {_TOOL} go well.")
    sandbox.note(f"Of the next {calls}, a share of {share:g} fails.")
    keep(sandbox, [*quiet, *broken])
    told = stored(sandbox)
    failed = [each.time for each in told if each.outcome == "error"]
    until = _later(told[-1].time, 120)
    fired = episodes(told, "tool-errors", until=until)
    sandbox.measure("false_alerts", sum(each.fired_at < broken_at for each in fired))
    if not failed:
        sandbox.cannot_tell("no call failed", "alert_after_s", "named")
        return
    late = [each for each in fired if each.fired_at >= failed[0]]
    if not late:
        sandbox.note("No alert fires.")
        sandbox.cannot_tell("no alert fired within two minutes of the last call", "alert_after_s")
        sandbox.measure("named", 0)
        return
    sandbox.measure("alert_after_s", seconds_between(failed[0], late[0].fired_at))
    sandbox.measure("named", _TOOL in late[0].cause, late[0].cause[:200])
    sandbox.note(f"An alert fires: {late[0].summary}")


def _call(start: str, number: int, *, failed: bool) -> tuple[Event, Event]:
    at = _later(start, number * _EVERY_S)
    name = f"{start}-{number}"
    call = Event(
        id=f"c{name}",
        time=at,
        kind=Kind.TOOL_CALL,
        source=Source.RUN,
        agent="claude-code",
        session_id="drill",
        project="shop",
        tool=_TOOL,
        tool_call_id=name,
    )
    outcome = "error" if failed else "ok"
    result = msgspec.structs.replace(call, id=f"a{name}", kind=Kind.TOOL_RESULT, outcome=outcome)
    return call, result


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))


FAULT = FaultKind(
    title="A tool that fails some of the time",
    parameters={
        "share": Parameter(default=0.5, at_most=1, says="the share of calls that fail"),
        "calls": Parameter(default=200, at_least=1, at_most=2_000, says="calls from then on"),
    },
    measures={
        "alert_after_s": Measure(unit="s", says="from the first failure to the alert"),
        "named": Measure(unit="alerts", says="alerts that name the failing tool"),
        "false_alerts": Measure(unit="alerts", says="alerts before anything failed"),
    },
    cause=_cause,
)
