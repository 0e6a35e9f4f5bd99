"""The form that breaks glass: offered to whoever may at this moment, and to nobody else."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.changes.change import Change, State
from pawl.changes.gate import Decision
from pawl.changes.manifest import Risk, works_of
from pawl.changes.policy import Policy
from pawl.governance.exceptions import Emergency, GateException, Ground, Status, standing
from pawl.governance.roster import Person, Roster

_STATES = (State.IN_REVIEW, State.APPROVED)


class GlassOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Which gates can be set aside in which incidents, for how long, and what then follows.

    `ratify_by` is until when it must be ratified if it is broken now.
    """

    gates: tuple[str, ...]
    incidents: tuple[str, ...]
    hours_most: int
    ratify_by: str
    ratify_hours: float


def glass_offer(
    change: Change,
    decision: Decision | None,
    *,
    policy: Policy,
    roster: Roster,
    visitor: Person | None,
    emergencies: Iterable[Emergency],
    now: str,
) -> GlassOffer | None:
    """Return what whoever looks may break, None where they may not or nothing holds it up.

    Asked is what would be asked of the broken glass itself.
    """
    if visitor is None or decision is None or change.state not in _STATES:
        return None
    incidents = tuple(emergencies)
    limits = policy.limits
    hours = int(limits.break_glass_hours_max)
    found: dict[str, set[str]] = {}
    held = {each.gate for each in decision.against}
    for gate in policy.gates.gates:
        if gate.id not in held or not gate.exceptable:
            continue
        ground = Ground(
            roster=roster,
            raci=policy.raci,
            limits=limits,
            domain=gate.domain,
            now=now,
            high_risk=decision.risk.risk is Risk.HIGH,
            emergencies=incidents,
        )
        for each in incidents:
            wanted = _broken(change, gate.id, each.id, visitor.id, now, hours)
            if standing(wanted, ground).status is Status.ACTIVE:
                found.setdefault(gate.id, set()).add(each.id)
    if not found:
        return None
    return GlassOffer(
        gates=tuple(found),
        incidents=tuple(sorted(set[str]().union(*found.values()))),
        hours_most=hours,
        ratify_by=_later(now, limits.ratify_within_hours),
        ratify_hours=limits.ratify_within_hours,
    )


def _broken(
    change: Change, rule: str, incident: str, person: str, now: str, hours: int
) -> GateException:
    return GateException(
        id="offered",
        rule=rule,
        digest=change.digest,
        scope=change.manifest.scope,
        works=tuple(sorted(works_of(change.manifest))),
        reason="offered",
        owner=person,
        compensating_control="offered",
        requested_by=person,
        requested_at=now,
        expires_at=_later(now, hours),
        approved_by=person,
        approved_at=now,
        incident=incident,
    )


def _later(start: str, hours: float) -> str:
    return format_time(parse_time(start) + timedelta(hours=hours))
