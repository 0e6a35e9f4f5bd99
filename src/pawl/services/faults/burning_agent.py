"""An agent spends money much faster than it should.

Causes: a made-up agent program that answers at `usd_per_answer` a piece, run by the real `pawl run`
twice, against a hard budget in the sandbox. Each run reserves `usd_per_run`.

Measures: what was spent beyond the budget, whether a next run was refused, and when the alert on
costs fires, by the rules over the stored events at the shipped prices.
"""

from datetime import timedelta

from pawl.base.times import format_time, parse_time, seconds_between
from pawl.runs.record import Outcome, RunRecord, read_record
from pawl.services.drill_alerts import episodes, stored
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Parameters, Sandbox
from pawl.telemetry.event import Kind

_USD_PER_TOKEN = 15 / 1_000_000
"""Of output by claude-sonnet-4-5, the model that the agent says it is."""
_AGENT = """
import json, os, sys, time
def say(value):
    os.write(1, json.dumps(value).encode() + b"\\n")
if {crashes}:
    sys.exit("it does not start")
key = "%d" % os.getpid()
say({{"type": "system", "subtype": "init", "session_id": key, "model": "claude-sonnet-4-5"}})
for n in range({answers_most}):
    name = "%s-%d" % (key, n)
    say({{"type": "assistant", "session_id": key, "request_id": "r" + name,
         "message": {{"id": "m" + name, "model": "claude-sonnet-4-5", "role": "assistant",
                     "content": [{{"type": "text", "text": "thinking"}}],
                     "usage": {{"input_tokens": 0, "output_tokens": {tokens}}}}}}})
    time.sleep({pause_s})
say({{"type": "result", "subtype": "success", "is_error": False, "result": "done",
     "session_id": key, "num_turns": {answers_most}}})
"""
_MEASURES = ("over_usd", "refused", "alert_after_s")


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    budget = float(parameters["budget_usd"])
    if budget:
        (sandbox.data / "budgets.toml").write_text(
            f'[[budgets]]\nname = "drill"\nscope = "organisation"\nhard_usd = {budget:g}\n'
        )
    tokens = round(float(parameters["usd_per_answer"]) / _USD_PER_TOKEN)
    agent = sandbox.program("claude", _AGENT.format(tokens=tokens, **parameters))
    first = _run(sandbox, parameters, agent)
    if first is None or first.cost.usd is None:
        sandbox.cannot_tell("the agent never answered, so nothing was spent", *_MEASURES)
        return
    second = _run(sandbox, parameters, agent)
    spent = sum((each.cost.usd or 0) for each in (first, second) if each)
    refused = second is not None and second.outcome is Outcome.REFUSED
    sandbox.measure("refused", refused)
    _measure_over(sandbox, float(parameters["expected_usd"]), spent)
    told = stored(sandbox)
    requests = [each for each in told if each.kind is Kind.REQUEST]
    until = format_time(parse_time(told[-1].time) + timedelta(minutes=2))
    fired = episodes(told, "cost-over-threshold", until=until)
    if not fired:
        sandbox.cannot_tell("no alert fired within two minutes", "alert_after_s")
        sandbox.note("No alert fires.")
        return
    sandbox.measure("alert_after_s", seconds_between(requests[0].time, fired[0].fired_at))
    sandbox.note(f"An alert fires: {fired[0].summary}")


def _measure_over(sandbox: Sandbox, expected: float, spent: float) -> None:
    sandbox.measure("over_usd", max(0.0, spent - expected), f"{spent:.2f} USD were spent")


def _run(sandbox: Sandbox, parameters: Parameters, agent: str) -> RunRecord | None:
    cap = f"{parameters['usd_per_run']}"
    ran = sandbox.pawl("run", "--json", "--max-usd", cap, "--", agent, "-p", "spend")
    if not ran.output.strip():
        sandbox.note(f"A run ended with {ran.status} and said nothing.")
        return None
    record = read_record(ran.output)
    spent = "nothing known" if record.cost.usd is None else f"{record.cost.usd:.2f} USD"
    sandbox.note(f"A run is {record.outcome}; it spent {spent}.")
    sandbox.spend(record.cost.usd or 0)
    return record


FAULT = FaultKind(
    title="An agent that burns money",
    parameters={
        "budget_usd": Parameter(default=30.0, says="the hard budget; 0 is none"),
        "expected_usd": Parameter(default=30.0, says="what may be spent in all"),
        "usd_per_run": Parameter(default=25.0, at_least=0.01, says="what a run may spend at most"),
        "usd_per_answer": Parameter(default=5.0, at_least=0.01, says="what each answer costs"),
        "answers_most": Parameter(default=10, at_least=1, says="answers after which it ends"),
        "pause_s": Parameter(default=0.3, at_most=2, says="seconds between two answers"),
        "crashes": Parameter(default=False, says="whether it ends at once, with an error"),
    },
    measures={
        "over_usd": Measure(unit="USD", says="spent beyond what may be spent in all"),
        "refused": Measure(unit="runs", says="runs that were refused before they started"),
        "alert_after_s": Measure(unit="s", says="from the first answer to the alert"),
    },
    cause=_cause,
)
