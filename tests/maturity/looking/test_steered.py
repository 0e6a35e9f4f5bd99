"""What probes are told of the lint: findings, who allows them, and that a rule failed."""

import msgspec
from tests.maturity.told import facts

from pawl.base.finding import Outcome
from pawl.maturity.facts import Absent
from pawl.maturity.facts.steering import Finding, Steering
from pawl.maturity.looking.steered import allowance, steering_of
from pawl.maturity.probe import Answer


def found(state: str) -> Finding:
    """Return a finding in a state."""
    return msgspec.convert(
        {"rule": "r", "severity": "low", "path": "a", "line": 1, "message": "m", "state": state},
        Finding,
    )


def test_who_allows_findings_is_told_with_its_worth() -> None:
    """A waiver and a baseline are named, and said to change nothing; new findings need no word."""
    assert allowance([found("new")]) == ""
    assert allowance([found("waived"), found("known"), found("known")]) == (
        " (1 waived and 2 in the baseline, which changes nothing)"
    )


def test_a_rule_that_failed_says_nothing() -> None:
    """A probe that leans on it cannot tell; one that leans on others can."""
    told = facts({"CLAUDE.md": "# Rules\n"})
    assert not isinstance(told.tree, Absent)
    broken = Steering(failed={"dead-command": "KeyError: x"})
    tree = msgspec.structs.replace(told.tree, surveys={"steering": broken})
    told = msgspec.structs.replace(told, tree=tree)
    answer = steering_of(told, ["dead-command"])
    assert isinstance(answer, Answer)
    assert answer.outcome is Outcome.CANNOT_TELL
    assert "dead-command failed" in answer.reason
    assert steering_of(told, ["hidden-order"]) is broken


def test_a_tree_that_was_not_surveyed_cannot_be_told() -> None:
    """Without a survey there is neither a finding nor a clean bill."""
    told = facts({"CLAUDE.md": "# Rules\n"})
    assert not isinstance(told.tree, Absent)
    bare = msgspec.structs.replace(told, tree=msgspec.structs.replace(told.tree, surveys={}))
    answer = steering_of(bare)
    assert isinstance(answer, Answer)
    assert answer.outcome is Outcome.CANNOT_TELL
