"""What an alert says when it declares an incident: nobody has to type what is known already."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pawl.alerts.alert import Alert
from pawl.alerts.holding_back import matches
from pawl.alerts.policy import Policy
from pawl.alerts.reading import scope_text
from pawl.governance.priority import Domain
from pawl.incidents.declaring import Said
from pawl.incidents.incident import Incident, Link, LinkKind
from pawl.incidents.similarity import Signature, fingerprint

_DOMAINS = {"money": Domain.COST}
"""Domains of rules by what these are about; all else is of quality unless somebody says more."""
_WHEN = frozenset({"run", "session"})
"""Parts of a scope that say which time it happened, and not where."""


def severity_of(alert: Alert, policy: Policy) -> int | None:
    """Return how severe an incident the routes want declared, the worst of them; None for none.

    The routes are those that take the alert: the first, and those after it that it goes on to.
    """
    found: list[int] = []
    for route in policy.routes:
        takes = (
            alert.level in route.levels
            and any(fnmatchcase(alert.rule, glob) for glob in route.rules)
            and matches(route.scope, alert)
        )
        if not takes:
            continue
        if route.declare is not None:
            found.append(route.declare)
        if not route.go_on:
            break
    return min(found, default=None)


def said_of(alert: Alert, severity: int | None, about: str = "", response: str = "") -> Said:
    """Return what an alert declares. What fires for one rule and scope is one event.

    So a warning that becomes critical, or another run that goes the same way, tells of the incident
    again, and makes no second one. A run is linked: its record is what is learned from.
    """
    scope = dict(alert.scope)
    project = scope.get("project", "")
    where = scope_text(tuple(part for part in alert.scope if part[0] not in _WHEN))
    run = scope.get("run", "")
    text = " ".join(part for part in (alert.cause, response and f"Do first: {response}") if part)
    return Said(
        title=f"{alert.summary or alert.rule} [{alert.rule}]",
        severity=severity,
        domains=(_DOMAINS[about],) if about in _DOMAINS else (),
        scope=project,
        key=f"alert:{alert.rule}:{where}",
        fingerprint=fingerprint(
            Signature(
                component=project,
                failure_class=alert.rule,
                model_family=scope.get("model", ""),
            )
        ),
        text=text,
        started_at=alert.held_since or "",
        detected_at=alert.fired_at or "",
        links=(
            Link(kind=LinkKind.ALERT, id=alert.id),
            *((Link(kind=LinkKind.RUN, id=run),) if run else ()),
        ),
    )


def told_of(incidents: Sequence[Incident], alert: Alert) -> tuple[Incident, ...]:
    """Return the incidents that an alert is linked with."""
    link = (LinkKind.ALERT, alert.id)
    return tuple(
        each for each in incidents if any((held.kind, held.id) == link for held in each.links)
    )
