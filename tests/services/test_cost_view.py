"""A bill laid out by day and group loses nothing and invents nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.services.cost_view import OTHERS, SERIES, cost_view
from pawl.telemetry.bill import Amount, Bill, BillRow, Key
from pawl.telemetry.usage import Usage

DAYS = [f"2026-11-{day:02d}" for day in range(1, 11)]


def bill(rows: list[tuple[str, str, int]]) -> Bill:
    """Return a bill by day and model."""
    listed = tuple(
        BillRow(keys=(d, m), amount=Amount(requests=1, usage=Usage(input=9), cost_micros=micros))
        for d, m, micros in rows
    )
    total = sum((row.amount for row in listed), Amount())
    return Bill(
        by=(Key.DAY, Key.MODEL), rows=listed, total=total, unpriced=(), sources=(),
        prices_version="t", prices_as_of="2026-11-01",
    )  # fmt: skip


_ROWS = st.lists(
    st.tuples(st.sampled_from(DAYS), st.sampled_from([f"m{n}" for n in range(12)]), st.integers(0)),
    max_size=40,
)


@given(_ROWS)
@settings(max_examples=60)
def test_rows_and_days_add_up_to_the_total(rows: list[tuple[str, str, int]]) -> None:
    """The groups, the days and the series of each day all sum to the bill's total."""
    made = bill(rows)
    view = cost_view(
        made, key=Key.MODEL, columns=(Key.DAY, Key.MODEL), first=DAYS[0], last=DAYS[-1]
    )
    assert sum((row.amount for row in view.rows), Amount()) == made.total
    assert sum((day.total for day in view.days), Amount()) == made.total
    cells = [amount for day in view.days for amount in day.amounts if amount is not None]
    assert sum(cells, Amount()) == made.total
    assert len(view.series) <= SERIES
    assert len(view.days) == len(DAYS)


def test_the_dearest_groups_are_drawn_and_the_rest_added_up() -> None:
    """With more groups than colours the cheapest become one series."""
    made = bill([("2026-11-01", f"m{n}", n) for n in range(9)])
    view = cost_view(made, key=Key.MODEL, columns=made.by, first="2026-11-01", last="2026-11-01")
    assert view.series == ("m8", "m7", "m6", "m5", "m4", OTHERS)
    assert view.days[0].amounts[-1] is not None
    assert view.days[0].amounts[-1].cost_micros == 0 + 1 + 2 + 3


def test_a_day_without_requests_is_unknown_not_zero() -> None:
    """A gap in time is a row with nothing in it."""
    made = bill([("2026-11-01", "m", 5), ("2026-11-03", "m", 5)])
    view = cost_view(made, key=Key.MODEL, columns=made.by, first="2026-11-01", last="2026-11-03")
    assert [day.amounts[0] is None for day in view.days] == [False, True, False]
