"""The first page's questions and those of `/metrics`, on the embedded engine."""

from pathlib import Path
from typing import Any

from tests.store.events.made_events import at, event

from pawl.store.events.duckdb import DuckEvents
from pawl.store.spool import SpoolWriter
from pawl.telemetry.conduct import Conduct
from pawl.telemetry.event import Event, Kind, Source
from pawl.telemetry.meters import Meters


def run(number: int, outcome: str, **fields: Any) -> list[Event]:
    """Return what a supervisor tells of a run, with one request of it."""
    known: dict[str, Any] = {
        "run_id": f"run_{number}",
        "session_id": f"s{number}",
        "source": Source.RUN,
        "project": "p1",
        "workflow": fields.pop("workflow", "review"),
    }
    started = {"limits": fields.pop("limits")} if "limits" in fields else {}
    cost = fields.pop("cost", 10)
    return [
        event(f"a{number}", time=at(number), kind=Kind.RUN_STARTED, attributes=started, **known),
        event(
            f"b{number}", time=at(number), message_id=f"m{number}", model="m", input=1, output=1,
            cost_micros=cost, cost_basis="unpriced" if cost is None else "priced", **known,
        ),
        event(
            f"c{number}", time=at(number + 1), kind=Kind.RUN_ENDED, outcome=outcome,
            duration_ms=1000 * (number + 1), attributes=fields.pop("ending", {}), **known,
        ),
    ]  # fmt: skip


def asked(folder: Path, events: list[Event], since: int = 0) -> tuple[Conduct, Meters]:
    """Load events; return how runs behaved in the first ten hours, and the meters."""
    with SpoolWriter(folder / "spool", "test") as spool:
        spool.append(events)
        spool.commit()
    with DuckEvents(folder) as store:
        store.drain(folder / "spool")
        return store.conduct(at(since), at(600), 2), store.meters(at(since), at(600), at(0))


def test_endings_have_reasons_and_limits(tmp_path: Path) -> None:
    """Each way to end is counted with its limit or class, and whether there was a limit at all."""
    events = [
        *run(1, "succeeded", limits="usd_micros"),
        *run(2, "succeeded", limits="none"),
        *run(3, "stopped", limits="wall_s", ending={"stop_limit": "wall"}),
        *run(4, "agent_failed", ending={"error_class": "transient"}),
    ]
    conduct, _ = asked(tmp_path, events)
    told = {(each.outcome, each.reason, each.limited, each.runs) for each in conduct.endings}
    assert told == {
        ("succeeded", None, True, 1),
        ("succeeded", None, False, 1),
        ("stopped", "wall", True, 1),
        ("agent_failed", "transient", None, 1),
    }
    assert [each.by_limit for each in conduct.endings if each.reason] == [False, True]


def test_the_period_has_two_ends(tmp_path: Path) -> None:
    """Only runs that began in the period count."""
    events = [*run(1, "succeeded"), *run(50, "succeeded"), *run(700, "succeeded")]
    conduct, _ = asked(tmp_path, events, since=20)
    assert sum(each.runs for each in conduct.endings) == 1


def test_repeated_runs_are_those_of_a_named_workflow(tmp_path: Path) -> None:
    """Spread is told of named workflows; unpriced runs have no cost; interrupted ones are out."""
    events = [
        *run(1, "succeeded", cost=10),
        *run(2, "succeeded", cost=20),
        *run(3, "agent_failed", cost=None),
        *run(4, "interrupted"),
        *run(5, "succeeded", workflow=None),
        *run(6, "succeeded", workflow="alone"),
    ]
    (repeated,) = asked(tmp_path, events)[0].repeated
    assert (repeated.workflow, repeated.runs, repeated.alike) == ("review", 3, 2)
    assert (repeated.cost_micros.runs, repeated.cost_micros.median) == (2, 15.0)
    assert repeated.cost_micros.p90 == 19.0
    assert repeated.duration_ms.median == 3000.0
    assert repeated.turns.runs == 0
    assert repeated.turns.median is None


def test_errors_are_told_by_class_and_denials_once(tmp_path: Path) -> None:
    """Errors and retries come by class, type or status; one call denied twice counts once."""
    denied = {"kind": Kind.TOOL_DENIED, "tool_call_id": "t1", "time": at(3)}
    events = [
        event("e1", kind=Kind.ERROR, attributes={"error_class": "transient"}),
        event("e2", kind=Kind.RETRY, attributes={"status": "529"}),
        event("e3", kind=Kind.RETRY, attributes={"status": "529"}),
        event("e4", kind=Kind.ERROR),
        event("d1", **denied),
        event("d2", source=Source.RUN, **denied),
    ]
    conduct, meters = asked(tmp_path, events)
    assert conduct.errors == (("529", 2), ("", 1), ("transient", 1))
    assert conduct.denied == 1
    assert [(each.agent, each.errors) for each in meters.errors] == [("claude-code", 2)]


def test_meters_count_each_fact_once(tmp_path: Path) -> None:
    """Requests, runs, tools, failures and latency come with the labels that `/metrics` has."""
    call = {"tool_call_id": "t1", "run_id": "run_1", "session_id": "s1", "time": at(2)}
    events = [
        *run(1, "succeeded"),
        event("t1", kind=Kind.TOOL_CALL, **call),
        event("t2", kind=Kind.TOOL_RESULT, outcome="error", **call),
        event("t3", kind=Kind.TOOL_RESULT, outcome="error", source=Source.TELEMETRY, **call),
        event("q1", model="m", message_id="m1", duration_ms=2000, source=Source.TELEMETRY),
    ]
    _, meters = asked(tmp_path, events)
    (request,) = meters.requests
    assert (request.project, request.model, request.requests) == ("p1", "m", 1)
    assert (request.cost_micros, request.tokens) == (10, (1, 0, 0, 0, 1))
    (row,) = meters.runs
    assert (row.outcome, row.runs, row.tool_calls) == ("succeeded", 1, 1)
    assert meters.errors[0].tool_errors == 1
    assert [(each.model, each.p95_ms) for each in meters.latencies] == [("m", 2000.0)]
    assert meters.newest == at(2)


def test_an_empty_store_knows_nothing(tmp_path: Path) -> None:
    """Nothing is told of nothing; no question fails."""
    conduct, meters = asked(tmp_path, [])
    assert conduct == Conduct()
    assert meters == Meters()


def test_unsuccessful_runs_can_be_listed(tmp_path: Path) -> None:
    """The list behind "does it fail?" holds exactly the runs that its figure counts."""
    events = [*run(1, "succeeded"), *run(3, "refused"), *run(5, "stopped"), *run(7, "unreadable")]
    conduct, _ = asked(tmp_path, events)
    with DuckEvents(tmp_path) as store:
        rows, total = store.runs(outcome="unsuccessful")
    assert total == conduct.unsuccessful == 2
    assert {row.outcome for row in rows} == {"stopped", "unreadable"}
