"""An incident is declared, and nobody takes command.

Causes: an incident in the real desk, on a made-up clock that ticks every `tick_every_s`; at
`restart_at_s` the desk is thrown away and opened anew. With `accepted_at_s` somebody does accept.

Measures: how often the broken promise of a commander was told, how long after the declaration, and
how many people were paged before. Where somebody accepted in time there was nothing to tell.
"""

from pawl.base.times import seconds_between
from pawl.incidents.incident import Happening
from pawl.services.change_terms import By
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_incidents import declared, desk_in
from pawl.services.drill_sandbox import Parameters, Sandbox

_WATCHED_S = 900.0
_MEASURES = ("breaches", "breach_after_s")
_KATHERINE = By(identity="session:katherine", source="session", assurance="authenticated")


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    clock = sandbox.clock()
    desk = desk_in(sandbox, clock)
    incident = declared(desk)
    declared_at = clock()
    sandbox.note(f"{incident.title}: declared, and nobody is there.")
    accepted_s, restart_s = float(parameters["accepted_at_s"]), float(parameters["restart_at_s"])
    step = float(parameters["tick_every_s"])
    passed, restarted = 0.0, not restart_s
    while passed < _WATCHED_S:
        sandbox.check()
        clock.wind(step)
        passed += step
        if not restarted and passed >= restart_s:
            desk, restarted = desk_in(sandbox, clock), True
            sandbox.note(f"After {passed:g} s everything is started anew.")
        if accepted_s and passed - step < accepted_s <= passed:
            desk.accept(incident.id, _KATHERINE)
            sandbox.note(f"After {passed:g} s katherine takes command.")
        for each in desk.tick():
            after = seconds_between(declared_at, each.at)
            sandbox.note(f"After {after:g} s: {each.type}, {each.tells.get('person') or 'nobody'}.")
    told = desk.timeline(incident.id)
    breaches = [each for each in told if each.type == Happening.BREACHED]
    sandbox.measure("pages", sum(each.type == Happening.PAGED for each in told))
    if accepted_s and not breaches:
        sandbox.cannot_tell("somebody took command in time", *_MEASURES)
        return
    sandbox.measure("breaches", len(breaches))
    if breaches:
        sandbox.measure("breach_after_s", seconds_between(declared_at, breaches[0].at))
    else:
        sandbox.cannot_tell("it was never told", "breach_after_s")


FAULT = FaultKind(
    title="An incident that nobody accepts",
    parameters={
        "tick_every_s": Parameter(
            default=5.0, at_least=1, at_most=600, says="seconds between two ticks"
        ),
        "restart_at_s": Parameter(default=200.0, says="when all is started anew; 0 is never"),
        "accepted_at_s": Parameter(default=0.0, says="when somebody accepts; 0 is never"),
    },
    measures={
        "breaches": Measure(unit="times", says="how often the broken promise was told"),
        "breach_after_s": Measure(unit="s", says="from the declaration until it was told"),
        "pages": Measure(unit="pages", says="pages of people before and after"),
    },
    cause=_cause,
)
