"""How the spread of repeated runs is told, and what counts as kept within."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pawl.telemetry
from pawl.base.loading import load_yaml
from pawl.telemetry.conduct import RUNS_LEAST, Conduct, Ending, Spread, typical


def test_the_constants_are_the_declared_numbers() -> None:
    """The least number of runs is the one of `consistency.yaml`, which gives its source."""
    path = Path(pawl.telemetry.__file__).with_name("consistency.yaml")
    told = load_yaml(path.read_text(), dict[str, object], place=path.name)
    assert told["runs_least"] == RUNS_LEAST
    assert told["sources"]


@pytest.mark.parametrize(
    ("spread", "ratio"),
    [
        (Spread(runs=5, median=2.0, p90=3.0), 1.5),
        (Spread(runs=4, median=2.0, p90=3.0), None),
        (Spread(runs=9, median=0.0, p90=3.0), None),
        (Spread(runs=0, median=None, p90=None), None),
    ],
)
def test_too_few_runs_have_no_spread(spread: Spread, ratio: float | None) -> None:
    """Below the least number of runs, or over a median of zero, the spread is unknown."""
    assert spread.ratio(5) == ratio


def test_each_run_has_one_vote() -> None:
    """The typical spread is that of the workflow in which the middle run is."""
    steady = Spread(runs=90, median=1.0, p90=1.2)
    wild = [Spread(runs=5, median=1.0, p90=9.0) for _ in range(5)]
    assert typical([*wild, steady], 5) == 1.2
    assert typical([], 5) is None


@given(
    st.lists(st.builds(Spread, runs=st.integers(0, 9), median=st.just(1.0), p90=st.floats(1, 9)))
)
def test_the_typical_spread_is_one_that_was_seen(spreads: list[Spread]) -> None:
    """It is one of the spreads told, and unknown exactly where none is."""
    told = {ratio for each in spreads if (ratio := each.ratio(5)) is not None}
    found = typical(spreads, 5)
    assert (found in told) if told else found is None


def test_whoever_met_a_limit_had_one() -> None:
    """Stopped and refused runs count as held, runs without a limit or of unknown limits do not."""
    endings = (
        Ending(outcome="succeeded", reason=None, by_limit=False, limited=True, runs=6),
        Ending(outcome="succeeded", reason=None, by_limit=False, limited=False, runs=50),
        Ending(outcome="agent_failed", reason=None, by_limit=False, limited=None, runs=50),
        Ending(outcome="stopped", reason="usd", by_limit=True, limited=None, runs=1),
        Ending(outcome="refused", reason=None, by_limit=False, limited=True, runs=1),
    )
    conduct = Conduct(endings=endings)
    assert (conduct.held, conduct.kept_within) == (8, 6)
    assert (conduct.ended, conduct.unsuccessful, conduct.refused) == (107, 51, 1)
