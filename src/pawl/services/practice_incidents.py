"""What the records of incidents tell an assessment: how they went, and what each left behind.

Nobody escapes by saying less: an incident without a scope counts for every project, what was
merged counts with what it was merged into, and only what was declined is left out. A commander
counts as one who answered only where it is known for certain who that was. No person leaves this
file, and no text that anybody wrote.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from pawl.base.times import format_time, parse_time
from pawl.governance.roster import covers
from pawl.incidents.action import Action as Kept
from pawl.incidents.action import Proof
from pawl.incidents.action import State as ActionState
from pawl.incidents.incident import Incident as Known
from pawl.incidents.incident import LinkKind, Milestone, State
from pawl.incidents.learning import StepKind
from pawl.incidents.metrics import IncidentFigures, figures
from pawl.incidents.similarity import similar
from pawl.maturity.facts.operations import Action, Incident
from pawl.store.records.incident_history import History
from pawl.store.records.incident_rows import StepDone

_LEFT_OUT = (State.DECLINED, State.MERGED)
_CLOSED = {ActionState.VERIFIED: "done", ActionState.WONT_DO: "wont-do"}


def incidents_of(told: History, project: str | None) -> tuple[Incident, ...]:
    """Return the incidents of a project, or of all, as an assessment reads them."""
    return tuple(
        _incident(each, told)
        for each in told.incidents
        if each.state not in _LEFT_OUT and is_of(each.scope, project)
    )


def began(told: History) -> str | None:
    """Return since when incidents are recorded: the first declaration; None before any."""
    return min((_declared(each) for each in told.incidents), default=None)


def figures_told(
    told: History, since: str, until: str, repeat_days: float, project: str | None
) -> tuple[IncidentFigures, int]:
    """Return the figures of a window, and how many of its incidents nobody has answered for.

    Those look like one of the `repeat_days` before them, by root cause or from outside, and nobody
    has said whether they repeat it.
    """
    own = [each for each in told.incidents if is_of(each.scope, project)]
    found = figures(own, since, until, repeat_days=repeat_days)
    within = [
        each
        for each in own
        if since <= _declared(each) < until and each.state not in _LEFT_OUT and not each.repeats
    ]
    alike = _by_looks(own)
    return found, sum(_looks_like_one(each, alike, repeat_days) for each in within)


def _looks(incident: Known) -> tuple[str, ...]:
    """Return all that another one may have the same of."""
    return tuple(each for each in (incident.fingerprint, incident.root_cause_key) if each)


def _by_looks(incidents: Iterable[Known]) -> dict[str, list[Known]]:
    """Return incidents by what they look like, each list in the order of their declarations."""
    found: dict[str, list[Known]] = {}
    for each in sorted(incidents, key=_declared):
        for look in _looks(each):
            found.setdefault(look, []).append(each)
    return found


def _looks_like_one(
    incident: Known, alike: Mapping[str, Sequence[Known]], repeat_days: float
) -> bool:
    """Say whether it is like one declared some days before it; the nearest are looked at first."""
    at = _declared(incident)
    since = format_time(parse_time(at) - timedelta(days=repeat_days))
    for look in _looks(incident):
        others = alike[look]
        for place in reversed(range(bisect_left(others, at, key=_declared))):
            if _declared(others[place]) < since:
                break
            if similar(incident, others[place : place + 1], {}, repeat_days=repeat_days,
                       words_at_least=0):  # fmt: skip
                return True
    return False


def is_of(scope: str, project: str | None) -> bool:
    """Say whether what has a scope counts for a project; without a scope it counts for all."""
    return project is None or not scope or covers(project, scope)


def _incident(known: Known, told: History) -> Incident:
    steps = told.steps.get(known.id, ())
    accepted = known.recorded(Milestone.ACCEPTED)
    return Incident(
        id=known.id,
        severity=known.severity,
        opened_at=_declared(known),
        commander_at=accepted,
        commander_acknowledged=None if accepted is None else not known.unproved,
        mitigated_at=known.claimed(Milestone.MITIGATED),
        resolved_at=known.claimed(Milestone.RESOLVED),
        # Where no postmortem names a cause, what it looked like from outside stands for it.
        root_cause=known.root_cause_key or known.fingerprint or None,
        repeats=known.repeats,
        postmortem_at=known.recorded(Milestone.PUBLISHED),
        severity_lowered_at=told.lowered.get(known.id),
        reopened=known.spell - 1,
        actions=tuple(map(_action, told.actions.get(known.id, ()))),
        eval_cases=_results(steps, StepKind.EVAL_CASE),
        gate_updates=_results(steps, StepKind.GATE_UPDATE),
        caused_by_deploy=next(
            (each.id for each in known.links if each.kind is LinkKind.CHANGE and each.suspected),
            None,
        ),
    )


def _action(kept: Kept) -> Action:
    closed = _CLOSED.get(kept.state)
    return Action(
        id=kept.id,
        owned=bool(kept.owner),
        # By the day that was promised first: moving it makes nobody punctual.
        due=kept.first_due_at,
        done_at=kept.done_at if closed == "done" else None,
        evidence=_evidence(kept.proof),
        closed_as="done" if closed == "done" else "wont-do" if closed else None,
    )


def _evidence(proof: Proof | None) -> str | None:
    return None if proof is None else f"{proof.place}@{proof.digest}"


def _results(steps: Iterable[StepDone], kind: StepKind) -> tuple[str, ...]:
    return tuple(each.result for each in steps if each.kind == kind.value and each.result)


def _declared(known: Known) -> str:
    return known.recorded(Milestone.DECLARED) or known.changed_at
