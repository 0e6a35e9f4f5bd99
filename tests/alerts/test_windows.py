"""Windows, the latest and shares: their short cuts say what the long way says."""

from bisect import insort
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.alerts.windows import Counts, Latest

instants = st.floats(0, 5_000, allow_nan=False) | st.integers(0, 5_000).map(float)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(instants, st.integers(0, 1), st.integers(-2, 3)), max_size=60),
    st.sampled_from([(60.0, 30), (100.0, 30), (600.0, 48), (7.0, 1)]),
)
def test_counts_of_a_window_are_those_of_its_slices(
    told: list[tuple[float, int, int]], size: tuple[float, int]
) -> None:
    """Whatever the order and however wide a slice, each amount is in the slice of its instant."""
    window_s, parts = size
    counts = Counts(window_s, 2, parts)
    slices: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    now = 0.0
    for at, field, amount in told:
        counts.add(at, field, amount)
        slices[int(at // (window_s / parts))][field] += amount
        now = max(now, at)  # Nothing is counted that is still to come.
        last = int(now // (window_s / parts))
        within = [slices.get(index, [0, 0]) for index in range(last - parts + 1, last + 1)]
        assert counts.sums(now) == [sum(each[field] for each in within) for field in (0, 1)]


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 6).map(float), st.integers(0, 9)),
        max_size=60,
    )
)
def test_what_is_put_again_takes_the_place_it_would_have_been_given(
    told: list[tuple[str, float, int]],
) -> None:
    """Putting in place of an earlier one is taking that out and putting this one in."""
    latest: Latest[int] = Latest(4)
    kept: list[tuple[float, str, int]] = []
    for key, at, value in told:
        latest.put(at, key, value)
        kept = [each for each in kept if each[1] != key]
        if len(kept) < 4 or (at, key) >= kept[0][:2]:
            insort(kept, (at, key, value))
            kept = kept[-4:]
        assert latest.since(-1.0) == [(name, number) for _, name, number in kept]
