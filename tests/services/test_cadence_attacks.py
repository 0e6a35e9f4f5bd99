"""A cadence cannot be kept by editing it, by excusing oneself, or with another week's figures."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from tests.changes.made_changes import NOW as CHANGED
from tests.services import made_desk
from tests.services.made_cadence import TEAM, Made, by, recorded, refused
from tests.services.made_desk import Clock

from pawl.base.times import format_time, parse_time
from pawl.governance.cadence import Cadence, Every, Routine, State, shipped_cadence
from pawl.governance.roster import Grant
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import open_records

A = Routine(id="a", title="A", every=Every.DAILY, role="on-call")
B = Routine(id="b", title="B", every=Every.DAILY, role="on-call")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Records of their own."""
    made = open_records(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def made(engine: Engine) -> Made:
    """A desk whose cadence is two daily routines, adopted a day ago."""
    found = Made(engine)
    found.place.read = Cadence(routines=(A, B))
    found.desk.tick()
    return found


def states(made: Made, since: str, until: str) -> dict[str, State]:
    """Return how occurrences stand, by their ids."""
    return {each.occurrence.id: each.state for each in made.desk.calendar(since, until).lines}


DAY = ("2026-03-23T00:00:00.000000Z", "2026-03-24T00:00:00.000000Z")


def test_a_routine_that_is_dropped_takes_no_missed_one_with_it(made: Made, engine: Engine) -> None:
    """Nobody ticked, the file lost the routine, another was done: it was missed all the same."""
    made.clock.wind(hours=30)
    made.place.read = Cadence(routines=(B,))
    recorded(made.desk.done("b", {}, by("ada")))
    made.desk.tick()
    assert states(made, *DAY) == {"a/2026-03-23": State.MISSED, "b/2026-03-23": State.MISSED}
    assert check(engine, replay=True).difference is None


@pytest.mark.parametrize("how", ["dropped", "moved"])
def test_what_is_overdue_stays_so_when_the_file_is_edited(
    made: Made, engine: Engine, how: str
) -> None:
    """Leaving a routine out for an hour, or giving it a later time each evening, hides nothing."""
    made.clock.wind(hours=10)
    assert states(made, *DAY)["a/2026-03-23"] is State.OVERDUE
    later = msgspec.structs.replace(A, at="09:01")
    made.place.read = Cadence(routines=(B,) if how == "dropped" else (later, B))
    made.desk.tick()
    assert states(made, *DAY)["a/2026-03-23"] is State.OVERDUE
    made.clock.wind(hours=14)
    made.desk.tick()
    assert states(made, *DAY)["a/2026-03-23"] is State.MISSED
    assert check(engine, replay=True).difference is None


def test_what_is_overdue_can_still_be_done_after_an_edit(made: Made, engine: Engine) -> None:
    """That it is kept in mind is no verdict: until its period ends it is done like any other."""
    made.clock.wind(hours=10)
    made.place.read = Cadence(routines=(msgspec.structs.replace(A, at="09:01"), B))
    made.desk.tick()
    recorded(made.desk.done("a", {}, by("ada")))
    assert states(made, *DAY)["a/2026-03-23"] is State.DONE
    assert check(engine, replay=True).difference is None


def test_nobody_excuses_their_own_routine(made: Made) -> None:
    """Who holds the role of a routine, and answers for it as well, cannot be the one."""
    both = Grant(person="ada", role="product-lead")
    made.place.people = msgspec.structs.replace(TEAM, grants=(*TEAM.grants, both))
    made.place.read = shipped_cadence()
    told = refused(made.desk.excuse("review-queue-triage", "ill", by("ada")), "not-allowed")
    assert "own" in told.reasons[0]
    excused = recorded(made.desk.excuse("review-queue-triage", "ill", by("grace")))
    assert (excused.person, excused.held) == ("grace", False)


def test_who_alone_answers_may_excuse_and_it_is_said(made: Made) -> None:
    """In a team of one nothing could ever be excused; that it was their own is on record."""
    grants = (Grant(person="ada", role="product-lead"), Grant(person="ada", role="product-eng"))
    made.place.people = msgspec.structs.replace(TEAM, grants=grants)
    made.place.read = shipped_cadence()
    assert recorded(made.desk.excuse("review-queue-triage", "ill", by("ada"))).held


def test_figures_of_an_earlier_period_are_not_those_of_this_one(engine: Engine) -> None:
    """What somebody looked at before the week began is looked at again."""
    changes = made_desk.Made(engine, clock=Clock(CHANGED))
    made = Made(engine, Clock(CHANGED), changes=changes.desk)
    before = made.desk.show("release-gate-review")
    opens = parse_time(before.line.occurrence.closes_at)
    made.clock.wind(seconds=(opens - parse_time(CHANGED)).total_seconds() + 3_600)
    now = made.desk.show("release-gate-review")
    assert now.line.occurrence.period != before.line.occurrence.period
    early = format_time(opens - timedelta(hours=1))
    stale = f"{before.seen.partition('@')[0]}@{early}"
    outputs = {"figures": stale, "decisions": "none"}
    refused(made.desk.done("release-gate-review", outputs, by("grace")), "figures-moved")
    fresh = {**outputs, "figures": now.seen}
    recorded(made.desk.done("release-gate-review", fresh, by("grace")))
