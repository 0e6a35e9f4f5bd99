"""What is known of Pawl's own records."""

from tests.maturity.told import facts

from pawl.base.finding import Outcome
from pawl.maturity.facts.practice import Practice
from pawl.maturity.looking.practised import began_lately, is_well_priced, sessions_of, told
from pawl.maturity.probe import Answer

LONG_AGO = "2026-06-01T00:00:00.000000Z"


def test_a_part_without_records_is_unknown_and_an_empty_one_is_not() -> None:
    """None means that there are no records yet, an empty list that nothing happened."""
    without = told(facts(practice={"complete_since": LONG_AGO}), lambda it: it.gates, "gates")
    assert isinstance(without, Answer)
    assert without.outcome is Outcome.CANNOT_TELL
    empty = facts(practice={"complete_since": LONG_AGO, "gates": []})
    assert told(empty, lambda it: it.gates, "gates") == ()
    assert isinstance(told(facts(), lambda it: it.gates, "gates"), Answer)


def test_nothing_recorded_since_yesterday_proves_nothing() -> None:
    """Silence counts only when recording covers the window."""
    assert began_lately(Practice(complete_since=LONG_AGO), facts()) is None
    assert began_lately(Practice(complete_since="2026-11-20T00:00:00.000000Z"), facts())


def test_costs_are_known_when_nearly_every_request_has_a_price() -> None:
    """A tenth without a price is the most; sessions of all agents count together."""
    assert is_well_priced(Practice(complete_since=LONG_AGO, requests=10, unpriced_requests=1))
    assert not is_well_priced(Practice(complete_since=LONG_AGO, requests=10, unpriced_requests=2))
    assert sessions_of(Practice(complete_since=LONG_AGO)) == 0
