"""Incidents in the records, on both engines: one transaction, one holder of a key, one replay."""

from collections.abc import Callable

import msgspec
import pytest
from tests.incidents.made_incidents import NOW, published
from tests.services.made_incident_desk import (
    ANN,
    LEO,
    STRANGER,
    SUE,
    MadeIncidents,
    action,
    incident,
)

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.governance.forgetting import FORGOTTEN
from pawl.governance.ledger import PAWL
from pawl.incidents.action import Proof, Work
from pawl.incidents.action import State as ActionState
from pawl.incidents.debt import OperationalDebt, owe
from pawl.incidents.declaring import Said
from pawl.incidents.event import Happened, Refusal, plain
from pawl.incidents.incident import Happening, State
from pawl.incidents.postmortem import Postmortem
from pawl.services.incident_ground import actor_of
from pawl.services.incident_terms import Declared
from pawl.store.records.check import check
from pawl.store.records.connection import Engine, RecordsUnavailable, insert
from pawl.store.records.engine import reading, writing
from pawl.store.records.forgetting import forget
from pawl.store.records.incident_rows import KINDS, STEPS, StepDone

TABLES = (*(each.table for each in KINDS.values()), STEPS)
TOLD = Mailing(
    policy=Policy(routes=(Route(to=("file",), rules=("incident",)),)), channels=("file",)
)


@pytest.fixture
def made(engine: Engine) -> MadeIncidents:
    """A desk whose messages go to a file."""
    return MadeIncidents(engine, mailing=lambda: TOLD)


def filled(made: MadeIncidents) -> None:
    """Let there be a row in every table of incidents."""
    known = made.resolved(by=LEO, key="a")
    opened = action(
        made.desk.open_action(known.id, "Try it", "leo", "2026-12-01", Work.CODE, "prompt/a", LEO)
    )
    made.desk.claim_action(opened.id, LEO, "Done.")
    action(made.desk.verify_action(opened.id, Proof(place="x", digest="y"), SUE))
    paper = msgspec.structs.replace(
        published(), incident=known.id, owner="leo", written_by=("github:2",)
    )
    begun = Happened(
        type="postmortem.begun", subject=paper.id, at=made.clock(), by="github:2", sets=plain(paper)
    )
    owed = owe("rc:1:x", "prompt/a", (known.id, "inc_x"), NOW, made.clock(), by="github:2")
    assert not isinstance(owed, Refusal)
    step = StepDone(key="ls:1:x", incident=known.id, kind="action", done_at=NOW, result=opened.id)
    with made.records.writing() as book:
        book.begin(Postmortem, begun, actor_of(LEO))
        book.begin(OperationalDebt, owed[0], actor_of(LEO))
        assert book.keep_step(step, actor_of(LEO))
        assert not book.keep_step(step, actor_of(LEO))
    with made.records.reading() as book:
        assert book.steps_done(known.id) == (step,)
        assert book.postmortem_of(known.id) == paper
        assert [each.id for each in book.debts()] == [owed[0].subject]


