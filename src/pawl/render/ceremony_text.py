"""An assessment as people hold it: text for a terminal and `pawl.ceremony/1` for programs."""

from collections.abc import Iterator, Sequence

import msgspec

from pawl.maturity.ceremony_terms import Ceremony, Refusal, State
from pawl.maturity.scaling import ScaleDecision
from pawl.render.escaping import plain, wrapped

SCHEMA = "pawl.ceremony/1"
_CAUSES = {"quarter": "the quarter", "incident": "the incident", "scale-request": "the request"}
_MISSING = 12
"""Criteria that are proposed as gaps; more are in the JSON."""


def ceremony_json(
    ceremony: Ceremony | None,
    to_do: Sequence[str] = (),
    missing: Sequence[str] = (),
    refusal: Refusal | None = None,
    decision: ScaleDecision | None = None,
) -> bytes:
    """Return one assessment, what its next step needs, and what was refused or decided."""
    return msgspec.json.encode(
        {
            "schema": SCHEMA,
            "assessment": ceremony,
            "to_do": to_do,
            "missing": missing,
            "refusal": refusal,
            "decision": decision,
        }
    )


def ceremonies_json(held: Sequence[Ceremony]) -> bytes:
    """Return a list of assessments; the evidence of each is left out."""
    bare = [msgspec.structs.replace(each, result=None) for each in held]
    return msgspec.json.encode({"schema": SCHEMA, "assessments": bare})


def ceremonies_text(held: Sequence[Ceremony]) -> str:
    """Return one line for each assessment, newest first."""
    if not held:
        return "No assessment was ever held. Open one with pawl ceremony open.\n"
    lines = [
        f"{each.id}  {each.opened_at[:10]}  {each.state.value:9}  {each.model} of {each.subject}, "
        f"{each.trigger.kind.value}, by {_CAUSES[each.trigger.cause]} {each.trigger.ref}"
        for each in held
    ]
    return "".join(f"{plain(line)}\n" for line in lines)


def ceremony_text(ceremony: Ceremony, to_do: Sequence[str], missing: Sequence[str]) -> str:
    """Return everything about an assessment but its evidence, and what to do next."""
    return "".join(f"{plain(line)}\n" for line in _lines(ceremony, to_do, missing))


def decision_text(decision: ScaleDecision) -> str:
    """Return the answer to a request to scale, with its grounds."""
    answer = "allowed" if decision.allowed else "blocked"
    lines = [*wrapped(f"{decision.request} is {answer}: {decision.reason}", 0, 2)]
    for each in decision.grounds:
        mark = "for" if each.allows else "against"
        lines += wrapped(f"{mark:8} {each.dimension}: {each.reason}", 2, 11)
        if each.blocking:
            lines += wrapped(f"would lift it: {', '.join(each.blocking)}", 11, 13)
    return "".join(f"{plain(line)}\n" for line in lines)


def _lines(ceremony: Ceremony, to_do: Sequence[str], missing: Sequence[str]) -> Iterator[str]:
    trigger = ceremony.trigger
    yield (
        f"{ceremony.id}: {trigger.kind.value} assessment of {ceremony.subject} by {ceremony.model},"
        f" {ceremony.state.value}"
    )
    ended = f", ended {ceremony.ended_at[:10]}" if ceremony.ended_at else ""
    yield f"  opened {ceremony.opened_at[:10]} by {_CAUSES[trigger.cause]} {trigger.ref}{ended}"
    if trigger.dimensions:
        yield f"  touches {', '.join(trigger.dimensions)}"
    if ceremony.assessment:
        yield f"  evidence {ceremony.assessment[:12]}"
    if ceremony.abandoned_because:
        yield from wrapped(f"given up: {ceremony.abandoned_because}", 2, 4)
    for strength in ceremony.strengths:
        about = f" ({strength.criterion})" if strength.criterion else ""
        yield from wrapped(f"strength {strength.dimension}: {strength.text}{about}", 2, 4)
    for gap in ceremony.gaps:
        yield from wrapped(f"gap {gap.dimension}: {gap.text} ({gap.id})", 2, 4)
    for action in ceremony.actions:
        yield from wrapped(
            f"action {action.id} for {action.gap}: {action.text} Owner {action.owner}, due "
            f"{action.due}, shown by: {action.indicator}",
            2,
            4,
        )
    dimensions = ceremony.result.dimensions if ceremony.result else ()
    measured = {each.id: each.measured for each in dimensions}
    for name, level in ceremony.targets.items():
        yield f"  target {name}: level {level}, measured {measured.get(name, '?')}"
    for told in ceremony.confirmed:
        yield from wrapped(
            f"confirmed {told.dimension}: level {told.level}, {told.change}, until "
            f"{told.until[:10]}. {told.reason}",
            2,
            4,
        )
    for intervention in ceremony.interventions:
        yield from wrapped(f"leadership must look: {intervention.reason}", 2, 4)
    if ceremony.state is State.EVIDENCE and missing:
        more = f" and {len(missing) - _MISSING} more" if len(missing) > _MISSING else ""
        yield from wrapped(f"could be noted as gaps: {', '.join(missing[:_MISSING])}{more}", 2, 4)
    for step in to_do:
        yield from wrapped(f"next: {step}", 0, 6)
