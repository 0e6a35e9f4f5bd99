"""The desk of the cadence: done once with its outputs, excused by who answers, reminded once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.changes.made_changes import NOW as CHANGED
from tests.services import made_desk
from tests.services.made_cadence import (
    MONDAY,
    Made,
    by,
    recorded,
    refused,
    typed_by,
)
from tests.services.made_desk import Clock

from pawl.base.errors import BadFile, CannotTell
from pawl.base.times import format_time, parse_time
from pawl.changes.change import Refusal
from pawl.changes.facts import Drill
from pawl.governance.cadence import Cadence, Every, Routine, State, load_cadence, shipped_cadence
from pawl.governance.ledger import PAWL, Actor
from pawl.governance.roster import Roster
from pawl.incidents.drill_run import Abort, Finish, Start, decide, plan
from pawl.incidents.shipped_drills import shipped_drills
from pawl.services.cadence_terms import NoSuchRoutine
from pawl.services.practice_cadence import routines_of
from pawl.store.records.changes import ChangeRecords
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.drills import DrillRecords
from pawl.store.records.engine import open_records
from pawl.store.records.outbox import OutboxRecords

ANOMALY = "quality-cost-anomaly-check"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_records(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def made(engine: Engine) -> Made:
    return Made(engine)


def test_a_routine_is_done_with_its_outputs_once(made: Made, engine: Engine) -> None:
    """The second time gives what is on record, whoever asks, and the ledger holds one entry."""
    first = recorded(made.desk.done(ANOMALY, {"note": "All quiet."}, by("ada")))
    again = recorded(made.desk.done(ANOMALY, {"note": "Not I."}, by("grace")))
    assert first == again
    assert (first.person, first.held, first.late, first.period) == (
        "ada",
        True,
        False,
        "2026-03-23",
    )
    assert [each.value for each in first.outputs] == ["All quiet."]
    assert check(engine, replay=True).difference is None
    shown = made.desk.show(ANOMALY)
    assert shown.line.state is State.DONE
    assert shown.people == ("ada",)


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({}, "missing"),
        ({"note": "  "}, "says nothing"),
        ({"note": "x", "more": "y"}, "no output"),
        ({"note": "x" * 5_000}, "more than"),
    ],
)
def test_without_its_outputs_it_is_not_done(made: Made, outputs: dict[str, str], said: str) -> None:
    """Each output that is asked for is there and says something; others mean nothing."""
    told = refused(made.desk.done(ANOMALY, outputs, by("ada")), "output-missing")
    assert said in told.reasons[-1] + told.reasons[0]
    assert made.desk.show(ANOMALY).line.state is State.DUE


@pytest.mark.parametrize(
    ("routine", "outputs"),
    [
        ("chaos-drill", {"drill": "nowhere"}),
        ("maturity-score-review", {"assessment": "f" * 64, "decisions": "x"}),
        ("cost-architecture-adjustment", {"figures": "", "changes": "chg_none"}),
        ("policy-audit", {"figures": f"{'0' * 64}@{MONDAY}", "findings": "none"}),
        ("policy-audit", {"figures": "anything", "findings": "none"}),
    ],
)
def test_what_is_named_must_be_there(engine: Engine, routine: str, outputs: dict[str, str]) -> None:
    """An id of nothing, and figures that were never shown, are no output."""
    made = Made(engine, changes=made_desk.Made(engine).desk)
    told = made.desk.done(routine, outputs, by("ada"))
    assert isinstance(told, Refusal)
    assert told.code in ("output-missing", "figures-moved")


def drilled(engine: Engine, at: str, *, aborted: bool = False) -> str:
    """Return the id of a run of a drill that ended at a time."""
    identity = f"drl_{at[:10]}{'x' * aborted}"
    run, actor = None, Actor(person="ada", source="session", assurance="authenticated")
    end = Abort(by="ada", why="Stop.") if aborted else Finish(by="ada", measured={})
    records = DrillRecords(engine)
    run = records.record(None, plan(identity, shipped_drills()[0], at, by="ada"), actor)
    for command in (Start(by="ada"), end):
        events = decide(run, command, at)
        assert isinstance(events, tuple)
        run = records.record(run, events, actor)
    return identity


def test_a_drill_that_was_run_is_an_output(made: Made, engine: Engine) -> None:
    """Its id is the proof. One of before, one that was aborted and a word are none."""
    old = drilled(engine, "2025-11-01T00:00:00.000000Z")
    new = drilled(engine, MONDAY)
    stopped = drilled(engine, MONDAY, aborted=True)
    with ChangeRecords(engine).writing() as book:
        back = Drill(id="rehearsed", component="prompt", at=MONDAY, succeeded=True)
        book.keep_drill(back, PAWL, MONDAY)
    for named in (old, stopped, "rehearsed"):
        refused(made.desk.done("chaos-drill", {"drill": named}, by("ada")), "output-missing")
    shown = made.desk.show("chaos-drill").numbers
    assert [row["id"] for row in shown.parts[0].rows] == [new, stopped]
    assert [row["id"] for row in shown.parts[1].rows] == ["rehearsed"]
    done = recorded(made.desk.done("chaos-drill", {"drill": new}, by("ada")))
    assert done.outputs[0].evidence == (new,)
    assert done.late, "it was due in February"


def test_figures_are_those_that_were_shown(engine: Engine) -> None:
    """What names them is taken as long as they are the same, and not once they have moved."""
    changes = made_desk.Made(engine, clock=Clock(CHANGED))
    start = format_time(parse_time(CHANGED) + timedelta(minutes=5))
    made = Made(engine, Clock(start), changes=changes.desk)
    shown = made.desk.show("release-gate-review")
    assert {each.title for each in shown.numbers.parts} == {
        "Blocked by gates", "Exceptions", "Releases",
    }  # fmt: skip
    forged = shown.seen.replace(shown.seen[:8], "00000000")
    outputs = {"figures": forged, "decisions": "none"}
    refused(made.desk.done("release-gate-review", outputs, by("grace")), "figures-moved")
    done = recorded(
        made.desk.done("release-gate-review", {**outputs, "figures": shown.seen}, by("grace"))
    )
    assert done.seen == shown.seen
    assert done.outputs[0].digest == shown.numbers.digest


def test_an_excuse_takes_somebody_who_answers_and_a_reason(made: Made) -> None:
    """A name that anybody can type excuses nothing, nor does whoever only does the work."""
    for who in (typed_by("ada"), by("ada"), by("bot"), by("nobody"), by("gone")):
        refused(made.desk.excuse("review-queue-triage", "All ill.", who), "not-allowed")
    refused(made.desk.excuse("review-queue-triage", " ", by("grace")), "no-reason")
    told = recorded(made.desk.excuse("review-queue-triage", "All ill.", by("grace")))
    assert (told.outcome, told.reason, told.person) == ("excused", "All ill.", "grace")
    refused(made.desk.done("review-queue-triage", {"queue": ""}, by("ada")), "already-excused")
    assert made.desk.show("review-queue-triage").line.state is State.EXCUSED


@pytest.mark.parametrize("who", ["bot", "gone", "stranger"])
def test_only_people_who_are_here_do_a_routine(made: Made, who: str) -> None:
    """A service, somebody who left and an unknown name are refused; nothing is recorded."""
    refused(made.desk.done(ANOMALY, {"note": "x"}, by(who)), "not-allowed")
    assert made.desk.show(ANOMALY).line.record is None


def test_without_a_roster_it_is_declared(made: Made) -> None:
    """Who did it is then what they say; nobody can excuse."""
    made.place.people = Roster()
    told = recorded(made.desk.done(ANOMALY, {"note": "x"}, typed_by("ada")))
    assert (told.person, told.assurance, told.held) == ("git:ada@example.org", "declared", False)
    refused(made.desk.excuse("review-queue-triage", "ill", by("grace")), "not-allowed")
    nobody = msgspec.structs.replace(by("x"), identity="")
    refused(made.desk.done("review-queue-triage", {"queue": ""}, nobody), "not-allowed")


def test_what_cannot_be_read_decides_nothing(made: Made) -> None:
    """A broken cadence or roster is neither a yes nor a no, and no roster hides what is due."""
    made.place.people = BadFile("does not read", place="roster.yaml")
    with pytest.raises(CannotTell):
        made.desk.done(ANOMALY, {"note": "x"}, by("ada"))
    assert made.desk.due().lines
    made.place.read = BadFile("does not read", place="cadence.yaml")
    with pytest.raises(CannotTell):
        made.desk.excuse(ANOMALY, "ill", by("grace"))


def test_names_that_are_none_are_told(made: Made) -> None:
    """A routine that is none, and a period that it does not have."""
    for routine, period in (
        ("tea", ""),
        (ANOMALY, "2026-03-22"),
        (ANOMALY, "x"),
        (ANOMALY, "0000-01-01"),
    ):
        with pytest.raises(NoSuchRoutine):
            made.desk.show(routine, period)
    assert made.desk.show("policy-audit", "2026-01").line.occurrence.period == "2026-01"


def test_a_period_that_is_over_is_missed_for_good(made: Made, engine: Engine) -> None:
    """The tick records it once; nobody can do or excuse it afterwards."""
    assert made.desk.tick().adopted
    made.clock.wind(hours=30)
    gone = made.desk.tick().missed
    assert set(gone) == {f"{ANOMALY}/2026-03-23", "review-queue-triage/2026-03-23"}
    assert made.desk.tick() == Made(engine, made.clock).desk.tick()
    period = {"period": "2026-03-23"}
    refused(made.desk.done(ANOMALY, {"note": "x"}, by("ada"), **period), "missed")
    refused(made.desk.excuse(ANOMALY, "ill", by("grace"), **period), "missed")
    assert check(engine, replay=True).difference is None


def test_what_was_missed_while_no_server_ran_is_found_later(made: Made) -> None:
    """A tick after two weeks records every occurrence that was missed since the cadence counts."""
    made.desk.tick()
    made.clock.wind(hours=24 * 14)
    gone = made.desk.tick().missed
    assert len([each for each in gone if each.startswith(ANOMALY)]) == 10
    assert len([each for each in gone if each.startswith("release-gate-review")]) == 2


def test_nobody_is_late_with_what_was_not_taken_on(made: Made) -> None:
    """Routines count from when they were first seen: a new team has missed nothing."""
    made.desk.tick()
    kept = made.desk.adherence("2026-01-01T00:00:00.000000Z", MONDAY)
    assert (kept.whole.due, kept.whole.value) == (0, None)


def test_adherence_is_done_of_due_without_the_excused(made: Made) -> None:
    """Of four due one is done, one excused, one missed, one overdue: one of three."""
    made.place.read = Cadence(
        routines=tuple(
            Routine(id=name, title=name, every=Every.DAILY, role="on-call", outputs=("note",))
            for name in ("a", "b")
        )
    )
    made.desk.tick()
    made.clock.wind(hours=0.5)
    recorded(made.desk.done("a", {"note": "x"}, by("ada")))
    made.clock.wind(hours=24)
    made.desk.tick()
    recorded(made.desk.excuse("a", "ill", by("grace")))
    made.clock.wind(hours=3)
    kept = made.desk.adherence(MONDAY, "2026-03-25T00:00:00.000000Z").whole
    assert (kept.due, kept.done, kept.missed, kept.overdue, kept.excused) == (3, 1, 1, 1, 1)
    assert kept.value == pytest.approx(1 / 3)
    assert kept.low is not None
    assert kept.high is not None
    assert 0 < kept.low < 1 / 3 < kept.high < 1
    lines = made.desk.calendar(MONDAY, "2026-03-25T00:00:00.000000Z").lines
    told = routines_of(lines, "2026-03-25T00:00:00.000000Z")
    assert [(each.name, each.done_at is not None) for each in told] == [
        ("a", True), ("b", False), ("b", False),
    ]  # fmt: skip


def test_people_are_reminded_once_when_due_and_once_when_late(made: Made, engine: Engine) -> None:
    """However often the clock is looked at, and by however many servers."""
    told: list[str] = []
    for _ in range(12):
        told += made.desk.tick().told
        told += Made(engine, made.clock).desk.tick().told
        made.clock.wind(hours=1)
    assert sorted(told) == [
        "quality-cost-anomaly-check/2026-03-23|due",
        "quality-cost-anomaly-check/2026-03-23|overdue",
        "release-gate-review/2026-W13|due",
        "release-gate-review/2026-W13|overdue",
        "review-queue-triage/2026-03-23|due",
        "review-queue-triage/2026-03-23|overdue",
    ]
    letters = OutboxRecords(engine).letters("waiting")
    assert len(letters) == 6
    assert any("for product-lead (grace)" in each.notice.title for each in letters)


def test_done_work_is_not_reminded_of(made: Made) -> None:
    """What is done or excused before it is due is told to nobody."""
    recorded(made.desk.done(ANOMALY, {"note": "x"}, by("ada")))
    recorded(made.desk.excuse("review-queue-triage", "ill", by("grace")))
    assert made.desk.tick().told == ("release-gate-review/2026-W13|due",)


def test_a_clock_that_runs_ahead_spoils_nothing(made: Made) -> None:
    """What it called missed can be done once the clock is right again, once."""
    made.desk.tick()
    made.clock.wind(hours=48)
    assert f"{ANOMALY}/2026-03-23" in made.desk.tick().missed
    made.clock.wind(hours=-48)
    assert made.desk.show(ANOMALY).line.state is State.DUE
    first = recorded(made.desk.done(ANOMALY, {"note": "x"}, by("ada"), period="2026-03-23"))
    assert recorded(made.desk.done(ANOMALY, {"note": "y"}, by("ada"))) == first


def test_nine_stays_nine_when_the_clocks_change(made: Made) -> None:
    """In Berlin a daily 09:00 is due once each day of that week, also across a restart."""
    made.place.read = Cadence(
        time_zone="Europe/Berlin", routines=(Routine(id="a", title="A", every=Every.DAILY),)
    )
    made.desk.tick()
    lines = made.desk.calendar(MONDAY, "2026-04-01T00:00:00.000000Z").lines
    due = [(line.occurrence.period[5:], line.occurrence.due_at[11:13]) for line in lines]
    assert due == [
        ("03-24", "08"), ("03-25", "08"), ("03-26", "08"), ("03-27", "08"),
        ("03-28", "08"), ("03-29", "07"), ("03-30", "07"), ("03-31", "07"),
    ]  # fmt: skip
    for _ in range(8):
        made.clock.wind(hours=23.5)
        told = made.desk.done("a", {}, by("ada"))
        assert isinstance(told, Refusal) or told.outcome == "done"
    found = made.desk.calendar(MONDAY, "2026-04-01T00:00:00.000000Z").lines
    periods = [line.occurrence.period for line in found]
    assert len(periods) == len(set(periods))


def test_a_routine_that_left_the_cadence_stays_in_the_past(made: Made) -> None:
    """What was done of it still counts, and it is asked of nobody any more."""
    made.desk.tick()
    recorded(made.desk.done(ANOMALY, {"note": "x"}, by("ada")))
    made.place.read = load_cadence('{"cadence": {"weekly": ["tea"]}}', place="cadence.json")
    made.desk.tick()
    made.clock.wind(hours=24 * 8)
    made.desk.tick()
    lines = made.desk.calendar(MONDAY, made.clock()).lines
    assert [(line.routine.id, line.state) for line in lines] == [
        ("tea", State.MISSED), (ANOMALY, State.DONE), ("tea", State.OVERDUE),
    ]  # fmt: skip


def test_every_shipped_routine_opens_with_its_numbers(engine: Engine) -> None:
    """Each shows what it looks at or says what cannot be told; none fails on empty stores."""
    made = Made(engine, changes=made_desk.Made(engine).desk)
    for routine in shipped_cadence().routines:
        shown = made.desk.show(routine.id)
        assert shown.numbers.parts
        for each in shown.numbers.parts:
            assert each.unknown or each.figures or each.columns, (routine.id, each.title)
        assert len(shown.seen.partition("@")[0]) == 64
    own = Cadence(routines=(Routine(id="tea", title="Tea", every=Every.WEEKLY),))
    made.place.read = own
    assert made.desk.show("tea").numbers.parts[0].unknown
