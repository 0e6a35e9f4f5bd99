"""What another policy would have said of decisions that were taken: by it, and by today's.

Every decision is judged again from its own snapshot, at its own time. Approvals were given under
the policy of then; they count here as if they had been given under the other one, since what is
asked is what its gates would have held up, and not that nobody had approved anything under it yet.
"""

from collections.abc import Iterable

import msgspec

from pawl.changes.condition import Snapshot
from pawl.changes.gate import Decision, evaluate
from pawl.changes.policy import Policy


class Played(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision as it was and as it would have been; `gates` are those that differ."""

    change: str
    at: str
    was: bool
    would_be: bool
    gates: tuple[str, ...]
    decision: Decision


def simulate(snapshots: Iterable[Snapshot], policy: Policy) -> tuple[Played, ...]:
    """Return what a policy would have decided in the place of each that did, in their order."""
    return tuple(_played(each, policy) for each in snapshots)


def _played(snapshot: Snapshot, policy: Policy) -> Played:
    before, given = snapshot.policy.digest, policy.digest
    answers = tuple(
        msgspec.structs.replace(each, policy_digest=given) if each.policy_digest == before else each
        for each in snapshot.change.answers
    )
    change = msgspec.structs.replace(snapshot.change, answers=answers)
    was = evaluate(snapshot)
    now = evaluate(msgspec.structs.replace(snapshot, policy=policy, change=change))
    one = {each.gate: (each.requirement, each.mode) for each in was.gates}
    other = {each.gate: (each.requirement, each.mode) for each in now.gates}
    return Played(
        change=was.change,
        at=was.at,
        was=was.allowed,
        would_be=now.allowed,
        gates=tuple(sorted(gate for gate in one | other if one.get(gate) != other.get(gate))),
        decision=now,
    )
