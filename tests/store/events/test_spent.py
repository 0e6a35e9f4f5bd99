"""What an events store tells budgets: each request once, under the run it belongs to."""

from collections import defaultdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.events.made_events import at, distinct, event, others, requests

from pawl.store.events.duckdb import DuckEvents
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.spent import Observed

SINCE = "2025-11-01T00:00:00.000000Z"


def spent(folder: Path, events: list[Event], since: str = SINCE) -> tuple[Observed, ...]:
    """Return what a store tells that holds these events."""
    with SpoolWriter(folder / "spool", "w") as writer:
        writer.append(events)
        writer.commit()
    with DuckEvents(folder) as store:
        store.drain(folder / "spool")
        return store.spend(since)


def test_a_request_belongs_to_the_run_that_carried_its_session(tmp_path: Path) -> None:
    """Told by the run, by the transcript of its session, or of no run at all."""
    run = {"source": Source.RUN, "run_id": "run_1"}
    whose = {"project": "shop", "developer": "ada", "model": "m"}
    found = spent(
        tmp_path,
        [
            event("1", kind=Kind.RUN_STARTED, session_id="s1", time=at(0), **run),
            event("2", session_id="s1", request_id="r1", input=1, cost_micros=5, **whose, **run),
            event("3", session_id="s1", request_id="r1", input=1, cost_micros=5, **whose),
            event("4", session_id="s1", request_id="r2", input=1, cost_micros=7, **whose),
            event("5", session_id="s9", request_id="r3", input=1, cost_micros=11, **whose),
            event("6", session_id="s9", request_id="r4", input=1, **whose),
        ],
    )
    told = {row.run_id: (row.requests, row.cost_micros, row.unpriced) for row in found}
    assert told == {"run_1": (2, 12, 0), "": (2, 11, 1)}
    assert {(row.day, row.project, row.developer, row.model) for row in found} == {
        (at(0)[:10], "shop", "ada", "m")
    }


def test_what_was_before_is_left_out(tmp_path: Path) -> None:
    """Days are UTC, and the first one is whole."""
    events = [
        event(str(n), time=at(n), request_id=f"r{n}", input=1, cost_micros=1) for n in (0, 20)
    ]
    (late,) = spent(tmp_path, events, since=at(10)[:10] + "T00:00:00.000000Z")
    assert (late.day, late.cost_micros) == (at(20)[:10], 1)


@settings(max_examples=15)
@given(st.lists(requests() | others(), max_size=25).map(distinct))
def test_the_sums_are_those_of_the_bill(events: list[Event]) -> None:
    """Whatever collides: budgets and bill never disagree on what was spent in all."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pawl-spent-") as name:
        folder = Path(name)
        found = spent(folder, events)
        with DuckEvents(folder) as store:
            total = store.bill(()).total
    sums: dict[str, int] = defaultdict(int)
    for row in found:
        sums["requests"] += row.requests
        sums["micros"] += row.cost_micros
        sums["unpriced"] += row.unpriced
    assert sums["requests"] == total.requests
    assert sums["micros"] == total.cost_micros
    assert sums["unpriced"] == total.unpriced_requests
