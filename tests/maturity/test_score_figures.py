"""The score's inputs out of figures of changes: with their counts, and nothing out of nothing."""

import pytest
from tests.changes.made_changes import at, decided

from pawl.changes.metrics import Recovery, Release, figures, rate
from pawl.maturity.score_figures import from_figures, from_incidents

MANAGED = Release(change="a", released_at=at(0), opened_at=at(-1), decision=decided())
AROUND = Release(change="b", released_at=at(0), managed=False)


def back(minutes: float | None) -> Recovery:
    done = None if minutes is None else at(minutes / 60)
    return Recovery(change="a", recorded_at=at(0), trigger_at=at(0), done_at=done)


def test_inputs_come_with_what_they_rest_on() -> None:
    """One of two releases was covered; a rollback took its minutes; the report is named."""
    told = from_figures(figures([MANAGED, AROUND], [back(10), back(20)], at(-1), at(9)))
    coverage = told["quality-gate-coverage"]
    assert (coverage.value, coverage.standing) == (0.5, "evidence")
    assert coverage.reason == "1 of 2 releases passed every gate that applied, 1 around everything."
    assert told["rollback-mttr-min"].value == pytest.approx(15)
    assert told["policy-audit-pass-rate"].value == 1
    assert coverage.evidence[0].startswith("figures:")


def test_nothing_is_told_of_nothing() -> None:
    """Without releases and rollbacks the inputs are left to other evidence."""
    assert from_figures(figures([], [], at(-1), at(9))) == {}


def test_a_rollback_that_still_runs_is_not_left_out() -> None:
    """The median counts it with what it has lasted; when most still run, nothing is told."""
    told = from_figures(figures([], [back(10), back(20), back(None)], at(-1), at(9)))
    assert told["rollback-mttr-min"].value == pytest.approx(20)
    assert "still runs" in told["rollback-mttr-min"].reason
    assert from_figures(figures([], [back(10), back(None), back(None)], at(-1), at(9))) == {}


def test_repeats_come_with_their_counts() -> None:
    """None of ten was confirmed to repeat another; the report is named by its digest."""
    told = from_incidents(rate(0, 10), 0, "ab12")["incident-repeat-rate"]
    assert (told.value, told.standing) == (0, "evidence")
    assert told.reason == "0 of 10 incidents were confirmed to repeat an earlier one."
    assert told.evidence == ("incident-figures:ab12",)


def test_a_rate_that_is_low_because_nobody_looked_is_not_told() -> None:
    """Up to a tenth may be unanswered; of no incident there is no rate."""
    assert from_incidents(rate(0, 10), 1, "ab12") != {}
    assert from_incidents(rate(0, 10), 2, "ab12") == {}
    assert from_incidents(rate(0, 0), 0, "ab12") == {}
