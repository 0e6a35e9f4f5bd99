"""What is new, and pages of the past: the events that the rows hold, whatever is in them."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.store.events.made_events import at, event

from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.news import Mark, events_of
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source

WHOLE = ("2025-01-01T00:00:00.000000Z", "2026-11-01T00:00:00.000000Z")
TEXTS = (None, "", "p", 'a"b:"",\\d', "x\ty\nz\x00", "Ünïcode ☃ 漢字", ':""', "null")


def strange(count: int) -> list[Event]:
    """Return events with every kind of value, many at one instant, in no order."""
    chance, made = random.Random(7), []
    for n in range(count):
        keys = ("a", "stop_reason", 'q"', "☃")
        values: dict[str, Any] = {
            name: chance.choice(TEXTS)
            for name in ("session_id", "run_id", "project", "model", "tool", "request_id")
        }
        numbers: dict[str, Any] = {
            name: chance.choice((None, 0, 7, 2**62))
            for name in ("input", "output", "duration_ms", "cost_micros", "reported_micros")
        }
        made.append(
            event(
                f"e{n}",
                time=at(chance.randrange(8)),
                kind=chance.choice(list(Kind)),
                source=chance.choice(list(Source)),
                final=chance.choice((None, True, False)),
                attributes={key: chance.choice(("x", *TEXTS[1:])) for key in keys[: n % 5]},
                **values,
                **numbers,
            )
        )
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckEvents]:
    """Return a store that holds the strange events."""
    with SpoolWriter(tmp_path / "spool", "w") as writer:
        writer.append(strange(400))
        writer.commit()
    with DuckEvents(tmp_path) as opened:
        opened.drain(tmp_path / "spool")
        yield opened


@pytest.mark.parametrize("page", [1, 7, 400, 1000])
def test_pages_of_the_past_are_the_rows_in_their_order(store: DuckEvents, page: int) -> None:
    """Read as text, by bounds, they are what the rows are one by one; no page is larger."""
    rows = list(store.history(*WHOLE))
    assert len(rows) == 400
    pages = list(store.events_from(*WHOLE, most=1000, page=page))
    assert [each for part in pages for each in part] == rows
    assert max(map(len, pages)) == min(page, 400)
    assert all(pages)


def test_what_is_loaded_after_a_mark_is_what_the_rows_are(store: DuckEvents) -> None:
    """Every event comes once, with the same values as the history gives."""
    mark, found = Mark(), dict[str, Event]()
    while (told := store.events_after(mark, limit=33)) is not None and told[0]:
        found |= {each.id: each for each in told[0]}
        mark = told[1]
    assert found == {each.id: each for each in store.history(*WHOLE)}
    assert mark == store.newest_mark()


def test_what_a_later_pawl_wrote_is_passed_over_one_by_one() -> None:
    """An unknown kind costs its own event only; an attribute without a value is none."""
    plain = '{"id":"%s","time":"t","kind":"%s","source":"run","agent":"a","attributes":%s}'
    told = events_of(
        [
            plain % ("1", "request", '{"k":"v"}'),
            plain % ("2", "from_the_future", "{}"),
            plain % ("3", "error", '{"k":null,"l":"","m":"w"}'),
        ]
    )
    assert [(each.id, each.kind, each.attributes) for each in told] == [
        ("1", Kind.REQUEST, {"k": "v"}),
        ("3", Kind.ERROR, {"m": "w"}),
    ]
