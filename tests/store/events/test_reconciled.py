"""The derived tables are what the pure rule says, however the events arrive."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.events.made_events import at, distinct, event, others, requests

from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.schema import DERIVED
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import UNKNOWN, Key
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.observation import observation
from pawl.telemetry.pricing import ModelPrices, PriceFile, PriceTable, RateRow, compile_prices
from pawl.telemetry.reconcile import Requests, reconcile
from pawl.telemetry.rollup import Tally, bill_of

BY = (*((key,) for key in Key), tuple(Key), ())


def prices() -> PriceTable:
    rows = (RateRow(input=1.5, output=10.0, cache_read=0.1),)
    model = ModelPrices(id="m-1", source="made up", rows=rows, web_search=0.01)
    return compile_prices(
        [
            PriceFile(
                schema="pawl.prices/1", version="1", as_of="2026-11-21", sources={}, models=(model,)
            )
        ]
    )


def tables(store: DuckEvents) -> dict[str, list[Any]]:
    return {name: sorted(map(repr, store._rows(f"SELECT * FROM {name}", {}))) for name in DERIVED}


def load(store: DuckEvents, spool: Path, *batches: list[Event]) -> None:
    for number, batch in enumerate(batches):
        with SpoolWriter(spool, f"w{number}") as writer:
            writer.append(batch)
            writer.commit()
        store.drain(spool)


@contextmanager
def new_store() -> Iterator[tuple[DuckEvents, Path]]:
    """A store of one example's own, with its spool."""
    with tempfile.TemporaryDirectory() as name, DuckEvents(Path(name)) as store:
        yield store, Path(name) / "spool"


@pytest.mark.heavy
@settings(max_examples=40)
@given(
    events=st.lists(requests() | others(), min_size=1, max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=4),
    random=st.randoms(use_true_random=False),
)
def test_tables_kept_up_equal_tables_made_anew(
    events: list[Event], cuts: list[int], random: Any
) -> None:
    """In whatever order and batches events come, upkeep equals making anew; repeats add none."""
    facts = distinct(events)
    random.shuffle(facts)
    bounds = sorted({0, *(cut for cut in cuts if cut < len(facts)), len(facts)})
    batches = [facts[low:high] for low, high in itertools.pairwise(bounds)]
    with new_store() as (store, spool):
        load(store, spool, *batches, facts[: len(facts) // 2])
        kept_up = tables(store)
        store.make_anew()
        assert tables(store) == kept_up
        assert store._rows("SELECT count(*) FROM events", {}) == [(len(facts),)]


@pytest.mark.heavy
@settings(max_examples=45)
@given(
    events=st.lists(requests(), min_size=1, max_size=50),
    cut=st.integers(0, 50),
    since=st.sampled_from([None, at(0), at(130)]),
    until=st.sampled_from([None, at(71), at(180)]),
    project=st.sampled_from([None, "p1", UNKNOWN]),
)
def test_the_bill_is_that_of_the_pure_rule(
    events: list[Event], cut: int, since: str | None, until: str | None, project: str | None
) -> None:
    """The engine's SQL and the pure fold give the same bill by every key, and the same requests."""
    facts = distinct(events)
    table = prices()
    fold = Requests()
    fold.add(map(observation, facts))
    tally = Tally(table)
    tally.add_fold(fold)
    with new_store() as (store, spool):
        load(store, spool, facts[:cut], facts[cut:])
        store.reprice(table.price, table.version)
        filters = {} if project is None else {Key.PROJECT: project}
        stated = (table.version, table.as_of)
        found = [
            store.bill(by, since=since, until=until, filters=filters, prices=stated) for by in BY
        ]
        keys = {
            row[0].removeprefix("message:").removeprefix("event:")
            for row in store._rows("SELECT key FROM requests", {})
        }
    rollup = tally.rollup()
    for by, bill in zip(BY, found, strict=True):
        assert bill == bill_of(rollup, by, since=since, until=until, project=project)
    assert keys == {request.id for request in reconcile(map(observation, facts))}


@settings(max_examples=30)
@given(events=st.lists(requests() | others(), min_size=1, max_size=50))
@pytest.mark.heavy
def test_dropping_leaves_what_came_later_and_nothing_counted_anew(events: list[Event]) -> None:
    """Requests first seen in the month stay as they were; older ones are gone as a whole."""
    facts = distinct(events)
    moved = [each if number % 3 else _to_october(each) for number, each in enumerate(facts)]
    with new_store() as (store, spool):
        load(store, spool, moved)
        later = store._rows("SELECT * FROM requests WHERE time >= '2025-11-01' ORDER BY ALL", {})
        store.drop_before("2025-11")
        assert store._rows("SELECT * FROM requests ORDER BY ALL", {}) == later
        assert store._rows("SELECT count(*) FROM events WHERE time < '2025-11-01'", {}) == [(0,)]
        kept_up = tables(store)
        store.make_anew()
        assert tables(store) == kept_up


def _to_october(event: Event) -> Event:
    import msgspec

    return msgspec.structs.replace(event, time=event.time.replace("2025-11", "2025-10"))


def test_a_partial_count_disagrees_with_nothing(tmp_path: Path) -> None:
    """A count taken before the end of a response is a witness, and never one that disagrees."""
    told = [
        event("a", request_id="r", input=1, output=9),
        event("b", request_id="r", source=Source.RUN, input=1, output=2, final=False),
        event("c", request_id="r", source=Source.TELEMETRY, input=1, output=8, final=True),
    ]
    with DuckEvents(tmp_path) as store:
        load(store, tmp_path / "spool", told)
        shares = {share.source: share.disagrees for share in store.bill(()).sources}
    assert shares == {"transcript": 0, "run": 0, "telemetry": 1}


def test_the_price_table_s_change_reprices_once(tmp_path: Path) -> None:
    """A new version prices everything again, the same version nothing; runs follow."""
    asked: list[tuple[str, str]] = []

    def price(model: str, usage: Any, day: str) -> int | None:
        asked.append((model, day))
        return 5 if model == "m-1" else None

    with DuckEvents(tmp_path) as store:
        load(
            store,
            tmp_path / "spool",
            [
                event("a", session_id="s", request_id="r1", model="m-1", input=1, output=1),
                event("b", session_id="s", request_id="r2", model="m-1", input=1, output=1),
                event("c", session_id="s", request_id="r3", model="m-2", input=1, output=1),
                event("d", session_id="s", kind=Kind.REQUEST, reported_micros=9),
            ],
        )
        assert store.reprice(price, "v1") == 4
        assert sorted(asked) == [("m-1", "2025-11-20"), ("m-2", "2025-11-20")]
        assert store.reprice(price, "v1") == 0
        total = store.bill(()).total
        assert (total.cost_micros, total.unpriced_requests) == (5 + 5 + 9, 1)
        run = store.run("s")
        assert run is not None
        assert (run.cost_micros, run.cost_basis) == (19, "unpriced")
        assert store.reprice(lambda model, usage, day: 7, "v2") == 4
        assert store.bill(()).total.cost_micros == 7 + 7 + 7 + 9
