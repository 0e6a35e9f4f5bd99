"""Whether a policy still has the gates that stand in every policy, at least as strict."""

from pawl.changes.gate import directions, shipped_conditions
from pawl.changes.gate_file import firm_gates, tightened
from pawl.changes.policy import Policy


def loosened(policy: Policy) -> tuple[str, ...]:
    """Return each firm gate that a policy lacks or has looser than ours; none for a sound one."""
    ours = firm_gates()
    own = {gate.id for gate in policy.gates.gates}
    missing = tuple(f"{gate.id} is missing." for gate in ours.gates if gate.id not in own)
    return missing + tightened(ours, policy.gates, directions(shipped_conditions())).notes
