"""The embedded events store: owner, loading, questions."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import pytest
from tests.store.events.made_events import at, event

from pawl.base.errors import BadValue
from pawl.store.events.duckdb import MARK_NAME, DuckEvents
from pawl.store.events.engine import FILE_NAME, StoreBroken
from pawl.store.events.owner import LOCK_NAME, StoreBusy, owner
from pawl.store.spool import SpoolWriter, segments
from pawl.telemetry.bill import Key
from pawl.telemetry.event import Event, Kind, Source


def put(spool: Path, *events: Event, label: str = "w") -> None:
    with SpoolWriter(spool, label) as writer:
        writer.append(events)
        writer.commit()


def run_events() -> list[Event]:
    """One supervised run that carried a session, seen by its transcript too; one session alone."""
    run = {"source": Source.RUN, "run_id": "run_1"}
    request = {"request_id": "r1", "message_id": "m1", "model": "m-1", "input": 10}
    return [
        event("1", time=at(0), kind=Kind.RUN_STARTED, project="shop", developer="ada", **run),
        event("2", time=at(1), session_id="s1", final=False, output=1, **request, **run),
        event(
            "3",
            time=at(2),
            session_id="s1",
            final=True,
            output=7,
            cost_micros=50,
            cost_basis="priced",
            **request,
        ),
        event("4", time=at(3), kind=Kind.TOOL_CALL, tool="Bash", tool_call_id="t1", **run),
        event(
            "5", time=at(3), kind=Kind.TOOL_CALL, tool="Bash", tool_call_id="t1", session_id="s1"
        ),
        event(
            "6",
            time=at(4),
            kind=Kind.TOOL_RESULT,
            tool="Bash",
            tool_call_id="t1",
            outcome="error",
            **run,
        ),
        event(
            "7",
            time=at(5),
            kind=Kind.RUN_ENDED,
            outcome="stopped",
            attributes={"turns": "3", "stop_limit": "turns"},
            **run,
        ),
        event(
            "8",
            time=at(6),
            session_id="s2",
            agent="codex",
            model="m-9",
            input=1,
            output=1,
            request_id="r2",
        ),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckEvents]:
    with DuckEvents(tmp_path) as opened:
        yield opened


def test_a_supervised_run_and_its_transcript_are_one_row(store: DuckEvents, tmp_path: Path) -> None:
    """The run's session is not listed as observed; its request and tool call count once."""
    put(tmp_path / "spool", *run_events())
    store.drain(tmp_path / "spool")
    rows, total = store.runs()
    assert total == 2
    by_id = {row.run_id: row for row in rows}
    run = by_id["run_1"]
    assert (run.observed, run.running, run.outcome, run.stop_limit) == (
        False,
        False,
        "stopped",
        "turns",
    )
    assert (run.requests, run.tool_calls, run.errors, run.turns) == (1, 1, 1, 3)
    assert (run.usage.output, run.cost_micros, run.cost_basis) == (7, 50, "priced")
    assert (run.project, run.developer, run.models) == ("shop", "ada", ("m-1",))
    assert (run.started_at, run.ended_at) == (at(0), at(5))
    session = by_id["s2"]
    assert (session.observed, session.outcome, session.agent) == (True, None, "codex")
    assert (session.cost_micros, session.cost_basis) == (None, "unpriced")


def test_a_run_s_timeline_has_both_sources(store: DuckEvents, tmp_path: Path) -> None:
    """Events of the run and of its session come in order of time, with the number of all."""
    put(tmp_path / "spool", *run_events())
    store.drain(tmp_path / "spool")
    found, count = store.timeline("run_1", limit=3)
    assert ([each.id for each in found], count) == (["1", "2", "3"], 7)
    assert found[0] == run_events()[0]
    assert [each.id for each in store.timeline("s2")[0]] == ["8"]
    assert store.timeline("nothing") == ((), 0)
    assert [each.id for each in store.requests("run_1")] == ["3"]
    assert store.run("nothing") is None


