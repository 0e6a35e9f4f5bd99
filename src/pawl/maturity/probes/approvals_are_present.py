"""No risky change ships unapproved, and whoever does it does not approve it.

Claims: changes of high risk that shipped within 90 days were approved, and responsible and
accountable differ.

Looks at: changes in Pawl's ledger that were deployed within the window, and those recorded in it
that were not: a risky change that waits unapproved was held back.

Fooled by: a change without a risk class (it counts as risky: nobody said that it is not), an
approval that nobody recorded (unknown is not yes: when more than a tenth is unknown, nobody can
tell), one person in both roles (`separate`).

Yes: risky changes that shipped were approved; deeper when one was held back. Values say how far.
No: none of them was. Cannot tell: Pawl has no records of changes, or no risky one shipped in the
window, because silence is not safety.
"""

from pawl.maturity.evidence import Depth, Kind, Share, Value
from pawl.maturity.facts import Facts
from pawl.maturity.looking.practised import told
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of, within
from pawl.maturity.looking.windows import mostly_known
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_RISKY = frozenset({"high", "critical", "unknown", ""})


def _judge(facts: Facts) -> Answer:
    changes = told(facts, lambda practice: practice.changes, "changes")
    if isinstance(changes, Answer):
        return changes
    classed = [each for each in changes if each.risk.lower() in _RISKY]
    risky = [each for each in classed if within(each.deployed_at, facts.as_of)]
    held = sum(
        each.deployed_at is None
        and each.approved is False
        and within(each.recorded_at, facts.as_of)
        for each in classed
    )
    if not risky:
        return cannot_tell(f"No risky change shipped in {WINDOW_DAYS} days.")
    known = [each for each in risky if each.approved is not None]
    if not mostly_known(known, risky):
        return cannot_tell(
            f"Of {len(risky)} risky changes {len(risky) - len(known)} do not tell whether they "
            "were approved."
        )
    approved = sum(bool(each.approved) for each in risky)
    roles = [each for each in risky if each.separate_roles is not None]
    values: dict[str, Value] = {"unapproved": share_of(len(risky) - approved, len(risky))}
    if approved == len(risky):
        # All were looked at and none is missing: an interval would only blur that.
        values["unapproved"] = Share(0, len(risky))
    if mostly_known(roles, risky):
        values["separate"] = share_of(sum(bool(each.separate_roles) for each in roles), len(roles))
    details = {
        "values": values,
        "claimed_at": newest(each.deployed_at for each in risky),
        "inputs": sorted(each.id for each in risky),
    }
    reason = f"{approved} of {len(risky)} risky changes that shipped were approved; {held} wait."
    if not approved:
        return no(reason, Kind.DECISION, **details)
    depth = Depth.BITES if held and approved == len(risky) else Depth.RUNS
    return yes(reason, depth, Kind.DECISION, **details)


PROBE = Probe(
    claim="Approvals are present",
    area="operations",
    version=1,
    kinds=(Kind.DECISION,),
    depth=Depth.BITES,
    values={
        "unapproved": "share of risky changes that shipped without approval",
        "separate": "share of risky changes that shipped whose responsible and accountable differ",
    },
    remedy=Remedy("Ask the accountable role for approval before a risky change ships.", 1.0),
    judge=_judge,
    awaits="changes",
)
