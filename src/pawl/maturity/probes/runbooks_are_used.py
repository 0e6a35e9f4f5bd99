"""Runbooks are opened when something is on fire.

Claims: the repository's runbooks were cited while an incident was open.

Looks at: the runbooks of the tree and, for 180 days, incidents that name one, by its path or by
an address that ends in it.

Fooled by: a link pasted after the incident was closed (only a citation between opening and
mitigation counts; one without a time does not), a citation of a page that is not in the tree.

Yes: at least one runbook was used; `used` says how many of all. No: incidents happened and no
runbook was cited in time, or there is no runbook. Cannot tell: no export of incidents for 180
days, or no incident in them.
"""

from collections.abc import Iterable

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Incident
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.looking.runbooks import named_by, runbooks_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

USED_DAYS = 180
"""Days back in which a use counts, as the definition of this probe says."""


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    incidents = recorded(facts, lambda told: told.incidents, "incidents", USED_DAYS)
    if isinstance(incidents, Answer):
        return incidents
    runbooks = runbooks_of(tree)
    recent = [each for each in incidents if within(each.opened_at, facts.as_of, USED_DAYS)]
    if not runbooks:
        values = {"used": Share(0, 0), "runbooks": 0}
        return no("There is no runbook to use.", Kind.TREE, values=values)
    if not recent:
        return cannot_tell(
            f"No incident in {USED_DAYS} days, so that no runbook was needed; drill one.",
            values={"runbooks": len(runbooks)},
        )
    cited = [(each, path) for each in recent if (path := _cited(each, runbooks, facts.as_of))]
    used = {path for _, path in cited}
    told = {
        "values": {
            "used": Share(len(used), len(runbooks), tree.is_census("document")),
            "runbooks": len(runbooks),
        },
        "places": tuple(Place(path, 1) for path in sorted(set(runbooks) - used)),
        "claimed_at": newest(each.runbook_cited_at for each, _ in cited),
        "inputs": sorted(each.id for each in recent),
    }
    reason = (
        f"{len(used)} of {len(runbooks)} runbooks were cited in time in {len(recent)} incidents "
        f"of {USED_DAYS} days."
    )
    if not used:
        return no(reason, Kind.TREE, Kind.INCIDENT, **told)
    return yes(reason, Depth.RUNS, Kind.TREE, Kind.INCIDENT, **told)


def _cited(incident: Incident, runbooks: Iterable[str], as_of: str) -> str | None:
    """Return the runbook that an incident cited while it was open."""
    at, runbook = incident.runbook_cited_at, incident.runbook
    closed = incident.mitigated_at or incident.resolved_at or as_of
    if at is None or not runbook or not incident.opened_at <= at <= min(closed, as_of):
        return None
    return named_by(runbook, runbooks)


PROBE = Probe(
    claim="Runbooks are used",
    area="reliability",
    version=1,
    kinds=(Kind.TREE, Kind.INCIDENT),
    depth=Depth.RUNS,
    values={
        "used": "share of the runbooks cited in an open incident",
        "runbooks": "runbooks in the tree",
    },
    remedy=Remedy(
        "Link the runbook in the incident's channel when it opens, or drill those never used.", 1.0
    ),
    judge=_judge,
    awaits="incidents",
)
