"""Every question has the same answer, row for row, from the embedded engine and from ClickHouse."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.scale.endpoint import Servers, clickhouse_missing, one_server
from tests.store.events.endurance import prices

from pawl.base.times import time_from_ms
from pawl.store.events import queries
from pawl.store.events.answers import RUN_SORTS
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.practice import WorkPlace
from pawl.store.events.schema import DERIVED
from pawl.store.events.store import EventsStore
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import UNKNOWN, Key
from pawl.telemetry.event import Event, Kind, Source

_MISSING = clickhouse_missing()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")

START_MS = 1_767_200_000_000  # The last hours of a year, so that a month and a year turn.
HOUR_MS = 3_600_000
TEXTS = (None, "", "p", "projet-é", "Ünïcode ☃ 漢字", "a'b\"c\\d", "x\ty\nz", "50%_!")


@dataclass
class Pair:
    """The same events in both stores."""

    duck: DuckEvents
    click: ClickEvents
    asked: set[str]

    def same(self, ask: Callable[[EventsStore], object]) -> Any:
        """Return the answer of both; they must be equal."""
        one, other = ask(self.duck), ask(self.click)
        assert one == other
        return one


def made_up(count: int, seed: int) -> list[Event]:
    """Return events of four months that collide in ids, with unknown and odd values."""
    chance = random.Random(seed)
    return [_made_up(number, chance) for number in range(count)]


def _made_up(number: int, chance: random.Random) -> Event:
    alive = number // 8
    kind = chance.choices(
        [
            *(Kind.REQUEST, Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.TOOL_DENIED, Kind.ERROR),
            *(Kind.RUN_STARTED, Kind.RUN_ENDED),
        ],
        [8, 3, 3, 1, 1, 1, 1],
    )[0]
    hour = chance.choice((alive, alive, alive, alive + chance.randrange(3000)))
    common: dict[str, Any] = {
        "id": f"e{number}",
        "time": time_from_ms(START_MS + hour * HOUR_MS + chance.randrange(4_000_000)),
        "kind": kind,
        "source": chance.choice(list(Source)),
        "agent": chance.choice(["claude-code", "codex"]),
        "session_id": chance.choices([None, f"session-{alive}", "s0"], [4, 15, 1])[0],
        "run_id": chance.choice([None, None, None, f"run_{alive // 3:06d}"]),
        "project": chance.choice(TEXTS),
        "repo": chance.choice([None, "", "org/repo"]),
        "branch": chance.choice([None, "main", "feature/ß"]),
        "developer": chance.choice([None, "ada@example.org", "Ünal"]),
    }
    if kind is not Kind.REQUEST:
        return Event(
            tool=chance.choice([None, "Bash", "mcp__é__x"]),
            tool_call_id=chance.choice([None, f"t{alive}"]),
            outcome=chance.choice([None, "ok", "error"]),
            cost_micros=chance.choice([None, 0, 5]),
            attributes=chance.choice(
                [{}, {"turns": "3"}, {"turns": "many"}, {"stop_limit": "max-usd", "ключ": "знач"}]
            ),
            **common,
        )
    return Event(
        request_id=chance.choice([None, f"req_{number // 3}"]),
        message_id=chance.choice([None, f"msg_{number // 3}", f"msg_{chance.randrange(9)}"]),
        model=chance.choice([None, "", "m-1", "m-2"]),
        # More than a float holds, and so rarely that no sum leaves 64 bits.
        input=2**53 + 1 if number % 50 == 0 else chance.choice([None, 0, 7]),
        cache_read=chance.choice([None, 0, 100_000]),
        output=chance.choice([None, 0, 3]),
        reasoning=chance.choice([None, 1]),
        web_searches=chance.choice([None, 2]),
        duration_ms=chance.choice([None, 0, 1234]),
        final=chance.choice([None, True, False]),
        reported_micros=chance.choice([None, 11, 0]),
        attributes=chance.choice(
            [{}, {"sidechain": "true"}, {"copied": "true"}, {"cwd": "/a/ö"}, {"empty": ""}]
        ),
        **common,
    )


def load(store: EventsStore, spool: Path, *batches: list[Event]) -> list[int]:
    """Load batches, price after each; return how many events of each were new."""
    table, fresh = prices(1), []
    for number, batch in enumerate(batches):
        with SpoolWriter(spool, f"w{number}") as writer:
            writer.append(batch)
            writer.commit()
        fresh.append(store.drain(spool).events)
        store.reprice(table.price, table.version)
    return fresh


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with one_server(tmp_path_factory.mktemp("clickhouse")) as servers:
        yield servers


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((160, 1), id="small"),
        pytest.param((20_000, 2), id="bigger", marks=pytest.mark.heavy),
    ],
)
def pair(
    request: pytest.FixtureRequest, server: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Both stores, filled with the same events in the same batches."""
    count, seed = request.param
    folder = tmp_path_factory.mktemp(f"pair{count}")
    facts = made_up(count, seed)
    third = count // 3
    batches = facts[:third], facts[third:], facts[: third // 2]
    asked: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        read = queries.query

        def noted(name: str) -> str:
            asked.add(name)
            return read(name)

        for module in ("answers", "practice", "totals"):
            patch.setattr(f"pawl.store.events.{module}.query", noted)
        with (
            DuckEvents(folder / "duck") as duck,
            ClickEvents(server.url(f"pair{count}"), folder / "click") as click,
        ):
            fresh = load(duck, folder / "duck" / "spool", *batches)
            assert load(click, folder / "click" / "spool", *batches) == fresh
            assert fresh[-1] == 0
            yield Pair(duck, click, asked)


def rows_of(store: EventsStore, table: str) -> list[str]:
    """Return every row as text, sorted; a map without an entry is one that is not there."""
    found = store._rows(f"SELECT * FROM {table}", {})
    return sorted(
        repr(tuple(value or None if type(value) is dict else value for value in row))
        for row in found
    )


@pytest.mark.parametrize("table", ["events", *DERIVED])
def test_tables_are_equal(pair: Pair, table: str) -> None:
    """Events and everything made of them are the same rows in both stores."""
    assert pair.same(lambda store: rows_of(store, table))


@pytest.mark.parametrize("by", [(key,) for key in Key] + [tuple(Key), ()], ids=str)
def test_bills_are_equal(pair: Pair, by: tuple[Key, ...]) -> None:
    """A bill by any key, of any window and filter, is the same."""
    times = (None, "2026-01-01T00:00:00.000000Z", "2026-02-14T10:30:00.000000Z")
    filters: list[dict[Key, str]] = [{}, {Key.PROJECT: UNKNOWN}, {Key.PROJECT: TEXTS[5] or ""}]
    for since, until, chosen in itertools.product(times, times, filters):
        pair.same(
            lambda store, since=since, until=until, chosen=chosen: store.bill(  # type: ignore[misc]
                by, since=since, until=until, filters=chosen
            )
        )


@pytest.mark.parametrize("sort", RUN_SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_lists_of_runs_are_equal(pair: Pair, sort: str, descending: bool) -> None:
    """Runs in any order come in the same order, unknown values last, page by page."""
    first, count = pair.same(lambda store: store.runs(sort=sort, descending=descending, limit=7))
    assert first
    assert count > 7
    pair.same(lambda store: store.runs(sort=sort, descending=descending, limit=7, offset=5))


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "ÜNÏ"},
        {"text": "50%_!"},
        {"text": "a'b\"c\\"},
        {"text": "run_"},
        {"agent": "codex"},
        {"project": "projet-é"},
        {"developer": "Ünal", "since": "2026-01-02T00:00:00.000000Z"},
        {"outcome": "observed"},
        {"outcome": "running"},
        {"outcome": "succeeded"},
    ],
    ids=str,
)
def test_chosen_runs_are_equal(pair: Pair, asked: dict[str, Any]) -> None:
    """Runs of an agent, a text, an outcome or a time are the same."""
    pair.same(lambda store: store.runs(**asked))


