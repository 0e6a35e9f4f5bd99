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
from pawl.changes.stage_metrics import Side
from pawl.store.events import queries
from pawl.store.events.answers import RUN_SORTS
from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.history import walk_history
from pawl.store.events.objective_days import QUERIES, ObjectiveDay
from pawl.store.events.practice import WorkPlace
from pawl.store.events.schema import DERIVED
from pawl.store.events.store import EventsStore
from pawl.store.spool import SpoolWriter
from pawl.telemetry.bill import UNKNOWN, Key
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.task_classes import task_classes

_MISSING = clickhouse_missing()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")

START_MS = 1_767_200_000_000  # The last hours of a year, so that a month and a year turn.
HOUR_MS = 3_600_000
TEXTS = (None, "", "p", "projet-é", "Ünïcode ☃ 漢字", "a'b\"c\\d", "x\ty\nz", "50%_!")
OUTCOMES = ("succeeded", "succeeded", "agent_failed", "stopped", "interrupted")
WHOLE = ("2025-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z")
WINDOWS = (WHOLE, ("2026-01-01T00:00:00.000000Z", "2026-02-14T10:30:00.000000Z"))
_ASKING = (
    *("answers", "history", "objective_days", "overview_answers", "practice", "spent"),
    *("stage_sides", "telemetry_answers", "totals"),
)
"""Modules that ask files of `queries`."""


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
    chance, more = random.Random(seed), random.Random(seed + 1000)
    return [_dressed(_made_up(number, chance), more) for number in range(count)]


def _dressed(event: Event, chance: random.Random) -> Event:
    """Add what only some questions look at: workflows, failures by class, spans, sub-agents."""
    kind, own = event.kind, event.attributes
    workflow = chance.choices([None, "", "nightly", "prüfen"], [6, 1, 2, 1])[0]
    parent: str | None = None
    duration = event.duration_ms
    tool = event.tool
    if kind is Kind.ERROR:
        kind = chance.choice([Kind.ERROR, Kind.RETRY, Kind.REFUSAL, Kind.SPAN])
        own = chance.choice(
            [{"error_class": "overload"}, {"error_class": "", "status": "529"}, {"error": "é"}, {}]
        )
    elif kind in (Kind.RUN_STARTED, Kind.RUN_ENDED):
        told = [{"limits": "none"}, {"limits": "usd=1"}, {"error_class": "auth"}, {}]
        own = own | chance.choice(told)
        if kind is Kind.RUN_ENDED and event.outcome is not None:
            event = msgspec.structs.replace(event, outcome=chance.choice(OUTCOMES))
    if kind is Kind.REQUEST:
        parent = chance.choice([None, None, None, "toolu_1"])
    else:
        duration = chance.choice([None, 0, 7, 12_345])
    served = random.Random(event.id).randrange(4)  # By the id, so that nothing else is another.
    if served < 2:
        own = own | ({"change": "chg-1"} if served else {"change_digest": "d1"})
    if kind in (Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.TOOL_DENIED):
        tool = chance.choice([tool, tool, "Edit", "Read"])
    return msgspec.structs.replace(
        event,
        kind=kind,
        attributes=own,
        parent_id=parent,
        duration_ms=duration,
        tool=tool,
        workflow="nightly" if kind is Kind.RUN_ENDED else workflow,
    )


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
            tool_call_id=chance.choice([None, f"t{alive}", f"t{alive}", "item_1"]),
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

        for module in _ASKING:
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
    assert pair.same(lambda store: store.sessions_of("Ünal"))
    assert not pair.same(lambda store: store.sessions_of("nobody"))
    for window in (WHOLE, (since, until)):
        for whose in (WorkPlace(), WorkPlace(project="p"), WorkPlace(repo="org/repo", project="p")):
            pair.same(lambda store, a=window, b=whose: store.practice(*a, b))  # type: ignore[misc]
    totals = pair.same(lambda store: store.totals())
    assert len(totals) > 3


@pytest.mark.parametrize("window", WINDOWS, ids=["whole", "part"])
def test_the_days_of_objectives_are_equal(pair: Pair, window: tuple[str, str]) -> None:
    """Good and bad of each day are the same for every indicator, and so are the active days."""

    def ask(indicator: str, project: str | None) -> tuple[ObjectiveDay, ...]:
        found: tuple[ObjectiveDay, ...] = pair.same(
            lambda store: store.objective_days(
                indicator, *window, project=project, threshold_ms=1000.5
            )
        )
        return found

    everybody = [day for indicator in QUERIES for day in ask(indicator, None)]
    assert sum(day.good for day in everybody)
    assert sum(day.bad for day in everybody)
    assert [day for indicator in QUERIES for day in ask(indicator, "p")] != everybody
    for project in (None, "p"):
        assert pair.same(lambda store, p=project: store.active_days(*window, p))  # type: ignore[misc]


