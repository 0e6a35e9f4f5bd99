"""An agent does the same thing again and again, and nothing new comes of it.

Causes: a made-up agent program calls one tool with the same arguments, run by the real `pawl run`.
It would end by itself after `calls_most`. With `varied` each answer is new, which is no loop.

Measures: whether a limit of ours ended it, after how many calls, and when the alert fires, by the
rules over the stored events.
"""

from datetime import timedelta

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.runs.record import Outcome, read_record
from pawl.services.drill_alerts import episodes, stored
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Parameters, Sandbox
from pawl.telemetry.event import Kind

_AGENT = """
import json, os, sys, time
def say(value):
    os.write(1, json.dumps(value).encode() + b"\\n")
if {crashes}:
    sys.exit("it does not start")
say({{"type": "system", "subtype": "init", "session_id": "s", "model": "claude-sonnet-4-5"}})
for n in range({calls_most}):
    call = "t%d" % n
    say({{"type": "assistant", "session_id": "s", "request_id": "r%d" % n,
         "message": {{"id": "m%d" % n, "model": "claude-sonnet-4-5", "role": "assistant",
                     "content": [{{"type": "tool_use", "id": call, "name": "Grep",
                                  "input": {{"pattern": "TODO"}}}}],
                     "usage": {{"input_tokens": 1000, "output_tokens": 50}}}}}})
    answer = "line %d" % n if {varied} else "no match"
    say({{"type": "user", "session_id": "s", "message": {{"role": "user", "content": [
        {{"type": "tool_result", "tool_use_id": call, "content": answer}}]}}}})
    time.sleep({pause_s})
say({{"type": "result", "subtype": "success", "is_error": False, "result": "done",
     "session_id": "s", "num_turns": {calls_most}}})
"""


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    agent = sandbox.program("claude", _AGENT.format(**parameters))
    sandbox.note("An agent begins to search for the same thing again and again.")
    ran = sandbox.pawl("run", "--json", "--loops", "stop", "--", agent, "-p", "look for it")
    record = read_record(ran.output) if ran.output.strip() else None
    if record is None or not record.tool_calls:
        why = "the agent never called a tool"
        sandbox.cannot_tell(why, "ended", "calls", "alert_after_s")
        return
    ended = record.outcome is Outcome.STOPPED
    limit = record.stop.limit if record.stop else "none"
    calls = sum(record.tool_calls.values())
    sandbox.note(f"The run is {record.outcome}, by limit: {limit}, after {calls} calls.")
    sandbox.measure("ended", ended, f"limit: {limit}")
    sandbox.measure("calls", calls)
    told = stored(sandbox)
    began = [each.time for each in told if each.kind is Kind.TOOL_CALL]
    until = format_time(parse_time(told[-1].time) + timedelta(minutes=2))
    fired = episodes(told, "stuck-loop", "run-stopped", until=until)
    if not fired:
        sandbox.cannot_tell("no alert fired within two minutes", "alert_after_s")
        sandbox.note("No alert fires.")
        return
    sandbox.measure("alert_after_s", seconds_between(began[0], fired[0].fired_at))
    sandbox.note(f"An alert fires: {fired[0].summary}")


FAULT = FaultKind(
    title="An agent that loops",
    parameters={
        "calls_most": Parameter(default=60, at_least=1, says="calls after which it ends by itself"),
        "pause_s": Parameter(default=0.02, at_most=1, says="seconds between two calls"),
        "varied": Parameter(default=False, says="whether each answer is new"),
        "crashes": Parameter(default=False, says="whether it ends at once, with an error"),
    },
    measures={
        "ended": Measure(unit="runs", says="runs that a limit of ours ended"),
        "calls": Measure(unit="calls", says="tool calls until it had ended"),
        "alert_after_s": Measure(unit="s", says="from its first call to the alert"),
    },
    cause=_cause,
)
