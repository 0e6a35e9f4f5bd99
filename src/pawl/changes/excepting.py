"""The ground on which exceptions are judged for a question: the one way into `exceptions`."""

from pawl.changes.condition import Question
from pawl.changes.manifest import Risk
from pawl.governance.exceptions import Ground
from pawl.governance.priority import Domain


def ground_of(question: Question, domain: Domain) -> Ground:
    """Return what exceptions to a rule of a domain are judged on."""
    snapshot = question.snapshot
    return Ground(
        roster=snapshot.roster,
        raci=snapshot.policy.raci,
        limits=snapshot.policy.limits,
        domain=domain,
        now=snapshot.now,
        high_risk=question.risk.risk is Risk.HIGH,
        authors=question.authors.people,
        emergencies=snapshot.emergencies,
    )