@pytest.mark.parametrize("window", WINDOWS, ids=["whole", "part"])
def test_conduct_and_meters_are_equal(pair: Pair, window: tuple[str, str]) -> None:
    """The first page's numbers and those of `/metrics` are the same."""
    conduct = pair.same(lambda store: store.conduct(*window, 1))
    pair.same(lambda store: store.conduct(*window, 3))
    assert conduct.errors
    assert conduct.denied
    if window == WHOLE:
        assert conduct.endings
        assert conduct.repeated
    meters = pair.same(lambda store: store.meters(*window, window[0]))
    assert meters.requests
    assert meters.runs
    assert meters.errors
    assert meters.latencies
    assert meters.newest
    later = "2028-01-01T00:00:00.000000Z"
    assert pair.same(lambda store: store.meters(later, later, later)).newest is None


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"failing": True, "since": "2026-01-01T00:00:00.000000Z"},
        {"filters": {"project": "projet-é", "agent": "codex"}},
        {"session_id": "s0"},
        {"session_id": "session-3"},
        {"limit": 5, "offset": 5},
    ],
    ids=str,
)
def test_sessions_are_equal(pair: Pair, asked: dict[str, Any]) -> None:
    """Lists of sessions, those of one, and each one's events are the same."""
    found, count = pair.same(lambda store: store.sessions(**asked))
    assert found
    assert count >= len(found)
    for session in found[:9]:
        name = session.session_id
        events, _ = pair.same(lambda store, name=name: store.session_events(name, 7))  # type: ignore[misc]
        assert events


@pytest.mark.parametrize("window", WINDOWS, ids=["whole", "part"])
@pytest.mark.parametrize("filters", [{}, {"project": "p"}, {"agent": "codex"}], ids=str)
def test_tools_and_models_are_equal(
    pair: Pair, window: tuple[str, str], filters: dict[str, str]
) -> None:
    """Tools by project and agent, calls that failed, models and task classes are the same."""
    for by in ("", "project", "agent"):
        calls = pair.same(
            lambda store, by=by: store.tool_activity(*window, by=by, filters=filters, limit=50)  # type: ignore[misc]
        )
        assert calls or filters
    for tool in (None, "Bash"):
        failed = pair.same(
            lambda store, tool=tool: store.tool_failures(  # type: ignore[misc]
                *window, tool=tool, filters=filters, limit=40
            )
        )
        assert failed or filters or tool
    models = pair.same(lambda store: store.model_activity(*window, filters=filters))
    assert models or filters
    used = pair.same(
        lambda store: store.class_usage(
            *window, classes=task_classes(), sizes=(5, 50_000), filters=filters
        )
    )
    assert filters or len({row.tier for row in used}) == 3


@pytest.mark.parametrize("window", WINDOWS, ids=["whole", "part"])
def test_people_and_spend_are_equal(pair: Pair, window: tuple[str, str]) -> None:
    """What a person, a team, and each day's owners spent is the same."""
    assert pair.same(lambda store: store.person_days(["ADA@example.org", "ünal"], *window))
    persons = {"ada@example.org": "ada", "ünal": "ada", "nobody": "nobody"}
    team = pair.same(lambda store: store.team_total(persons, *window))
    assert team.people == 1
    assert team.requests
    assert pair.same(lambda store: store.team_total({"nobody": "nobody"}, *window)).people == 0
    assert pair.same(lambda store: store.spend(window[0]))


@pytest.mark.parametrize("window", WINDOWS, ids=["whole", "part"])
def test_the_sides_of_a_stage_are_equal(pair: Pair, window: tuple[str, str]) -> None:
    """What a change served, and what it is compared with, is counted and summed alike."""
    before = ("2025-12-01T00:00:00.000000Z", "2026-01-20T00:00:00.000000Z")
    for base in (window, before):
        stage, other = pair.same(
            lambda store, base=base: store.stage_sides("chg-1", "d1", window, base)  # type: ignore[misc]
        )
        assert stage.requests > stage.failed_requests
        assert other.requests
    assert stage.took_squares
    assert other.took_squares
    nobody = pair.same(lambda store: store.stage_sides("chg-2", "d2", window, window))
    assert nobody == (Side(), Side())


def test_walks_through_events_are_equal(pair: Pair) -> None:
    """All events in the order of time come alike, whole, page by page, and the newest only."""
    events = pair.same(lambda store: list(store.history(*WHOLE)))
    assert pair.same(lambda store: list(walk_history(store._rows, *WHOLE, page=50))) == events
    newest = pair.same(lambda store: list(store.events_from(*WHOLE, most=60, page=25)))
    assert [event for page in newest for event in page] == events[-60:]


def test_the_place_of_each_event_is_equal(pair: Pair) -> None:
    """The run or session that an event, a request or a session is part of is the same."""
    for event in list(pair.duck.history(*WHOLE))[:60]:
        for kind, name in (
            *(("event", event.id), ("request", event.request_id)),
            *(("session", event.session_id), ("run", event.run_id)),
        ):
            if name is not None:
                pair.same(lambda store, kind=kind, name=name: store.run_of(kind, name))  # type: ignore[misc]
    assert pair.same(lambda store: store.run_of("event", "nope")) is None


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
