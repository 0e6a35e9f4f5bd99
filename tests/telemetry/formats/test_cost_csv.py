"""Cost logs: `timestamp,project,cost`."""

from tests.telemetry.formats.lines import observe

from pawl.telemetry.format import Depth
from pawl.telemetry.formats.cost_csv import FORMAT
from pawl.telemetry.reconcile import reconcile

HEAD = b"timestamp,project,cost\n"
ROWS = b"2026-11-20T10:00:00Z,shop,0.0125\n2026-11-20T10:00:00Z,shop,0.0125\n1795168800,,$2\n"


def test_rows_are_reported_money_without_tokens() -> None:
    """Each row is money somebody else worked out; there is nothing to price or to check."""
    seen = observe(FORMAT, HEAD + ROWS)
    assert [one.reported_micros for one in seen] == [12_500, 12_500, 2_000_000]
    assert [one.project for one in seen] == ["shop", "shop", None]
    assert all(one.input is None for one in seen)
    assert seen[2].time == "2026-11-20T10:00:00.000000Z"


def test_two_equal_rows_are_two_and_a_file_read_twice_is_one() -> None:
    """Identical neighbours are separate runs; reading the file again adds nothing."""
    once = observe(FORMAT, HEAD + ROWS)
    assert len(reconcile(once)) == len(reconcile([*once, *observe(FORMAT, HEAD + ROWS)])) == 3


def test_columns_may_come_in_another_order_or_not_at_all() -> None:
    """The heading says which column is which; without one the usual order holds."""
    (seen,) = observe(FORMAT, b"cost,project,timestamp\n1,shop,2026-11-20\n")
    assert (seen.project, seen.reported_micros) == ("shop", 1_000_000)
    assert len(observe(FORMAT, ROWS)) == 3


def test_a_reader_goes_on_where_another_stopped() -> None:
    """The heading and the last row are remembered between pieces of a growing log."""
    first = FORMAT.open("x.csv", Depth(), None)
    first.observe(HEAD + ROWS[:33])
    second = FORMAT.open("x.csv", Depth(), first.state())
    rest = second.observe(ROWS[33:])
    assert [one.id for one in rest] == [one.id for one in observe(FORMAT, HEAD + ROWS)[1:]]


def test_broken_rows_are_counted() -> None:
    """A row that is no row is skipped, a negative cost is refused."""
    reader = FORMAT.open("x.csv", Depth(), None)
    broken = b"soon,shop,1\n2026-11-20,shop\n2026-11-20,shop,nan\n2026-11-20,shop,-1\n"
    assert reader.observe(HEAD + broken) == []
    assert (reader.skipped, reader.refused) == (2, 2)


def test_a_log_is_recognised_by_its_heading() -> None:
    """Only a CSV with the three columns is a cost log."""
    assert FORMAT.recognises("costs.csv", HEAD)
    assert not FORMAT.recognises("costs.csv", b"a,b,c\n")
