"""What lets time act on incidents is killed.

Causes: a real server in the sandbox ticks, an incident is declared beside it, and the server is
killed with SIGKILL. Time then goes on by a made-up clock, on the same records. With `served` off no
server ever ran; with `taken_over` somebody else ticks on.

Measures: how long after the last tick it is told that the ticker is dead, how many timers the
independent auditor finds missing once the promise of a commander is over, and how often the broken
promise is told after all, once ticking goes on.
"""

from pawl.base.times import seconds_between
from pawl.incidents.incident import Happening
from pawl.incidents.terms import shipped_terms
from pawl.incidents.timer_audit import Wrong, ticker_is_dead
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_incidents import declared, desk_in
from pawl.services.drill_sandbox import Clock, Parameters, Sandbox
from pawl.services.incidents import IncidentDesk

_PROMISE_S = 300.0
_STEP_S = 1.0
_START_S = 40.0
"""Seconds that a server has to start on a busy machine."""
_MEASURES = ("dead_after_s", "missing", "breaches")


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    if not parameters["served"]:
        sandbox.cannot_tell("no ticker ever ran, so none could be killed", *_MEASURES)
        return
    server = sandbox.serve("up", "--port", "0", "--json")
    desk = desk_in(sandbox, sandbox.now)
    waited = sandbox.until(
        lambda: server.poll() is not None or desk.last_tick() is not None, at_most_s=_START_S
    )
    if not waited or server.poll() is not None:
        sandbox.cannot_tell("the server never ticked, so no ticker could be killed", *_MEASURES)
        return
    sandbox.note("A server runs and ticks.")
    incident = declared(desk)
    server.kill()
    sandbox.note(f"{incident.title}: declared. The server is killed.")
    clock = sandbox.clock()
    beside = desk_in(sandbox, clock)
    _watch(sandbox, parameters, beside, clock)
    for _ in range(3):
        clock.wind(_STEP_S)
        beside.tick()
    told = sum(each.type == Happening.BREACHED for each in beside.timeline(incident.id))
    sandbox.note(f"Ticking goes on: the broken promise is told {told} times in all.")
    sandbox.measure("breaches", told)


def _watch(sandbox: Sandbox, parameters: Parameters, desk: IncidentDesk, clock: Clock) -> None:
    """Let time go by until the promise is over, and note when it is told that nobody ticks."""
    grace_s, last = shipped_terms().timer_grace_s, desk.last_tick()
    passed, dead_after = 0.0, None
    while passed < _PROMISE_S + 2 * grace_s:
        sandbox.check()
        clock.wind(_STEP_S)
        passed += _STEP_S
        if parameters["taken_over"] and passed % grace_s == 0:
            desk.tick()
        if dead_after is None and ticker_is_dead(desk.last_tick(), clock(), grace_s):
            dead_after = seconds_between(last or clock(), clock())
            sandbox.note(f"{dead_after:.0f} s after its last tick it is told that nobody ticks.")
    if dead_after is None:
        sandbox.cannot_tell("somebody ticked all the time", "dead_after_s")
    else:
        sandbox.measure("dead_after_s", dead_after)
    missing = [each for each in desk.audit() if each.wrong is Wrong.MISSING]
    sandbox.note(f"The auditor finds {len(missing)} timers missing.")
    sandbox.measure("missing", len(missing))


FAULT = FaultKind(
    title="A ticker that is killed",
    parameters={
        "served": Parameter(default=True, says="whether a server ran at all"),
        "taken_over": Parameter(default=False, says="whether somebody else ticks on"),
    },
    measures={
        "dead_after_s": Measure(unit="s", says="from the last tick until it is told dead"),
        "missing": Measure(unit="timers", says="timers that the auditor finds missing"),
        "breaches": Measure(unit="times", says="how often the broken promise is told after all"),
    },
    cause=_cause,
)
