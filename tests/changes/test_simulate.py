"""What would this policy have said? The same as then where it is the same, and why where not."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import POLICY, snapshot, with_gates
from tests.changes.made_snapshots import snapshots

from pawl.changes.condition import Snapshot
from pawl.changes.gate import evaluate
from pawl.changes.gate_file import Mode
from pawl.changes.simulate import simulate


@settings(max_examples=20)
@given(st.lists(snapshots(), max_size=3))
def test_the_same_policy_says_the_same(drawn: list[Snapshot]) -> None:
    """Played against the policy that decided, every decision is the one it was."""
    for each, played in zip(drawn, simulate(drawn, POLICY), strict=True):
        assert played.decision == evaluate(each)
        assert (played.was, played.gates) == (played.would_be, ())


def test_a_stricter_policy_names_the_gate_that_would_have_held_it_up() -> None:
    """Two approvals instead of one: what went out would have waited, and for what."""
    (played,) = simulate([snapshot()], with_gates(approvals={"given": {"quorum": 2}}))
    assert (played.was, played.would_be, played.gates) == (True, False, ("approvals",))


def test_approvals_count_as_given_under_the_policy_that_is_tried() -> None:
    """Trying a policy does not make everybody's approval stale, or it would say nothing."""
    (played,) = simulate([snapshot()], with_gates(consulted={"mode": Mode.ENFORCE}))
    assert played.gates == ("consulted",)
    assert any(each.counts for each in played.decision.answers)
