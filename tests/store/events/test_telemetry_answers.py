"""Sessions, tools, models and people, asked of a real store."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.store.events.made_events import at, event

from pawl.store.events.duckdb import DuckEvents
from pawl.store.spool import SpoolWriter
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.task_classes import task_classes

SINCE, UNTIL = "2020-01-01T00:00:00.000000Z", "2030-01-01T00:00:00.000000Z"
TELEMETRY = {"source": Source.TELEMETRY}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckEvents]:
    """Open an empty store."""
    with DuckEvents(tmp_path) as opened:
        yield opened


def load(store: DuckEvents, folder: Path, *events: Event) -> None:
    """Bring events into the store as the server does."""
    with SpoolWriter(folder / "spool", "t") as writer:
        writer.append(events)
        writer.commit()
    store.drain(folder / "spool")


def request(number: int, second: int, **fields: object) -> Event:
    """Return a request as a transcript tells it."""
    known: dict[str, object] = {"request_id": f"r{number}", "message_id": f"m{number}"}
    known |= {"model": "opus", "input": 100, "output": 10, "final": True, "cost_micros": 5}
    known |= {"cost_basis": "priced", "session_id": "s1", "project": "shop"}
    return event(f"q{number}", time=at(second), **(known | fields))


def call(number: int, second: int, tool: str, **fields: object) -> Event:
    """Return a call of a tool."""
    known: dict[str, object] = {"tool": tool, "tool_call_id": f"c{number}", "session_id": "s1"}
    kind = fields.pop("kind", Kind.TOOL_CALL)
    name = f"{kind}{number}{fields.get('source', '')}"
    return event(name, time=at(second), kind=kind, **(known | fields))


def test_sessions_of_runs_and_observed_ones_are_one_list(store: DuckEvents, tmp_path: Path) -> None:
    """A run's session says whose it is; one that nobody supervised stands for itself."""
    run = {"source": Source.RUN, "run_id": "run_1", "session_id": "s1"}
    load(
        store,
        tmp_path,
        event("1", time=at(0), kind=Kind.RUN_STARTED, project="shop", **run),
        request(1, 1),
        event("2", time=at(9), kind=Kind.RUN_ENDED, outcome="succeeded", **run),
        request(2, 20, session_id="s2", project="web"),
        event("3", time=at(21), kind=Kind.ERROR, session_id="s2", project="web"),
    )
    rows, total = store.sessions()
    assert total == 2
    assert [(row.session_id, row.run_id, row.requests) for row in rows] == [
        ("s2", None, 1),
        ("s1", "run_1", 1),
    ]
    assert [row.session_id for row in store.sessions(failing=True)[0]] == ["s2"]
    assert [row.session_id for row in store.sessions(filters={"project": "shop"})[0]] == ["s1"]
    assert store.sessions(limit=1, offset=1)[0][0].session_id == "s1"
    assert store.sessions(since=at(10))[1] == 1
    assert store.sessions(session_id="nobody") == ([], 0)


def test_a_run_that_carried_two_sessions_says_so_on_both(store: DuckEvents, tmp_path: Path) -> None:
    """Their counts are the run's, and whoever reads them knows."""
    run = {"source": Source.RUN, "run_id": "run_1"}
    started = event("1", time=at(0), kind=Kind.RUN_STARTED, session_id="s1", **run)
    more = event("2", time=at(1), kind=Kind.SESSION, session_id="s2", **run)
    load(store, tmp_path, started, more)
    assert [row.run_sessions for row in store.sessions()[0]] == [2, 2]


def test_the_events_of_a_session_are_cut_and_counted(store: DuckEvents, tmp_path: Path) -> None:
    """A page shows the first and says how many there are."""
    load(store, tmp_path, request(1, 5), request(2, 3), request(3, 1, session_id="s2"))
    told, count = store.session_events("s1", 1)
    assert ([each.id for each in told], count) == (["q2"], 2)


def test_a_tool_call_told_by_three_sources_is_one_with_the_told_duration(
    store: DuckEvents, tmp_path: Path
) -> None:
    """Its result's duration goes before the span's, the span's before the gap."""
    results = {"kind": Kind.TOOL_RESULT, "outcome": "ok"}
    load(
        store,
        tmp_path,
        call(1, 0, "Bash"),
        call(1, 0, "Bash", source=Source.RUN),
        call(1, 8, "Bash", **results),
        call(1, 8, "Bash", duration_ms=3000, **results, **TELEMETRY),
        call(1, 0, "Bash", kind=Kind.SPAN, duration_ms=9000, **TELEMETRY),
        call(2, 0, "Bash", kind=Kind.SPAN, duration_ms=5000, **TELEMETRY),
        call(2, 8, "Bash", **results),
        call(3, 0, "Bash"),
        call(3, 7, "Bash", kind=Kind.TOOL_RESULT, outcome="error"),
        call(4, 0, "Bash"),
        call(4, 0, "Bash", kind=Kind.TOOL_DENIED),
        event("loose", time=at(1), kind=Kind.SPAN, duration_ms=1, **TELEMETRY),
    )
    (bash,) = store.tool_activity(SINCE, UNTIL, by="", filters={}, limit=10)
    assert (bash.calls, bash.failed, bash.denied, bash.group) == (4, 1, 1, None)
    assert (bash.latency.measured, bash.latency.p50_ms) == (3, 5000.0)
    assert bash.failed_share == pytest.approx(1 / 3)


