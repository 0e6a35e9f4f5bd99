"""Figures about incidents: nothing over nothing is no value, nobody gets better by not asking."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.incidents.made_incidents import NOW, PEOPLE, TERMS, action, at, declared, in_state, told

from pawl.incidents.action import State as ActionState
from pawl.incidents.commands import Accept, Tick
from pawl.incidents.incident import Incident, State
from pawl.incidents.metrics import IncidentFigures, action_figures, figures

DAY = 86_400.0


def of(
    *incidents: Incident, until: float = DAY, earlier: tuple[Incident, ...] = ()
) -> IncidentFigures:
    """Return the figures of incidents of a day."""
    return figures(incidents, at(-10), at(until), resolved=earlier, repeat_days=TERMS.repeat_days)


def times(found: IncidentFigures, pair: str) -> tuple[int, int, float | None, int]:
    """Return how many of a pair ended and run, its median and how many nobody knows."""
    one = next(each for each in found.pairs if each.id == pair)
    return one.times.ended, one.times.running, one.times.median_s, one.unknown


def test_nothing_over_nothing_is_no_value() -> None:
    """Without incidents there is no rate and no time."""
    found = of()
    assert found.commander_in_time.value is None
    assert found.repeats.value is None
    assert times(found, "time-to-accept") == (0, 0, None, 0)


def test_times_come_from_milestones() -> None:
    """From the declaration to the acceptance, and from the start to the end, where it is known."""
    started = declared("inc-2", started_at=at(-600), detected_at=at(-60))
    led = told(started, (Accept(by="github:2", people=PEOPLE), 100))
    found = of(in_state(State.RESOLVED), led)
    assert times(found, "time-to-accept") == (2, 0, 60.0, 0)
    assert times(found, "detection-to-accept") == (1, 0, 160.0, 1)
    assert times(found, "time-to-resolve") == (0, 1, None, 1)


def test_a_miss_is_a_miss_however_it_comes_about() -> None:
    """Late, never, or with a breach told first; what is too young is told apart."""
    late = told(declared("a"), (Accept(by="github:2", people=PEOPLE), 301))
    never = declared("b")
    tied = told(declared("c"), (Tick(by="pawl"), 300), (Accept(by="github:2", people=PEOPLE), 300))
    good = told(declared("d"), (Accept(by="github:2", people=PEOPLE), 300))
    young = declared("e", at(DAY - 100))
    found = of(late, never, tied, good, young)
    assert (found.commander_in_time.numerator, found.commander_in_time.denominator) == (1, 4)
    assert found.waiting == 1


def test_merged_and_declined_are_in_no_rate() -> None:
    """I25: they are counted apart and change no figure."""
    plain = of(in_state(State.RESOLVED))
    more = of(in_state(State.RESOLVED), in_state(State.MERGED), in_state(State.DECLINED))
    assert (more.merged, more.declined) == (1, 1)
    assert msgspec.structs.replace(more, merged=0, declined=0) == plain


def test_only_confirmed_and_recent_repeats_count() -> None:
    """One that points to what was resolved within half a year counts, once."""
    first = in_state(State.RESOLVED)
    for days, count in ((100, 1), (181, 0)):
        again = msgspec.structs.replace(
            declared("inc-2", at(days * DAY)), repeats=("inc-1", "inc-404")
        )
        found = figures(
            (again,), at(DAY), at(200 * DAY), resolved=(first,), repeat_days=TERMS.repeat_days
        )
        assert (found.repeats.numerator, found.repeats.denominator) == (count, 1)


@given(
    st.lists(st.sampled_from(State), max_size=6), st.sampled_from((10.0, 299.0, 301.0, 1e4, 1e6))
)
def test_rates_are_shares(states: list[State], until: float) -> None:
    """I35: never below none or above all, and the interval holds the value."""
    found = of(*(in_state(each) for each in states), until=until)
    for each in (found.commander_in_time, found.repeats):
        assert 0 <= each.numerator <= each.denominator
        if each.value is None:
            assert each.denominator == 0
        else:
            assert each.low is not None
            assert each.high is not None
            assert 0 <= each.low <= each.value <= each.high <= 1


def test_an_action_counts_by_its_first_date() -> None:
    """Moving it helps nothing; giving it up before it was due takes it out, later does not."""
    due = at(7 * DAY)
    kept = action(id="a", state=ActionState.VERIFIED, done_at=due)
    late = action(id="b", state=ActionState.VERIFIED, done_at=at(8 * DAY), due_at=at(9 * DAY))
    early = action(id="c", state=ActionState.WONT_DO, done_at=at(DAY))
    given_up = action(id="d", state=ActionState.WONT_DO, done_at=at(8 * DAY))
    claimed = action(id="e", state=ActionState.CLAIMED)
    found = action_figures((kept, late, early, given_up, claimed), NOW, at(90 * DAY))
    assert (found.completed_in_time.numerator, found.completed_in_time.denominator) == (1, 4)
    assert found.carried_over == 0
    assert action_figures((claimed,), at(90 * DAY), at(180 * DAY)).carried_over == 1


def test_what_was_given_up_in_time_is_told_beside_the_share() -> None:
    """Who drops all that would be late has a perfect share, and that is to be seen."""
    due = at(5 * DAY)
    kept = action(id="a", first_due_at=due, state=ActionState.VERIFIED, done_at=at(DAY))
    dropped = [
        action(id=name, first_due_at=due, state=ActionState.WONT_DO, done_at=at(4 * DAY))
        for name in "bcde"
    ]
    found = action_figures([kept, *dropped], at(0), at(10 * DAY))
    assert (found.completed_in_time.value, found.given_up) == (1.0, 4)
