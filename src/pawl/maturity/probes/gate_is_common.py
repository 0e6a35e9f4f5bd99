"""One decision over quality, security and cost stands before every release.

Claims: what ships was decided once, over all three together.

Looks at: decisions of gates in Pawl's ledger within 90 days, with what each considered, and what
shipped: the deployments to production of the operations export, else the changes that the ledger
saw go out, those included that went around every gate.

Fooled by: three reports and no decision (one decision must consider all three), a decision that
came to no verdict, a decision after the deployment, a gate that never says no (then the proof is
only that it runs, unless a canary change was refused).

Yes: at least one release had a common decision; `common` says how many. No: none had. Cannot tell:
Pawl has no records of gates, or nothing was decided or deployed.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Deploy
from pawl.maturity.facts.practice import GateDecision
from pawl.maturity.looking.practised import told
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of, within
from pawl.maturity.looking.suite_runs import DECIDED
from pawl.maturity.looking.windows import shipped
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

TOGETHER = frozenset({"quality", "security", "cost"})
"""What one decision considers, in the words of the operations model's source."""


def _judge(facts: Facts) -> Answer:
    decisions = told(facts, lambda practice: practice.gates, "gates")
    if isinstance(decisions, Answer):
        return decisions
    recent = [
        each
        for each in decisions
        if each.verdict.lower() in DECIDED and within(each.at, facts.as_of)
    ]
    common = [each for each in recent if {it.lower() for it in each.considers} >= TOGETHER]
    releases, good = _releases(facts, recent, common)
    if not releases:
        return cannot_tell(f"No release was decided or deployed in {WINDOW_DAYS} days.")
    refused = sum(1 for each in common if each.verdict.lower() == "fail") + _canaries(facts)
    reason = f"{good} of {releases} releases had one decision over quality, security and cost"
    details = {
        "values": {"common": share_of(good, releases)},
        "claimed_at": newest(each.at for each in recent),
        "inputs": sorted(each.id for each in recent),
    }
    if not good:
        return no(f"{reason}.", Kind.DECISION, **details)
    if not refused:
        return yes(f"{reason}; none was ever refused.", Depth.RUNS, Kind.DECISION, **details)
    return yes(f"{reason}; {refused} were refused.", Depth.BITES, Kind.DECISION, **details)


def _releases(
    facts: Facts, recent: list[GateDecision], common: list[GateDecision]
) -> tuple[int, int]:
    """Return how many releases there were, and how many had a common decision before them."""
    operations = facts.operations
    if not isinstance(operations, Absent) and operations.deploys is not None:
        found = shipped(operations, facts.as_of)
        if found:
            return len(found), sum(_was_decided(each, common) for each in found)
    practice = facts.practice
    changes = () if isinstance(practice, Absent) else practice.changes or ()
    out = [each for each in changes if within(each.deployed_at, facts.as_of)]
    if out:
        return len(out), sum(
            any(it.subject == each.id and it.at <= (each.deployed_at or "") for it in common)
            for each in out
        )
    subjects = {each.subject for each in recent}
    return len(subjects), len(subjects & {each.subject for each in common})


def _was_decided(deploy: Deploy, common: list[GateDecision]) -> bool:
    names = (deploy.change, deploy.commit, deploy.id)
    return any(each.subject in names and each.at <= deploy.at for each in common)


def _canaries(facts: Facts) -> int:
    """Count the drills of the window in which a gate refused a change made to be refused."""
    if isinstance(facts.operations, Absent):
        return 0
    return sum(
        each.kind == "canary" and bool(each.succeeded) and within(each.at, facts.as_of)
        for each in facts.operations.drills or ()
    )


PROBE = Probe(
    claim="The gate is common",
    area="operations",
    version=2,
    kinds=(Kind.DECISION,),
    depth=Depth.BITES,
    values={"common": "share of releases with one decision over quality, security and cost"},
    remedy=Remedy("Put quality, security and cost into one gate (`pawl gate check`).", 2.0),
    judge=_judge,
    awaits="gates",
)