def test_a_session_resumed_by_several_runs_is_cut_where_each_starts(
    store: DuckEvents, tmp_path: Path
) -> None:
    """Transcript lines without a run id belong to the newest run that had started."""

    def run(name: str, minute: int) -> list[Event]:
        common = {"source": Source.RUN, "run_id": name, "session_id": "s"}
        return [
            event(f"{name}-start", time=at(minute), kind=Kind.RUN_STARTED, **common),
            event(
                f"{name}-end",
                time=at(minute + 5),
                kind=Kind.RUN_ENDED,
                outcome="succeeded",
                **common,
            ),
        ]

    lines = [
        event(f"q{m}", time=at(m), session_id="s", request_id=f"r{m}", output=1)
        for m in (2, 12, 13)
    ]
    put(tmp_path / "spool", *lines, *run("run_a", 0), *run("run_b", 10))
    store.drain(tmp_path / "spool")
    assert {row.run_id: row.requests for row in store.runs()[0]} == {"run_a": 1, "run_b": 2}


def test_a_request_s_run_and_session_may_come_from_different_events(
    store: DuckEvents, tmp_path: Path
) -> None:
    """Whatever touches the session later, the request stays with the run that one of them told."""
    one = {"request_id": "r1", "model": "m-1", "input": 1, "output": 1}
    put(
        tmp_path / "spool",
        event("a", kind=Kind.RUN_STARTED, source=Source.RUN, run_id="run_a"),
        event("b", source=Source.RUN, run_id="run_a", **one),
        event("c", session_id="s", **one),
    )
    store.drain(tmp_path / "spool")
    put(tmp_path / "spool", event("d", kind=Kind.TOOL_CALL, session_id="s", time=at(3)))
    store.drain(tmp_path / "spool")
    assert {row.run_id: row.requests for row in store.runs()[0]} == {"run_a": 1, "s": 0}


def test_runs_can_be_filtered_sorted_and_paged(store: DuckEvents, tmp_path: Path) -> None:
    """Each filter narrows, the count is of all pages, and hostile text is only text."""
    put(tmp_path / "spool", *run_events())
    store.drain(tmp_path / "spool")

    def ids(**asked: object) -> list[str]:
        return [row.run_id for row in store.runs(**asked)[0]]  # type: ignore[arg-type]

    assert ids(agent="codex") == ["s2"]
    assert ids(project="shop") == ids(outcome="stopped") == ids(developer="ada") == ["run_1"]
    assert ids(outcome="observed") == ["s2"]
    assert ids(outcome="running") == []
    assert ids(text="M-9") == ids(text="CODEX") == ["s2"]
    assert ids(text="%") == ids(text="_") == [] or ids(text="_") == ["run_1"]
    assert ids(text="'; DROP TABLE runs; --") == []
    assert ids(sort="cost") == ids(sort="cost", descending=False) == ["run_1", "s2"]
    assert ids(since=at(6)) == ["s2"]
    assert store.runs(limit=1, offset=1)[1] == 2
    assert store.outcomes() == {"stopped": 1, "observed": 1}
    assert store.choices() == (("claude-code", "codex"), ("shop",))
    with pytest.raises(BadValue):
        store.runs(sort="id; DROP TABLE runs")
    with pytest.raises(BadValue):
        store.runs(outcome="great")


def test_a_run_without_an_end_is_running(store: DuckEvents, tmp_path: Path) -> None:
    """It is listed from its first event on, live, before its segment is sealed."""
    with SpoolWriter(tmp_path / "spool", "run_1") as writer:
        writer.append(run_events()[:2])
        writer.commit()
        done = store.drain(tmp_path / "spool")
        assert (done.events, done.removed) == (2, 0)
        (row,) = store.runs(outcome="running")[0]
        assert (row.running, row.outcome, row.ended_at) == (True, None, None)
        writer.append(run_events()[2:7])
        writer.commit()
        assert store.drain(tmp_path / "spool").events == 5
    assert store.runs(outcome="running")[1] == 0
    assert store.drain(tmp_path / "spool").removed == 1
    assert segments(tmp_path / "spool") == []


def test_tools_count_a_call_told_twice_once(store: DuckEvents, tmp_path: Path) -> None:
    """Calls, failures and denials by tool; a run's own by its id."""
    denied = event("9", kind=Kind.TOOL_DENIED, tool="WebFetch", tool_call_id="t9")
    put(tmp_path / "spool", *run_events(), denied)
    store.drain(tmp_path / "spool")
    found = {use.tool: (use.calls, use.errors, use.denied) for use in store.tools()}
    assert found == {"Bash": (1, 1, 0), "WebFetch": (0, 0, 1)}
    assert [use.tool for use in store.tools(run_id="run_1")] == ["Bash"]