def counted(engine: Engine, table: str) -> int:
    """Return how many rows a table has."""
    with reading(engine) as connection:
        return int(connection.execute(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"])


def test_a_replay_makes_every_row_again(made: MadeIncidents) -> None:
    """The rows of all four kinds, and of steps, are what the ledger says."""
    filled(made)
    assert all(counted(made.engine, table) == 1 for table in TABLES)
    assert check(made.engine, replay=True).difference is None


@pytest.mark.parametrize("table", TABLES)
def test_a_replay_finds_a_row_that_was_changed_taken_or_added(
    made: MadeIncidents, table: str
) -> None:
    """Whatever was done to a table past the ledger is named with its table."""
    filled(made)
    key = "key" if table == STEPS else "id"
    (row,) = _rows(made.engine, table)
    name = next(each for each in row if isinstance(row[each], str) and each not in (key, "body"))
    for statement in (
        f"""UPDATE {table} SET "{name}" = 'other'""",
        f"DELETE FROM {table}",
    ):
        with writing(made.engine) as connection:
            connection.execute(statement)
        found = check(made.engine, replay=True).difference
        assert found is not None
        assert (found.kind, found.place) == ("table", f"{table} {row[key]}")
        with writing(made.engine) as connection:
            connection.execute(f"DELETE FROM {table}")
            insert(connection, table, row)
    with writing(made.engine) as connection:
        other = {**row, key: "more"}
        other |= {name: "other" for name in ("incident", "open_key") if name in row}
        insert(connection, table, other)
    found = check(made.engine, replay=True).difference
    assert found is not None
    assert found.place == f"{table} more"


def _rows(engine: Engine, table: str) -> list[dict[str, object]]:
    with reading(engine) as connection:
        return connection.execute(f"SELECT * FROM {table}")


def test_row_entry_and_letters_are_one_transaction(
    made: MadeIncidents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails half-way leaves nothing behind, and the same command works the next time."""

    def fail(*given: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("pawl.store.records.incidents.enqueue", fail)
        with pytest.raises(OSError, match="full"):
            made.desk.declare(Said(title="Down"), ANN, key="k")
    for table in ("ledger", "incidents", "outbox"):
        assert counted(made.engine, table) == 0
    done = made.desk.declare(Said(title="Down"), ANN, key="k")
    assert isinstance(done, Declared)
    assert done.new
    assert (counted(made.engine, "ledger"), counted(made.engine, "outbox")) == (2, 1)


def test_the_tables_themselves_let_no_two_hold_a_key(made: MadeIncidents) -> None:
    """Even past our own code; of incidents without a key there are as many as like."""
    made.declared()
    made.declared()
    known = made.declared(key="a")
    (row,) = [each for each in _rows(made.engine, "incidents") if each["id"] == known.id]
    with pytest.raises(RecordsUnavailable), writing(made.engine) as connection:
        insert(connection, "incidents", {**row, "id": "inc_other"})


def test_a_key_that_was_told_before_is_not_heard_again(made: MadeIncidents) -> None:
    """Also when other things happened since; another key is another command."""
    first = made.desk.declare(Said(title="Down", key="a"), ANN, key="k")
    again = made.desk.declare(Said(title="Down", key="a"), ANN, key="k")
    assert isinstance(first, Declared)
    assert isinstance(again, Declared)
    assert (first.new, again.new, again.incident) == (True, False, first.incident)
    name = first.incident.id
    noted = incident(made.desk.note(name, "Look.", ANN, key="n"))
    incident(made.desk.accept(name, SUE, key="s"))
    assert incident(made.desk.note(name, "Look.", ANN, key="n")).version == noted.version + 1
    assert incident(made.desk.note(name, "Look.", ANN, key="m")).version == noted.version + 2
    assert check(made.engine, replay=True).difference is None


def test_lists_go_on_where_the_last_one_ended(made: MadeIncidents) -> None:
    """Last declared first, also of one instant; in some states, of a scope and all below it."""
    frozen = made.clock()
    made.desk._now = lambda: frozen
    names = [made.declared(scope=["shop", "shop/web", "shopping"][n % 3]).id for n in range(7)]
    incident(made.desk.accept(names[0], SUE))
    found: list[str] = []
    while len(found) < 7:
        page = made.desk.list(limit=3, before=found[-1] if found else "")
        found += [each.id for each in page]
    assert found == names[::-1]
    below = [each.id for each in made.desk.list(scope="shop")]
    assert below == [names[6], names[4], names[3], names[1], names[0]]
    assert [each.id for each in made.desk.list((State.COMMANDED,))] == [names[0]]
    assert made.desk.list(before="inc_nobody") == ()
    assert made.desk.counts() == {State.COMMANDED: 1, State.DECLARED: 6}


def test_figures_and_actions_of_a_window(made: MadeIncidents) -> None:
    """A window has what was declared in it, and actions that were due in it or are still open."""
    filled(made)
    made.clock.wind(hours=24 * 20)
    made.declared()
    found = made.desk.figures("2026-11-21T00:00:00.000000Z", "2026-11-22T00:00:00.000000Z")
    assert (found.incidents.incidents, found.actions.completed_in_time.denominator) == (1, 0)
    found = made.desk.figures("2026-11-22T00:00:00.000000Z", "2026-12-31T00:00:00.000000Z")
    assert (found.incidents.incidents, found.incidents.waiting) == (1, 0)
    assert found.actions.completed_in_time.numerator == 1


def test_the_actions_that_hold_releases_up(made: MadeIncidents) -> None:
    """Open ones that block; of the same incident, kind and title there is one."""
    known = made.resolved()
    for _ in range(2):
        one = action(
            made.desk.open_action(known.id, "Try it", "leo", "2026-12-01", Work.CODE, "a", LEO)
        )
    made.desk.open_action(known.id, "Say it", "leo", "2026-12-02", Work.RUNBOOK, "b", LEO,
                          blocker=False)  # fmt: skip
    assert [each.id for each in made.desk.open_actions()] == [one.id]
    assert [each.title for each in made.desk.actions(owner="leo")] == ["Try it", "Say it"]
    assert made.desk.actions(states=(ActionState.VERIFIED,)) == ()
    made.desk.claim_action(one.id, LEO)
    action(made.desk.verify_action(one.id, Proof(place="x", digest="y"), SUE))
    assert made.desk.open_actions() == ()


def test_a_person_is_forgotten_in_everything_that_incidents_left(made: MadeIncidents) -> None:
    """Leo's names are nowhere, every row is still made of its entries, and work goes on."""
    filled(made)
    later = made.declared(by=LEO)
    made.desk.join(later.id, LEO)
    incident(made.desk.accept(later.id, ANN))
    incident(made.desk.offer(later.id, "github:2", ANN))
    forget(made.engine, ("leo", "github:2"), PAWL, made.clock(), reason="asked", key="k")
    with reading(made.engine) as connection:
        texts = "\n".join(
            str(row)
            for table in ("ledger", "outbox", *TABLES)
            for row in connection.execute(f"SELECT * FROM {table}")
        )
    for name in ("'leo'", '"leo"', "github:2", " leo "):
        assert name not in texts, name
    assert "github:1" in texts
    assert check(made.engine, replay=True).difference is None
    assert made.desk.get(later.id).responders == (FORGOTTEN,)
    incident(made.desk.note(later.id, "Go on.", ANN))
    assert check(made.engine, replay=True).difference is None


def test_a_declaration_in_the_dark_is_kept_like_any_other(
    opened: Callable[[], Engine],
) -> None:
    """Nobody is known and nothing reads: the row, the deadlines and the doubts are there."""
    broken = OSError("no such folder")
    made = MadeIncidents(opened(), people=broken, schedule=broken, terms=broken, zones=broken)
    known = made.declared(by=STRANGER)
    assert [each.person for each in known.paging.deadlines] == ["", "", "", ""]
    (first, *_) = made.desk.timeline(known.id)
    assert len(first.doubts) == 5
    made.clock.wind(seconds=301)
    assert [each.type for each in made.desk.tick()][-1] == Happening.BREACHED
    assert check(made.engine, replay=True).difference is None