def test_tools_are_told_apart_by_project_and_agent(store: DuckEvents, tmp_path: Path) -> None:
    """The same tool in two projects is two rows; a telling without a project adds none."""
    load(
        store,
        tmp_path,
        call(1, 0, "Bash", project="shop"),
        call(1, 0, "Bash", **TELEMETRY),
        call(2, 0, "Bash", project="web", agent="codex"),
        call(3, 0, "Bash"),
    )

    def asked(by: str, **filters: str) -> set[tuple[str | None, int]]:
        rows = store.tool_activity(SINCE, UNTIL, by=by, filters=filters, limit=10)
        return {(row.group, row.calls) for row in rows}

    assert asked("project") == {("shop", 1), ("web", 1), ("(unknown)", 1)}
    assert ("codex", 1) in asked("agent")
    assert asked("", project="web") == {(None, 1)}
    assert store.tool_activity(at(1), UNTIL, by="", filters={}, limit=10) == []


def test_items_that_each_run_numbers_anew_are_calls_of_their_own(
    store: DuckEvents, tmp_path: Path
) -> None:
    """Codex counts from nought in each run; the same number in two runs is two calls."""
    load(
        store,
        tmp_path,
        *(
            event(f"{kind}{run}", time=at(0), kind=kind, tool="shell", tool_call_id="item_1",
                  run_id=run, source=Source.RUN)
            for run in ("run_1", "run_2")
            for kind in (Kind.TOOL_CALL, Kind.TOOL_RESULT)
        ),
    )  # fmt: skip
    assert [(use.tool, use.calls) for use in store.tools()] == [("shell", 2)]
    assert [use.calls for use in store.tools(run_id="run_1")] == [1]


def test_a_call_and_an_error_go_with_the_month_they_were_first_seen_in(
    store: DuckEvents, tmp_path: Path
) -> None:
    """What was told of them later goes as well, and is no call or error of its own."""
    before, after = "2025-10-31T23:59:00.000000Z", "2025-11-01T00:01:00.000000Z"
    wrong = {"kind": Kind.ERROR, "model": "opus", "request_id": "r1"}
    answer = {"kind": Kind.TOOL_RESULT, "tool": "Bash", "outcome": "error"}
    load(
        store,
        tmp_path,
        event("1", time=before, kind=Kind.TOOL_CALL, tool="Bash", tool_call_id="c1"),
        event("2", time=after, tool_call_id="c1", **answer),
        event("3", time=after, tool_call_id="c2", **answer),
        event("4", time=before, **wrong),
        event("5", time=after, **wrong),
        event("6", time=after, **(wrong | {"request_id": "r2"})),
    )
    assert store.drop_before("2025-11") == 4
    assert [(use.errors, use.calls) for use in store.tools()] == [(1, 0)]
    (opus,) = store.model_activity(SINCE, UNTIL, filters={})
    assert opus.errors == 1
    kept_up = store._rows("SELECT * FROM tool_calls UNION ALL BY NAME FROM request_failures", {})
    store.make_anew()
    anew = store._rows("SELECT * FROM tool_calls UNION ALL BY NAME FROM request_failures", {})
    assert anew == kept_up


def test_a_request_took_the_longest_that_anyone_told(store: DuckEvents, tmp_path: Path) -> None:
    """Two tellings of one request are one duration, and it is its model's."""
    load(
        store,
        tmp_path,
        request(1, 1, duration_ms=300),
        event("o1", time=at(2), request_id="r1", model="opus", input=100, output=10,
              duration_ms=800, session_id="s1", **TELEMETRY),
    )  # fmt: skip
    (opus,) = store.model_activity(SINCE, UNTIL, filters={})
    assert (opus.requests, opus.by_telemetry) == (1, 1)
    assert (opus.latency.measured, opus.latency.p50_ms) == (1, 800.0)


