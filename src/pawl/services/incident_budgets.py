"""An incident's share of four weeks' error budget, as this machine measures its objectives.

The share is the bad events between its start and its mitigation, over all that the objective allows
of what was counted in the four weeks that ended then: `bad / ((1 - target) * valid)`. It is of
sums, so no order of events matters, and the shares of incidents that do not overlap add up to what
is gone of a budget in which nothing else went wrong.
"""

from collections.abc import Iterable
from datetime import timedelta

from pawl.alerts.objectives import Objective
from pawl.base.times import format_time, parse_time
from pawl.governance.roster import covers
from pawl.incidents.incident import Incident, Milestone
from pawl.services.objective_series import Measuring

BUDGET_DAYS = 28
"""Days of an error budget, whatever window an objective has besides: four weeks."""
_BEGINNINGS = (Milestone.STARTED, Milestone.DETECTED, Milestone.DECLARED)


def budget_used(
    events: Measuring | None, promises: Iterable[Objective], incident: Incident, now: str
) -> float | None:
    """Return the largest share of any objective that an incident is about; None without a measure.

    An incident without a scope is about every objective. While nothing is mitigated it goes on.
    """
    if events is None:
        return None
    begin, end = span_of(incident, now)
    shares = [
        share
        for each in promises
        if each.indicator and _is_about(each, incident)
        if (share := _share(events, each, begin, end)) is not None
    ]
    return max(shares, default=None)


def span_of(incident: Incident, now: str) -> tuple[str, str]:
    """Return from when until when an incident used a budget.

    It began no later than anything that is known of it: whoever claims a late start makes it no
    shorter. It went on until it was mitigated, or until now.
    """
    known = [at for each in _BEGINNINGS if (at := incident.claimed(each)) is not None]
    end = incident.claimed(Milestone.MITIGATED) or incident.claimed(Milestone.RESOLVED) or now
    return min(known, default=end), end


def share_used(target: float, good: int, bad: int, bad_within: int) -> float | None:
    """Return which share of a budget some bad events are; None where nothing was counted."""
    allowed = (1 - target) * (good + bad)
    return bad_within / allowed if allowed > 0 else None


def _share(events: Measuring, promise: Objective, begin: str, end: str) -> float | None:
    opens = format_time(parse_time(end) - timedelta(days=BUDGET_DAYS))
    good, bad = _counted(events, promise, opens, end)
    _, within = _counted(events, promise, max(begin, opens), end)
    return share_used(promise.target, good, bad, within)


def _counted(events: Measuring, promise: Objective, since: str, until: str) -> tuple[int, int]:
    if since >= until:
        return 0, 0
    days = events.objective_days(
        promise.indicator,
        since,
        until,
        project=promise.project,
        threshold_ms=promise.threshold_ms,
    )
    return sum(day.good for day in days), sum(day.bad for day in days)


def _is_about(promise: Objective, incident: Incident) -> bool:
    """Say whether an objective is about an incident: by a component of it, else by their scopes."""
    if promise.service in incident.components:
        return True
    named = [each for each in (promise.service, promise.project) if each]
    scope = incident.scope
    return (
        not scope or not named or any(covers(each, scope) or covers(scope, each) for each in named)
    )
