"""Cumulative metrics become what was added, and confirm what deltas and requests say."""

from hypothesis import given
from hypothesis import strategies as st
from tests.telemetry.otlp.cases import counter, events, metrics, point, take

from pawl.telemetry.event import Event, Kind
from pawl.telemetry.otlp.counters import Counters
from pawl.telemetry.otlp.reading import Signal

TOKENS = "claude_code.token.usage"


def measured(*points: dict[str, object], temporality: int = 2, kind: str = "sum") -> list[Event]:
    """Return the events of one metric's points."""
    body = metrics(counter(TOKENS, *points, temporality=temporality, kind=kind))
    return take(Signal.METRICS, body).events


def test_a_cumulative_point_adds_what_is_new() -> None:
    """The first adds all since its start, the next what it tells beyond it."""
    counters = Counters()
    found = [counters.added(e) for e in measured(point(5, time=1), point(8, time=2))]
    assert found == [5, 3]


def test_a_delta_adds_itself() -> None:
    """However often the series was told before."""
    counters = Counters()
    found = measured(point(5, time=1), point(3, start=1, time=2), temporality=1)
    assert [counters.added(event) for event in found] == [5, 3]


def test_a_gauge_adds_nothing() -> None:
    """Its value is no sum."""
    (event,) = measured(point(5), kind="gauge", temporality=0)
    assert Counters().added(event) is None


def test_a_later_start_is_a_reset() -> None:
    """Whoever starts anew counts from zero, even to a larger value."""
    counters = Counters()
    found = measured(point(5, time=1), point(9, start=2, time=3))
    assert [counters.added(event) for event in found] == [5, 9]


def test_a_value_that_fell_is_a_reset() -> None:
    """Some senders start anew and do not say when."""
    counters = Counters()
    found = measured(point(5, time=1), point(2, time=2))
    assert [counters.added(event) for event in found] == [5, 2]


def test_without_a_start_the_first_point_tells_nothing() -> None:
    """What it was counted since is not known; the next one tells a difference."""
    counters = Counters()
    bare = [point(5, time=1), point(7, time=2)]
    for value in bare:
        value["startTimeUnixNano"] = "0"
    assert [counters.added(event) for event in measured(*bare)] == [None, 2]


def test_late_and_repeated_points_add_nothing() -> None:
    """A batch sent twice, or out of order, adds what it adds once."""
    counters = Counters()
    found = measured(point(5, time=1), point(8, time=2))
    told = [counters.added(event) for event in (*found, *found)]
    assert told == [5, 3, 0, 0]


def test_series_are_apart() -> None:
    """Points of other dimensions are another series."""
    counters = Counters()
    found = measured(point(5, type="input"), point(7, type="output"))
    assert [counters.added(event) for event in found] == [5, 7]
    assert len(counters.standings()) == 2


def test_a_fold_goes_on_where_it_stood() -> None:
    """What it knows is a value that can be kept."""
    first, second = measured(point(5, time=1), point(8, time=2))
    begun = Counters()
    begun.added(first)
    assert Counters(begun.standings()).added(second) == 3


RUNS = st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=6), min_size=1, max_size=5)


@given(RUNS, st.booleans())
def test_what_was_added_is_all_that_was_counted(runs: list[list[int]], twice: bool) -> None:
    """Over any number of restarts the sum is what each run counted, told once or twice."""
    points, second = [], 0
    for steps in runs:
        start, total = second, 0
        for step in steps:
            second, total = second + 1, total + step
            points.append(point(total, start=start, time=second))
        second += 1
    found = measured(*points)
    counters = Counters()
    again = [event for event in found for _ in range(2 if twice else 1)]
    assert sum(counters.added(event) or 0 for event in again) == sum(map(sum, runs))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_order_within_a_run_changes_no_sum(steps: list[int], chance: object) -> None:
    """Points of one start add up to the last, whichever comes first."""
    totals = [sum(steps[: number + 1]) for number in range(len(steps))]
    found = measured(*(point(total, time=number + 1) for number, total in enumerate(totals)))
    chance.shuffle(found)  # type: ignore[attr-defined]
    counters = Counters()
    assert sum(counters.added(event) or 0 for event in found) == totals[-1]


def test_recorded_cumulative_and_delta_metrics_say_the_same() -> None:
    """The same conversation, exported both ways, counted the same tokens and the same cost."""

    def sums(case: str) -> dict[tuple[str, str], float]:
        counters, found = Counters(), dict[tuple[str, str], float]()
        for event in events(case):
            if event.kind is Kind.METRIC and event.attributes["metric"].endswith(".usage"):
                key = (event.attributes["metric"], event.attributes.get("type", ""))
                found[key] = found.get(key, 0.0) + (counters.added(event) or 0.0)
        return {key: round(value, 6) for key, value in found.items()}

    cumulative = sums("claude/otel-cumulative")
    assert cumulative == sums("claude/otel-json")
    assert cumulative[("claude_code.token.usage", "output")] == 422
