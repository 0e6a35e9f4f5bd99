"""The life of an alert, on every pair of state and signal."""

from itertools import product

import pytest

from pawl.alerts.state import TABLE, Signal, State, follows

ALIVE = (State.PENDING, State.FIRING)


def test_every_pair_has_a_row() -> None:
    """No state meets a signal that nobody thought of."""
    assert set(TABLE) == set(product(State, Signal))


@pytest.mark.parametrize(("state", "signal"), sorted(TABLE))
def test_a_row_keeps_the_rules_of_the_table(state: State, signal: Signal) -> None:
    """What holds long enough fires; what does not hold never does; silence changes nothing."""
    after = follows(state, signal)
    if signal is Signal.DUE:
        assert after is State.FIRING
    if signal is Signal.HOLDS:
        assert after in ALIVE
    if signal is Signal.NO_DATA:
        assert after is state
    if signal in (Signal.BETWEEN, Signal.CLEARS, Signal.CLOSED):
        assert after is not State.PENDING
        assert state is State.FIRING or after is not State.FIRING


def test_only_a_clear_look_or_a_person_ends_a_firing_alert() -> None:
    """Of all signals two lead out of firing, and both lead to resolved."""
    out = {signal for signal in Signal if follows(State.FIRING, signal) is not State.FIRING}
    assert out == {Signal.CLEARS, Signal.CLOSED}
    assert {follows(State.FIRING, signal) for signal in out} == {State.RESOLVED}
