"""Each of the six failure modes of agents sets off its own detector and no other."""

import pytest

import pawl.alerts.rules
from pawl.alerts.playing import play, shipped_cases
from pawl.alerts.rule import Rule
from pawl.base.catalogue import discover

RULES = discover(pawl.alerts.rules, "RULE", Rule)
MODES = {
    "tool-call errors": "tool-errors",
    "reasoning drift": "reasoning-drift",
    "inconsistency": "inconsistency",
    "context saturation": "context-saturation",
    "version drift": "version-drift",
    "cost runaway": "cost-anomaly",
}


def test_the_six_modes_have_a_detector_each() -> None:
    """The taxonomy and the rules name one another."""
    assert {rule.failure_mode: name for name, rule in RULES.items() if rule.failure_mode} == MODES


@pytest.mark.parametrize("mode", sorted(MODES))
def test_a_mode_sets_off_exactly_its_detector(mode: str) -> None:
    """With all rules at work, every episode of the mode's series is of its own rule."""
    own = MODES[mode]
    case = next(case for case in shipped_cases(own).cases if case.expect)
    episodes = play(case, own, RULES).replayed.episodes
    assert {episode.rule for episode in episodes} == {own}
