"""People are told of a drill that failed, once, and of no other."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.incidents.test_drill import DRILL
from tests.services.made_desk import ANN
from tests.services.test_drills import Desk, nothing_lost

from pawl.alerts.alert import Notice
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.delivery import link
from pawl.alerts.policy import Policy, Route
from pawl.base.errors import BadFile, CannotTell
from pawl.incidents.drill_run import State
from pawl.services.drill_letters import letters_of
from pawl.services.drill_sandbox import Parameters, Sandbox
from pawl.store.records.engine import Engine, open_records, reading

MAILING = Mailing(
    policy=Policy(routes=(Route(to=("team",), rules=("drill",)),)), channels=("team",)
)


def all_lost(sandbox: Sandbox, parameters: Parameters) -> None:
    """Measure that nothing is well."""
    sandbox.measure("lost", 5)
    sandbox.measure("after_return_s", 10_000)


def breaks(sandbox: Sandbox, parameters: Parameters) -> None:
    """Go on no longer."""
    raise CannotTell("the disk is full.")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Records of their own."""
    found = open_records(tmp_path / "data")
    yield found
    found.dispose()


def letters(engine: Engine) -> list[Notice]:
    """Return what is in the outbox."""
    with reading(engine) as connection:
        rows = connection.execute("SELECT body FROM outbox ORDER BY id")
        return [msgspec.json.decode(row["body"], type=Notice) for row in rows]


def test_a_drill_that_failed_is_told_once_with_where_to_look(engine: Engine) -> None:
    """How many expectations were not met, to the channel of the route, with the report's page."""
    desk = Desk(engine, all_lost, mailing=lambda: MAILING)
    run = desk.desk.run(DRILL, ANN, key="k")
    desk.desk.run(DRILL, ANN, key="k")
    (letter,) = letters(engine)
    (told,) = letter.alerts
    assert "2 of 2 expectations were not met" in told.summary
    assert letter.route == "team"
    assert told.response.endswith(f"pawl drill report {run.id}")
    assert link("https://pawl.example.org", told) == f"https://pawl.example.org/drills/{run.id}"
    assert letters_of(run, MAILING, run.changed_at)[0].id == letter.id


def test_one_that_was_aborted_is_told_and_one_that_held_is_not(engine: Engine) -> None:
    """Why it was aborted stands in the letter; who met what was expected hears nothing."""
    desk = Desk(engine, nothing_lost, mailing=lambda: MAILING)
    desk.desk.run(DRILL, ANN)
    assert letters(engine) == []
    broken = Desk(engine, breaks, mailing=lambda: MAILING)
    broken.count = 10
    run = broken.desk.run(DRILL, ANN)
    assert run.state is State.ABORTED
    (letter,) = letters(engine)
    assert "the disk is full" in letter.alerts[0].summary


def test_without_a_route_or_with_a_broken_file_a_drill_ends_all_the_same(engine: Engine) -> None:
    """Nobody is told where no route asks for it; what cannot be read leaves it to a server."""

    def broken() -> Mailing:
        raise BadFile("no TOML", place="pawl.toml")

    other = Policy(routes=(Route(to=("team",), rules=("incident",)),))
    for number, mailing in enumerate((lambda: Mailing(policy=other, channels=("team",)), broken)):
        desk = Desk(engine, all_lost, mailing=mailing)
        desk.count = number * 10
        assert desk.desk.run(DRILL, ANN).state is State.FINISHED
    (letter,) = letters(engine)
    assert letter.route != "team"