def test_the_bill_s_window_and_filters(store: DuckEvents, tmp_path: Path) -> None:
    """The hour of both ends counts; a filter finds what no source told, too."""
    put(tmp_path / "spool", *run_events())
    store.drain(tmp_path / "spool")
    assert store.bill((), since=at(1)).total.requests == 2
    assert store.bill((), since=at(30)).total.requests == 1
    assert store.bill((), since=at(70)).total.requests == 0
    assert store.bill((Key.DAY,), until=at(0)).rows == ()
    (row,) = store.bill((Key.MODEL,), filters={Key.PROJECT: "(unknown)", Key.AGENT: "codex"}).rows
    assert row.keys == ("m-9",)
    assert store.bill((), filters={Key.PROJECT: "'"}).total.requests == 0
    with pytest.raises(BadValue):
        store.bill((), filters={Key.DAY: "2025-11-20"})


def test_bad_lines_are_counted_and_the_rest_is_loaded(store: DuckEvents, tmp_path: Path) -> None:
    """Unknown fields are passed over; what is no event is counted, whatever it is."""
    spool = tmp_path / "spool"
    spool.mkdir()
    good = msgspec.json.encode(event("1"))
    lines = [
        good,
        good.replace(b'"id":"1"', b'"id":"2","later":{"x":[1]}'),
        b"[1]",
        b"{",
        b"\xff\xfe",
        b'{"id":"3"}',
        good.replace(b'"id":"1"', b'"id":"4"').replace(b"2025-", b"not-"),
        b"x" * 9_000_000,
        good.replace(b'"id":"1"', b'"id":"5"'),
    ]
    (spool / "x.ndjson").write_bytes(b"\n".join(lines) + b"\n" + b'{"id":"torn')
    done = store.drain(spool)
    assert (done.events, done.bad, done.torn, done.removed) == (3, 6, 1, 1)


def test_events_of_a_later_pawl_are_kept_and_passed_over(store: DuckEvents, tmp_path: Path) -> None:
    """An unknown kind is loaded, since it was acknowledged, and not shown as an event."""
    spool = tmp_path / "spool"
    spool.mkdir()
    text = msgspec.json.encode(event("1", session_id="s")).replace(b'"request"', b'"new_kind"')
    (spool / "x.ndjson").write_bytes(text + b"\n")
    assert store.drain(spool).events == 1
    assert store.timeline("s") == ((), 1)


def test_loading_in_small_batches_loads_all(store: DuckEvents, tmp_path: Path) -> None:
    """A bound on a batch's bytes cuts between segments and within one, never within a line."""
    for number in range(3):
        put(tmp_path / "spool", *(event(f"{number}-{n}") for n in range(50)), label=f"w{number}")
    done = store.drain(tmp_path / "spool", batch_bytes=1000)
    assert (done.events, done.removed) == (150, 3)


def test_a_folder_named_like_a_pattern_is_only_a_name(tmp_path: Path) -> None:
    """Brackets and stars in the data folder's name are not taken for a pattern."""
    folder = tmp_path / "[a]*"
    with DuckEvents(folder) as store:
        put(folder / "spool", event("1"))
        assert store.drain(folder / "spool").events == 1


def test_the_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    """The error names process and URL instead of the engine's lock; afterwards the lock is free."""
    assert owner(tmp_path) is None
    with DuckEvents(tmp_path, url="http://127.0.0.1:8787") as store:
        with pytest.raises(StoreBusy, match="8787") as caught:
            DuckEvents(tmp_path)
        assert (caught.value.pid, caught.value.url) == (os.getpid(), "http://127.0.0.1:8787")
        store.announce("http://127.0.0.1:9999")
        found = owner(tmp_path)
        assert found is not None
        assert found.url == "http://127.0.0.1:9999"
    assert owner(tmp_path) is None
    DuckEvents(tmp_path).close()
    assert (tmp_path / LOCK_NAME).exists()