def test_failures_are_the_newest_first_and_once(store: DuckEvents, tmp_path: Path) -> None:
    """Each names the session, so that a row leads to what happened."""
    wrong = {"kind": Kind.TOOL_RESULT, "outcome": "error"}
    load(
        store,
        tmp_path,
        call(1, 3, "Bash", **wrong),
        call(1, 3, "Bash", **wrong, **TELEMETRY),
        call(2, 5, "Read", kind=Kind.TOOL_DENIED, session_id="s2"),
        call(3, 6, "Read", kind=Kind.TOOL_RESULT, outcome="ok"),
    )
    found = store.tool_failures(SINCE, UNTIL, tool=None, filters={}, limit=10)
    assert [(each.tool, each.failure, each.session_id) for each in found] == [
        ("Read", "denied", "s2"),
        ("Bash", "failed", "s1"),
    ]
    assert len(store.tool_failures(SINCE, UNTIL, tool="Bash", filters={}, limit=10)) == 1
    assert len(store.tool_failures(SINCE, UNTIL, tool=None, filters={}, limit=1)) == 1


def test_models_have_their_shares_and_latency(store: DuckEvents, tmp_path: Path) -> None:
    """Refusals are unknown where nobody told who could have."""
    told = {"message_id": None, "duration_ms": 800, **TELEMETRY}
    load(
        store,
        tmp_path,
        request(1, 1, cache_read=300),
        event("o1", time=at(1), request_id="r1", model="opus", input=100, cache_read=300,
              output=10, final=True, session_id="s1", **(told | {"message_id": "m1"})),
        request(2, 2),
        event("e1", time=at(3), kind=Kind.ERROR, model="opus", request_id="r9", **TELEMETRY),
        event("f1", time=at(3), kind=Kind.REFUSAL, model="opus", request_id="r2", **TELEMETRY),
        request(3, 4, model="haiku", cost_micros=None, cost_basis="unpriced"),
    )  # fmt: skip
    haiku, opus = store.model_activity(SINCE, UNTIL, filters={})
    assert (opus.requests, opus.errors, opus.refusals, opus.cost_micros) == (2, 1, 1, 10)
    assert opus.error_share == pytest.approx(1 / 3)
    assert opus.refusal_share == 0.5
    assert opus.cache_share == pytest.approx(300 / 500)
    assert (opus.latency.measured, opus.latency.p95_ms) == (1, 800.0)
    assert (haiku.unpriced_requests, haiku.refusal_share, haiku.latency.p50_ms) == (1, None, None)


def test_task_classes_are_read_off_what_the_sessions_did(store: DuckEvents, tmp_path: Path) -> None:
    """Sub-agent, then workflow, then edits, then commands, then other tools, then none."""
    load(
        store,
        tmp_path,
        request(1, 1, session_id="edits"),
        call(1, 1, "Edit", session_id="edits"),
        call(2, 1, "Bash", session_id="edits"),
        request(2, 1, session_id="edits", parent_id="c9"),
        request(3, 1, session_id="side", attributes={"sidechain": "true"}),
        request(4, 1, session_id="shell", input=300),
        call(4, 1, "Bash", session_id="shell"),
        request(5, 1, session_id="reads"),
        call(5, 1, "Grep", session_id="reads"),
        request(6, 1, session_id="talks"),
        request(7, 1, session_id="ci", workflow="review"),
        call(7, 1, "Edit", session_id="ci"),
        request(8, 1, session_id=None),
    )
    rows = store.class_usage(SINCE, UNTIL, classes=task_classes(), sizes=(200, 400), filters={})
    assert {(row.task_class, row.requests) for row in rows} == {
        ("change", 1), ("subagent", 2), ("command", 1), ("reading", 1), ("answer", 1),
        ("workflow", 1), ("unknown", 1),
    }  # fmt: skip
    assert {row.task_class for row in rows if row.tier == 1} == {"command"}


def test_a_person_sees_what_stands_under_any_of_their_names(
    store: DuckEvents, tmp_path: Path
) -> None:
    """Names are compared without regard to case; nobody else's rows are there."""
    load(
        store,
        tmp_path,
        request(1, 1, developer="Ada@Example.org"),
        request(2, 1, developer="ada"),
        request(3, 1, developer="grace"),
    )
    days = store.person_days(["ada", "ada@example.org"], SINCE, UNTIL)
    assert sum(day.requests for day in days) == 2
    assert store.person_days([], SINCE, UNTIL) == []
    assert store.person_days(["' OR TRUE --"], SINCE, UNTIL) == []


def test_a_team_counts_people_not_names(store: DuckEvents, tmp_path: Path) -> None:
    """Two names of one person are one at work."""
    load(
        store,
        tmp_path,
        request(1, 1, developer="ada@example.org"),
        request(2, 1, developer="ada"),
        request(3, 1, developer="grace"),
        request(4, 1, developer="stranger"),
    )
    persons = {"ada": "ada", "ada@example.org": "ada", "grace": "grace", "barbara": "barbara"}
    total = store.team_total(persons, SINCE, UNTIL)
    assert (total.people, total.requests, total.cost_micros) == (2, 3, 15)
    assert store.team_total({}, SINCE, UNTIL).people == 0
