"""The cadence in the records: once each, on both engines, remade from the ledger."""

from collections.abc import Callable

import msgspec
import pytest

from pawl.alerts.alert import Notice, NoticeKind
from pawl.alerts.reading import Level
from pawl.governance.cadence import Cadence, Every, Routine, shipped_cadence
from pawl.governance.cadence_keeping import Output, Record
from pawl.governance.ledger import PAWL, Actor
from pawl.store.records.cadence import CadenceRecords
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import writing
from pawl.store.records.forgetting import forget
from pawl.store.records.outbox import OutboxRecords

NOW = "2026-03-16T08:00:00.000000Z"
LATER = "2026-03-30T08:00:00.000000Z"
ADA = Actor(person="ada@example.org", source="session", assurance="authenticated")
DONE = Record(
    routine="tea", period="2026-W12", title="Tea", every="weekly", role="lead",
    opens_at="2026-03-16T00:00:00.000000Z", due_at="2026-03-18T09:00:00.000000Z",
    closes_at="2026-03-23T00:00:00.000000Z", outcome="done", at=NOW,
    person="ada@example.org", identity="session:ada", assurance="authenticated",
    outputs=(Output(name="note", value="all well", digest="d" * 64),),
)  # fmt: skip
MISSED = msgspec.structs.replace(
    DONE, outcome="missed", person="", identity="", assurance="", outputs=(), at=LATER
)


def keep(engine: Engine, record: Record, now: str = NOW) -> Record:
    with CadenceRecords(engine).writing() as book:
        return book.keep(record, ADA, now)


def test_an_occurrence_is_recorded_once(opened: Callable[[], Engine]) -> None:
    """Whoever comes second gets what is on record, also after a restart, and adds no entry."""
    assert keep(opened(), DONE) == DONE
    other = msgspec.structs.replace(DONE, person="ben", at=LATER)
    assert keep(opened(), other, LATER) == DONE
    excused = msgspec.structs.replace(other, outcome="excused", reason="ill")
    assert keep(opened(), excused, LATER) == DONE
    assert keep(opened(), MISSED, LATER) == DONE
    engine = opened()
    with CadenceRecords(engine).reading() as book:
        assert book.due("2026-03-18", "2026-03-19") == {DONE.id: DONE}
        assert book.newest("tea", LATER, 5) == (DONE,)
    report = check(engine, replay=True)
    assert (report.entries, report.difference) == (1, None)


def test_a_miss_of_a_clock_that_ran_ahead_gives_way(engine: Engine) -> None:
    """While the period is not over it can still be done; once it is over the miss stands."""
    keep(engine, MISSED, LATER)
    assert keep(engine, DONE, NOW) == DONE
    assert check(engine, replay=True).difference is None
    other = msgspec.structs.replace(MISSED, period="2026-W11", closes_at="2026-03-16")
    late = msgspec.structs.replace(other, outcome="done")
    assert keep(engine, other) == keep(engine, late, LATER) == other


def test_a_cadence_is_adopted_when_it_changes(engine: Engine) -> None:
    """What stays as it was counts from before, what got other times from now."""
    tea = Routine(id="tea", title="Tea", every=Every.WEEKLY)
    daily = msgspec.structs.replace(tea, every=Every.DAILY)
    records = CadenceRecords(engine)
    told = ((tea, NOW), (tea, LATER), (daily, LATER), (tea, "2026-04-01T00:00:00.000000Z"))
    for routine, now in told:
        with records.writing() as book:
            book.adopt(Cadence(routines=(*shipped_cadence().routines, routine)), PAWL, now)
            kept = book.kept()
    assert kept["tea"].since == "2026-04-01T00:00:00.000000Z"
    assert kept["policy-audit"].since == NOW
    report = check(engine, replay=True)
    assert (report.entries, report.difference) == (3, None)
    with records.writing() as book:
        assert book.adopt(Cadence(), PAWL, "2026-05-01T00:00:00.000000Z") == {} == book.kept()


def test_people_are_told_once(engine: Engine) -> None:
    """The same message about an occurrence is put into the outbox one time, however often asked."""
    notice = Notice(
        id="n", kind=NoticeKind.FIRING, route="ops", level=Level.WARNING, at=NOW, title="t"
    )
    told = []
    for now in (NOW, LATER):
        with CadenceRecords(engine).writing() as book:
            told.append(book.tell(DONE.id, "due", (notice,), PAWL, now))
    assert told == [True, False]
    assert len(OutboxRecords(engine).letters("waiting")) == 1


def test_a_row_that_somebody_altered_is_found(engine: Engine) -> None:
    """A check with replay names the row that its entries do not make."""
    keep(engine, DONE)
    with writing(engine) as connection:
        connection.execute("UPDATE routine_occurrences SET outcome = 'excused'")
    difference = check(engine, replay=True).difference
    assert difference is not None
    assert difference.place == "routine_occurrences tea/2026-W12"


@pytest.mark.parametrize("name", ["ada@example.org", "session:ada"])
def test_a_person_is_forgotten(engine: Engine, name: str) -> None:
    """Who did it is gone from entry and row; that it was done stays, and the chain holds."""
    keep(engine, DONE)
    forget(engine, (name,), PAWL, LATER, reason="asked", key="k")
    with CadenceRecords(engine).reading() as book:
        found = book.record(DONE.id)
    assert found is not None
    assert name not in (found.person, found.identity)
    assert found.outputs == DONE.outputs
    report = check(engine, replay=True)
    assert report.intact
    assert report.difference is None
