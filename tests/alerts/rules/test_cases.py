"""Each rule fires on its series at the right tick and not on the quiet twin; no other does."""

import msgspec
import pytest

import pawl.alerts.rules
from pawl.alerts.playing import SCHEMA, Case, events_of, play, shipped_cases
from pawl.alerts.reading import Level
from pawl.alerts.rule import Rule
from pawl.base.catalogue import discover

RULES = discover(pawl.alerts.rules, "RULE", Rule)
RULE_FILES = (
    "context_saturation", "cost_anomaly", "cost_over_threshold", "early_warning", "error_rate",
    "inconsistency", "latency_p95", "reasoning_drift", "refusal_rate", "run_stopped",
    "slo_burn_rate", "stuck_loop", "telemetry_silent", "tool_errors", "unexpected_tool",
    "version_drift",
)  # fmt: skip
CASES = [(name, case) for name in sorted(RULES) for case in shipped_cases(name).cases]


def test_every_rule_that_was_asked_for_is_there() -> None:
    """The sixteen conditions are sixteen files."""
    assert sorted(RULES) == sorted(name.replace("_", "-") for name in RULE_FILES)


@pytest.mark.parametrize(("rule", "case"), CASES, ids=lambda value: getattr(value, "name", value))
def test_a_case_goes_as_told_with_all_rules_at_work(rule: str, case: Case) -> None:
    """Exactly the episodes of the case, to the tick, with their rows, and none of another rule."""
    played = play(case, rule, RULES)
    assert played.problems == ()
    assert played.replayed.taken.facts > 0


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_brings_a_series_a_quiet_twin_and_one_it_cannot_judge(rule: str) -> None:
    """A file of cases proves both that the rule fires and that it keeps quiet or says no data."""
    file = shipped_cases(rule)
    assert (file.schema, file.rule) == (SCHEMA, rule)
    assert any(case.expect for case in file.cases)
    assert any(not case.expect and case.no_data is None for case in file.cases) or rule in (
        "inconsistency",
    )
    assert any(case.no_data or any(each.blind for each in case.expect) for case in file.cases)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_case_that_expects_otherwise_fails(rule: str) -> None:
    """The player is no rubber stamp: a later tick, another level or no firing are problems."""
    case = next(case for case in shipped_cases(rule).cases if case.expect)
    first = case.expect[0]
    other = Level.WARNING if first.level is Level.CRITICAL else Level.CRITICAL
    later = msgspec.structs.replace(first, fired="999h")
    swapped = msgspec.structs.replace(first, fired="999h", level=other)
    for expect in ((), (later, *case.expect[1:]), (swapped, *case.expect[1:])):
        wrong = msgspec.structs.replace(case, expect=expect)
        assert play(wrong, rule, {rule: RULES[rule]}).problems
    unsure = msgspec.structs.replace(case, no_data="no such words")
    assert play(unsure, rule, {rule: RULES[rule]}).problems


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_sees_only_the_kinds_it_names(rule: str) -> None:
    """Without the events of its kinds a rule has no firing: `kinds` leaves nothing out."""
    case = next(case for case in shipped_cases(rule).cases if case.expect)
    kinds = {event.kind for event in events_of(case)}
    assert kinds & RULES[rule].kinds


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_tells_what_to_do(rule: str) -> None:
    """A rule has a title, a first response and a known kind of trouble."""
    told = RULES[rule]
    assert told.title
    assert told.response.endswith(".")
    assert told.about in ("money", "behaviour", "errors", "telemetry", "quality")
