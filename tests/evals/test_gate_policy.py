"""The gate's numbers are complete, sourced and within range."""

from datetime import date

import pytest
from scipy.stats import fisher_exact

from pawl.base.errors import BadFile, BadValue
from pawl.evals.counts import CaseClass, CaseCounts, Plan, Quarantine, Tally
from pawl.evals.gate_policy import load_policy, shipped_policy

GOOD = """
schema: pawl.eval-gate-policy/1
version: "7"
as_of: 2026-11-21
k: 2
confirm: 4
pool: 10
screening_p: 0.2
case_alpha: 0.05
suite_alpha: 0.02
confidence: 0.9
power: 0.8
margin: 0.1
infra_share_max: 0.1
stale_max: 1
draws: 1000
sources:
  {k: a, confirm: a, pool: a, screening_p: a, case_alpha: a, suite_alpha: a, confidence: a,
   power: a, margin: a, infra_share_max: a, stale_max: a, draws: a}
"""


def test_a_policy_of_a_team_loads_and_has_a_digest_of_its_own() -> None:
    """The digest follows the content, not the spacing or the comments."""
    policy = load_policy(GOOD, place="gates.yaml")
    assert policy.plan == Plan(2, 4, 10)
    assert policy.digest == load_policy(GOOD + "# a remark\n", place="gates.yaml").digest
    assert policy.digest != load_policy(GOOD.replace("0.02", "0.03"), place="g").digest


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("k: a, ", "", "k"),
        ("k: a, ", "k: '', ", "k"),
        ("k: a, ", "k: a, luck: a, ", "luck"),
        ("k: 2", "k: 0", "k is 0"),
        ("confirm: 4", "confirm: -1", "confirm is -1"),
        ("pool: 10", "pool: 1001", "pool is 1001"),
        ("suite_alpha: 0.02", "suite_alpha: 0.5", "suite_alpha is 0.5"),
        ("case_alpha: 0.05", "case_alpha: 0", "case_alpha is 0"),
        ("power: 0.8", "power: .nan", "power is nan"),
        ("confidence: 0.9", "confidence: 1", "confidence is 1"),
        ("draws: 1000", "draws: 1000000000", "draws is 1000000000"),
        ("margin: 0.1", "margin: 0.1\nmercy: 3", "mercy"),
        ("margin: 0.1\n", "", "margin"),
        ("policy/1", "policy/2", "policy/2"),
    ],
)
def test_a_policy_that_does_not_hold_is_refused(old: str, new: str, words: str) -> None:
    """A number out of range, without a source or unknown is named with its place."""
    assert old in GOOD
    with pytest.raises(BadFile, match=r"gates\.yaml") as error:
        load_policy(GOOD.replace(old, new, 1), place="gates.yaml")
    assert words in str(error.value)


def test_the_numbers_in_the_sources_are_right() -> None:
    """What the shipped file says of Fisher's test is what the oracle says."""
    policy = shipped_policy()
    after_perfect = fisher_exact([[2, 1], [20, 0]], alternative="less").pvalue
    after_flaky = fisher_exact([[2, 1], [19, 1]], alternative="less").pvalue
    assert after_perfect <= policy.screening_p < after_flaky
    assert f"{after_perfect:.2f}" in policy.sources["screening_p"]
    assert f"{after_flaky:.2f}" in policy.sources["screening_p"]
    dead = fisher_exact([[0, 3], [20, 0]], alternative="less").pvalue
    assert f"{dead:.4f}" in policy.sources["pool"]


@pytest.mark.parametrize(("passes", "n"), [(-1, 3), (4, 3), (0, 10_001)])
def test_counts_that_cannot_be_are_refused(passes: int, n: int) -> None:
    """More passes than trials, fewer than none, or more trials than any suite has."""
    with pytest.raises(BadValue, match="cannot be"):
        Tally(passes, n)


@pytest.mark.parametrize("plan", [(0, 5, 20), (3, -1, 20), (3, 5, 0), (3, 1001, 20)])
def test_a_plan_without_trials_is_refused(plan: tuple[int, int, int]) -> None:
    """A case has at least one trial and one in its pool."""
    with pytest.raises(BadValue, match="no plan"):
        Plan(*plan)


def test_a_case_has_an_id_and_a_quarantine_an_owner() -> None:
    """Nobody answers for what has no name, and losses are counted from zero."""
    with pytest.raises(BadValue, match="no id"):
        CaseCounts(id="", kind=CaseClass.GUARD)
    with pytest.raises(BadValue, match="no owner"):
        Quarantine(owner=" ", expires=date(2026, 12, 1))
    with pytest.raises(BadValue, match="cannot be"):
        CaseCounts(id="a", kind=CaseClass.GUARD, infra=-1)
