"""Changes are recorded before they are deployed.

Claims: every deployment of the last 90 days names a change whose record was made before it.

Looks at: deployments to production in the operations export, and recorded changes in Pawl's
ledger. The export says what was deployed; the ledger when the change was first recorded.

Fooled by: a record written afterwards (the ledger's own time must be before the deployment), a
record that no deployment names (it is not counted), rollbacks (left out: they return to what was
recorded), a list of changes alone (it cannot tell what was deployed without a record).

Yes: at least one deployment had a record; `recorded` says how many. No: none had. Cannot tell: no
export of deployments for 90 days, none in it, or no records of changes.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.practised import told
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of
from pawl.maturity.looking.windows import shipped
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    changes = told(facts, lambda practice: practice.changes, "changes")
    if isinstance(changes, Answer):
        return changes
    deploys = recorded(facts, lambda operations: operations.deploys, "deployments", WINDOW_DAYS)
    if isinstance(deploys, Answer):
        return deploys
    assert not isinstance(facts.operations, Absent)
    made = {each.id: each.recorded_at for each in changes}
    found = shipped(facts.operations, facts.as_of)
    if not found:
        return cannot_tell(f"Nothing was deployed to production in {WINDOW_DAYS} days.")
    before = [each for each in found if (at := made.get(each.change or "")) and at <= each.at]
    late = sum(1 for each in found if each.change in made) - len(before)
    reason = f"{len(before)} of {len(found)} deployments name a change recorded before them"
    if late:
        reason += f"; {late} were recorded afterwards"
    details = {
        "values": {"recorded": share_of(len(before), len(found))},
        "claimed_at": newest(each.at for each in found),
        "inputs": sorted((each.id, each.change) for each in found),
    }
    if not before:
        return no(f"{reason}.", Kind.DECISION, Kind.INCIDENT, **details)
    return yes(f"{reason}.", Depth.RUNS, Kind.DECISION, Kind.INCIDENT, **details)


PROBE = Probe(
    claim="Changes are recorded",
    area="operations",
    version=1,
    kinds=(Kind.DECISION, Kind.INCIDENT),
    depth=Depth.RUNS,
    values={"recorded": "share of deployments that name a change recorded before them"},
    remedy=Remedy(
        "Record a change before it ships (`pawl change new`) and name it on deploy.", 2.0
    ),
    judge=_judge,
    awaits="changes",
)
