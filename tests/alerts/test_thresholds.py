"""The rules' numbers: complete, sourced, and strict about what `pawl.toml` says."""

from typing import Any

import msgspec
import pytest

import pawl.alerts.rules
from pawl.alerts.configuring import set_up
from pawl.alerts.rule import Rule
from pawl.alerts.rules.stuck_loop import StuckLoop
from pawl.alerts.thresholds import SCHEMA, shipped_numbers, thresholds_of
from pawl.base.catalogue import discover
from pawl.base.errors import BadFile
from pawl.base.loading import load_toml
from pawl.runs.alert_settings import AlertSettings
from pawl.runs.config import Settings
from pawl.runs.spec import LoopPolicy

RULES = discover(pawl.alerts.rules, "RULE", Rule)
NUMBERS = shipped_numbers()


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_number_of_a_rule_has_its_source(rule: str) -> None:
    """The file and the rule name the same numbers, and each source is explained."""
    numbers = NUMBERS.rules[rule]
    assert set(numbers) == set(RULES[rule].thresholds.__struct_fields__)
    assert all(number.source in NUMBERS.sources for number in numbers.values())


def test_the_file_speaks_of_no_other_rule() -> None:
    """Numbers of a rule that is gone go with it."""
    assert set(NUMBERS.rules) == set(RULES)
    assert NUMBERS.schema == SCHEMA


def test_loops_are_the_loops_of_supervised_runs() -> None:
    """The alert and the supervisor count alike."""
    limits = thresholds_of(RULES, NUMBERS)["stuck-loop"]
    assert isinstance(limits, StuckLoop)
    policy = LoopPolicy()
    names = ("identical_calls", "identical_results", "identical_errors", "alternations")
    assert [getattr(limits, n) for n in names] == [getattr(policy, n) for n in names]


def test_own_numbers_replace_ours_and_durations_may_be_text() -> None:
    """What is not said stays ours."""
    own = {"error-rate": {"window_s": "5m", "events_min": 7}}
    limits = thresholds_of(RULES, NUMBERS, own)["error-rate"]
    assert msgspec.to_builtins(limits)["window_s"] == 300
    assert msgspec.to_builtins(limits)["events_min"] == 7
    assert msgspec.to_builtins(limits)["warning_share"] == 0.05


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"no-such-rule": {}}, "no rule is called"),
        ({"error-rate": {"no_such": 1}}, "no_such"),
        ({"error-rate": {"events_min": "many"}}, "events_min"),
        ({"error-rate": {"events_min": -1}}, "below zero"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(own: dict[str, Any], words: str) -> None:
    """A misspelt threshold never goes unnoticed."""
    with pytest.raises(BadFile, match=words):
        thresholds_of(RULES, NUMBERS, own)


def test_settings_load_from_toml() -> None:
    """Rules, routes and channels of `[alerts]` reach the policy."""
    text = """
[alerts]
off = ["latency-p95"]
noise_filter = ["error-rate"]
quiet_for = "3d"
[alerts.rules.cost-over-threshold]
usd_per_day = 5
[alerts.channels.team]
kind = "webhook"
url = "https://hooks.invalid/x"
[[alerts.routes]]
to = ["team"]
levels = ["critical"]
continue = true
"""
    setup = set_up(RULES, load_toml(text, Settings, place="pawl.toml").alerts)
    assert "latency-p95" not in setup.rules
    assert setup.policy.rules["error-rate"].noise_filter
    assert setup.policy.quiet_s == 3 * 86_400
    assert setup.policy.routes[0].to == ("team",)
    assert setup.policy.routes[0].go_on
    assert msgspec.to_builtins(setup.thresholds["cost-over-threshold"])["usd_per_day"] == 5


@pytest.mark.parametrize(
    "asked",
    [
        AlertSettings(off=("no-such-rule",)),
        AlertSettings(noise_filter=("no-such-rule",)),
        msgspec.convert({"routes": [{"to": ["nobody"]}]}, AlertSettings),
    ],
)
def test_names_that_nobody_has_are_refused(asked: AlertSettings) -> None:
    """A rule or channel that does not exist is a mistake, not a wish."""
    with pytest.raises(BadFile, match="is called"):
        set_up(RULES, asked)
