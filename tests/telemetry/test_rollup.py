"""A bill is a sum of cells, and money unknown is never money."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.telemetry.bill import UNKNOWN, Amount, Key
from pawl.telemetry.observation import Observation
from pawl.telemetry.pricing import ModelPrices, PriceFile, RateRow, compile_prices
from pawl.telemetry.reconcile import Requests
from pawl.telemetry.rollup import Rollup, Tally, bill, bill_of

PRICES = compile_prices(
    [
        PriceFile(
            schema="pawl.prices/1",
            version="v1",
            as_of="2026-11-21",
            sources={"here": "a test"},
            models=(ModelPrices(id="m1", source="here", rows=(RateRow(input=1, output=2),)),),
        )
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> Observation:
    """A request of its own, in one of a few hours and projects."""
    day, hour = draw(st.integers(1, 3)), draw(st.integers(0, 23))
    return Observation(
        id=draw(st.uuids()).hex,
        time=f"2026-11-0{day}T{hour:02}:30:00.000000Z",
        rank=draw(st.integers(0, 3)),
        agent="claude-code",
        model=draw(st.sampled_from([None, "m1", "m2"])),
        input=draw(st.sampled_from([None, 0, 7])),
        output=3,
        project=draw(st.sampled_from([None, "p1", "p2"])),
        reported_micros=draw(st.sampled_from([None, 50])),
    )


def fold(seen: list[Observation]) -> Requests:
    made = Requests()
    made.add(seen)
    return made


def rollup(seen: list[Observation]) -> Rollup:
    tally = Tally(PRICES)
    tally.add_fold(fold(seen))
    return tally.rollup()


keys = st.lists(st.sampled_from(list(Key)), unique=True, max_size=3).map(tuple)
many = st.lists(requests(), max_size=8)


@settings(max_examples=40)
@given(many, keys)
def test_cells_and_requests_give_the_same_bill(
    seen: list[Observation], by: tuple[Key, ...]
) -> None:
    """The quick way over a rollup and the plain way over requests agree in every part."""
    window = {"since": "2026-11-01T12", "until": "2026-11-03T06", "project": "p1"}
    for asked in ({}, window):
        quick = bill_of(rollup(seen), by, **asked)
        assert quick == bill(fold(seen).requests(), by, prices=PRICES, **asked)


@settings(max_examples=40)
@given(many, keys)
def test_rows_add_up_to_the_total(seen: list[Observation], by: tuple[Key, ...]) -> None:
    """No request falls between two groups, and none is in two."""
    answer = bill_of(rollup(seen), by)
    assert sum((row.amount for row in answer.rows), Amount()) == answer.total
    assert answer.total.requests == len(fold(seen).requests())
    assert sum(model.requests for model in answer.unpriced) == answer.total.unpriced_requests


@settings(max_examples=40)
@given(many, st.integers(0, 23))
def test_a_window_cuts_nothing_in_two(seen: list[Observation], hour: int) -> None:
    """What is before an hour and what is from it on are all there is."""
    at = f"2026-11-02T{hour:02}:00:00.000000Z"
    cells = rollup(seen)
    before, after = bill_of(cells, (), until=at), bill_of(cells, (), since=at)
    assert before.total + after.total == bill_of(cells, ()).total


def one(**fields: object) -> Observation:
    base = {"id": "e", "time": "2026-11-01T10:00:00.000000Z", "rank": 0, "agent": "a", "input": 4}
    return Observation(**(base | fields))  # type: ignore[arg-type]


def test_an_unknown_model_is_listed_and_costs_nothing() -> None:
    """Its tokens are in the row and in the list, its money nowhere."""
    answer = bill_of(rollup([one(model="m2", output=5, reported_micros=9)]), (Key.MODEL,))
    assert (answer.total.cost_micros, answer.total.unpriced_requests) == (0, 1)
    assert [(model.model, model.usage.output) for model in answer.unpriced] == [("m2", 5)]


def test_a_cost_without_tokens_is_taken_as_reported() -> None:
    """A row of a cost log is money, though nothing in it can be checked."""
    answer = bill_of(rollup([one(model=None, input=None, reported_micros=9, rank=3)]), (Key.MODEL,))
    assert (answer.total.cost_micros, answer.total.unpriced_requests) == (9, 0)
    assert answer.rows[0].keys == (UNKNOWN,)


def test_each_source_has_its_share() -> None:
    """Who pays, who confirms and who disagrees is counted by source and agent."""
    seen = [
        one(request_id="r1", model="m1"),
        one(request_id="r1", model="m1", rank=1, input=5),
        one(request_id="r2", model="m1", rank=1),
    ]
    shares = {share.source: share for share in bill_of(rollup(seen), ()).sources}
    assert (shares["transcript"].pays, shares["transcript"].confirms) == (1, 0)
    run = shares["run"]
    assert (run.requests, run.pays, run.confirms, run.disagrees) == (2, 1, 1, 1)