def test_the_mark_changes_with_what_questions_answer(store: DuckEvents, tmp_path: Path) -> None:
    """A drain that loads changes it, a drain of nothing does not."""
    put(tmp_path / "spool", event("1"))
    store.drain(tmp_path / "spool")
    first = (tmp_path / MARK_NAME).read_text()
    store.drain(tmp_path / "spool")
    assert (tmp_path / MARK_NAME).read_text() == first
    put(tmp_path / "spool", event("2"))
    store.drain(tmp_path / "spool")
    assert (tmp_path / MARK_NAME).read_text() != first


def test_threads_ask_while_the_spool_is_drained(store: DuckEvents, tmp_path: Path) -> None:
    """Each thread has a cursor of its own; none sees half of a load."""
    wrong: list[object] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            bill = store.bill((Key.MODEL,))
            runs = store.runs()[0]
            if bill.total.requests % 10 or bill.total.usage.output != bill.total.requests:
                wrong.append(bill)
            if any(row.requests % 10 for row in runs):
                wrong.append(runs)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for batch in range(8):
        put(
            tmp_path / "spool",
            *(
                event(
                    f"{batch}-{n}", session_id=f"s{batch % 3}", request_id=f"{batch}-{n}", output=1
                )
                for n in range(10)
            ),
        )
        store.drain(tmp_path / "spool")
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert store.bill(()).total.requests == 80


def test_sql_reaches_nothing_outside_the_store(store: DuckEvents, tmp_path: Path) -> None:
    """Files elsewhere are closed to the engine, and its settings cannot be changed back."""
    with pytest.raises(StoreBroken, match="disabled by configuration"):
        store._rows("SELECT * FROM read_text('/etc/hostname')", {})
    with pytest.raises(StoreBroken, match="locked"):
        store._rows("SET enable_external_access = true", {})


def test_a_file_of_a_later_engine_is_an_error_with_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for damage: it stays where it is, and the lock is free again."""
    (tmp_path / FILE_NAME).write_bytes(b"of a later engine")

    def refuse(*arguments: object) -> None:
        raise duckdb.IOException(
            "IO Error: Trying to read a database file with version number 69, but we can only "
            "read versions between 64 and 68.\nIt was created with a newer version of DuckDB."
        )

    monkeypatch.setattr("pawl.store.events.duckdb.open_engine", refuse)
    with pytest.raises(StoreBroken) as caught:
        DuckEvents(tmp_path)
    assert caught.value.place.endswith(FILE_NAME)
    assert owner(tmp_path) is None
    assert not list(tmp_path.glob("events.damaged*"))


@pytest.mark.parametrize("name", ["a#b", "a b[1]*", "ü%41"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Letters that mean something in patterns and URLs are only letters."""
    folder = tmp_path / name
    put(folder / "spool", *run_events())
    with DuckEvents(folder) as store:
        assert store.drain(folder / "spool").events == 8
    with DuckEvents(folder) as store:
        assert store.rebuild(folder / "spool").events == 8
        assert store.runs()[1] == 2
    assert [entry.name for entry in tmp_path.iterdir() if entry.name != "home"] == [name]


def test_a_data_folder_that_the_engine_cannot_name_is_refused(tmp_path: Path) -> None:
    """With a hint, before anything is written for the engine."""
    with pytest.raises(StoreBroken, match="with a \\? in its path") as caught:
        DuckEvents(tmp_path / "a?b")
    assert "PAWL_DATA" in (caught.value.hint or "")
    assert owner(tmp_path / "a?b") is None
    assert not (tmp_path / "a?b" / FILE_NAME).exists()


def test_a_store_of_an_older_pawl_is_made_anew_from_its_events(tmp_path: Path) -> None:
    """Tables whose columns have changed since are made again; no event is loaded again."""
    with DuckEvents(tmp_path) as store:
        put(tmp_path / "spool", *run_events())
        store.drain(tmp_path / "spool")
        told = store.bill(tuple(Key)), store.runs(), store.tools()
        with store._transaction() as cursor:
            cursor.execute("UPDATE meta SET value = '1' WHERE name = 'format'")
            cursor.execute("DROP TABLE source_rollup")
            cursor.execute("DROP TABLE tool_calls")
            cursor.execute("ALTER TABLE rollup DROP COLUMN reasoning")
    with DuckEvents(tmp_path) as store:
        assert (store.bill(tuple(Key)), store.runs(), store.tools()) == told
        assert store._rows("SELECT value FROM meta WHERE name = 'format'", {}) == [("3",)]
