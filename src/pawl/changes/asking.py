"""Ask the gate at the step itself: a decision of before, or of something else, is no ticket."""

from typing import Any

from pawl.base.canonical import sha256_hex
from pawl.changes.approval import yes_of
from pawl.changes.change import Change, Refusal
from pawl.changes.condition import Snapshot
from pawl.changes.firm import loosened
from pawl.changes.gate import Decision, decision_bytes, evaluate


def asked(change: Change, snapshot: Snapshot, moment: str, now: str) -> Decision | Refusal:
    """Return the gate's decision on this change now, or why it is not allowed or not asked."""
    mine = (snapshot.change.id, snapshot.change.version, snapshot.change.digest)
    if mine != (change.id, change.version, change.digest) or snapshot.change != change:
        return Refusal(
            code="stale", reasons=("It was judged as it is no longer.",), hint="Judge it anew."
        )
    if snapshot.moment != moment or snapshot.now != now:
        return Refusal(
            code="stale",
            reasons=(f"It was judged for {snapshot.moment} at {snapshot.now}.",),
            hint="Gates are asked at the time of the step itself.",
        )
    loose = loosened(snapshot.policy)
    if loose:
        return Refusal(
            code="cannot-tell",
            reasons=loose,
            hint="Put the policy together with the gates that stand in every policy.",
        )
    decision = evaluate(snapshot)
    if decision.allowed:
        return decision
    return Refusal(
        code="blocked" if decision.status == 1 else "cannot-tell",
        reasons=tuple(f"{each.gate}: {each.reason}" for each in decision.against),
        hint=" ".join(dict.fromkeys(each.hint for each in decision.against if each.hint)),
    )


def rests_on(decision: Decision) -> dict[str, Any]:
    """Return what a step keeps of the decision that it rests on."""
    return {
        "decision": sha256_hex(decision_bytes(decision)),
        "approved_by": sorted(yes_of(decision.answers)),
        "evidence": sorted({cited for each in decision.gates for cited in each.cites}),
    }