def test_each_run_s_events_and_requests_are_equal(pair: Pair) -> None:
    """The timeline of a run, and its requests as the payer told them, are the same."""
    runs, _ = pair.same(lambda store: store.runs(limit=25))
    for run in runs:
        pair.same(lambda store, run=run: store.run(run.run_id))  # type: ignore[misc]
        pair.same(lambda store, run=run: store.timeline(run.run_id, limit=30))  # type: ignore[misc]
        pair.same(lambda store, run=run: store.requests(run.run_id))  # type: ignore[misc]
    assert pair.same(lambda store: store.run("no such run")) is None


def test_other_answers_are_equal(pair: Pair) -> None:
    """Tools, outcomes, choices, practice and totals are the same, whole and in a window."""
    since, until = "2026-01-01T00:00:00.000000Z", "2026-03-01T00:00:00.000000Z"
    assert pair.same(lambda store: store.tools())
    pair.same(lambda store: store.tools(since=since, until=until))
    pair.same(lambda store: store.tools(run_id="run_000001"))
    assert pair.same(lambda store: store.outcomes())
    pair.same(lambda store: store.outcomes(since))
    assert pair.same(lambda store: store.choices())
    whole = ("2025-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z")
    for window in (whole, (since, until)):
        for whose in (WorkPlace(), WorkPlace(project="p"), WorkPlace(repo="org/repo", project="p")):
            pair.same(lambda store, a=window, b=whose: store.practice(*a, b))  # type: ignore[misc]
    totals = pair.same(lambda store: store.totals())
    assert len(totals) > 3


def test_no_query_is_left_out(pair: Pair) -> None:
    """Every file of `queries` was asked above of both engines; a new one needs a question here."""
    folder = Path(queries.__file__).parent
    assert pair.asked == {path.stem for path in folder.glob("*.sql")}


def test_made_anew_they_are_what_was_kept_up(pair: Pair) -> None:
    """Making everything anew in ClickHouse gives the rows that upkeep left."""
    pair.click.make_anew()
    for table in DERIVED:
        pair.same(lambda store, table=table: rows_of(store, table))  # type: ignore[misc]


def test_dropped_months_leave_equal_stores(pair: Pair) -> None:
    """After the months before one are dropped, both stores hold the same; later ones are whole."""
    before = pair.duck.totals()
    pair.same(lambda store: store.drop_before("2026-02"))
    for table in ("events", *DERIVED):
        pair.same(lambda store, table=table: rows_of(store, table))  # type: ignore[misc]
    left = [msgspec.structs.replace(month, events=0) for month in pair.duck.totals()]
    whole = [msgspec.structs.replace(m, events=0) for m in before if m.month >= "2026-02"]
    assert left == whole
