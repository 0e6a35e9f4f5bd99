"""What incidents taught, over HTTP: the same answers as from the desk itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.incidents.made_incidents import content
from tests.server.conftest import Ask
from tests.server.incident_team import IncidentTeam
from tests.services.made_incident_desk import MadeIncidents

from pawl.base.errors import CannotTell
from pawl.incidents.debt import OperationalDebt, State
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident
from pawl.incidents.learning import IncidentLearning
from pawl.incidents.postmortem import Content, Postmortem
from pawl.services.change_terms import By
from pawl.services.identity import Identity
from pawl.services.incident_terms import NoSuchIncident
from pawl.services.incidents import IncidentDesk
from pawl.store.records.engine import open_records

ANY = By(identity="", source="", assurance="declared")
Step = tuple[str, str, Callable[[IncidentDesk, By], object]]
FIRST, SECOND = "inc_0001", "inc_0002"
WHOLE = msgspec.structs.replace(content(FIRST), learning=None, no_change=None)


@pytest.fixture
def team(site: Ask, identity: Identity, tmp_path: Path) -> Iterator[IncidentTeam]:
    """Return a team with a server."""
    engine = open_records(tmp_path / "incidents")
    yield IncidentTeam(site, identity, engine)
    engine.dispose()


def ended(desk: IncidentDesk, identity: str, by: By) -> object:
    """Return an incident that was commanded, mitigated and resolved."""
    desk.accept(identity, by)
    desk.mitigate(identity, by)
    return desk.resolve(identity, by)


def debt_of(desk: IncidentDesk) -> str:
    """Return the id of the only debt."""
    (found,) = desk.debts()
    return found.id


SCRIPT: tuple[Step, ...] = (
    ("declare", "ann", lambda desk, by: desk.declare(
        Said(title="Search answers nothing", components=("code/cache",)), by)),
    ("too soon", "sue", lambda desk, by: desk.begin_postmortem(FIRST, "leo", by)),
    ("end", "sue", lambda desk, by: ended(desk, FIRST, by)),
    ("declare again", "ann", lambda desk, by: desk.declare(
        Said(title="Search answers nothing again", components=("code/cache",)), by)),
    ("end again", "sue", lambda desk, by: ended(desk, SECOND, by)),
    ("no owner", "sue", lambda desk, by: desk.begin_postmortem(FIRST, " ", by)),
    ("begin", "sue", lambda desk, by: desk.begin_postmortem(FIRST, "leo", by)),
    ("revise", "leo", lambda desk, by: desk.revise(FIRST, WHOLE, by)),
    ("moved", "ann", lambda desk, by: desk.revise(FIRST, Content(), by, seen=1)),
    ("ask", "leo", lambda desk, by: desk.ask_review(FIRST, by)),
    ("not ready", "sue", lambda desk, by: desk.publish(FIRST, by)),
    ("send back", "sue", lambda desk, by: desk.send_back(FIRST, "It says little.", by)),
    ("own signature", "leo", lambda desk, by: desk.sign_no_change(FIRST, "A test.", by)),
    ("sign", "sue", lambda desk, by: desk.sign_no_change(FIRST, "A test.", by)),
    ("ask again", "leo", lambda desk, by: desk.ask_review(FIRST, by)),
    ("publish", "sue", lambda desk, by: desk.publish(FIRST, by)),
    ("repeat", "sue", lambda desk, by: desk.confirm_repeat(SECOND, FIRST, by)),
    ("plan nothing", "leo", lambda desk, by: desk.plan_debt(debt_of(desk), "", "", by)),
    ("plan", "leo", lambda desk, by: desk.plan_debt(debt_of(desk), "leo", "A case.", by)),
    ("no case", "leo", lambda desk, by: desk.add_case(debt_of(desk), " ", by)),
    ("pay too soon", "leo", lambda desk, by: desk.pay_debt(debt_of(desk), by)),
)  # fmt: skip
WINDOW = ("2026-10-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z")
LOOKS: tuple[Callable[[IncidentDesk], object], ...] = (
    lambda desk: desk.postmortem(FIRST),
    lambda desk: desk.postmortem(SECOND),
    lambda desk: desk.postmortem_due(SECOND),
    lambda desk: desk.draft(SECOND),
    lambda desk: desk.blame(FIRST),
    lambda desk: desk.learnt(FIRST),
    lambda desk: desk.similar(SECOND),
    lambda desk: desk.debts(),
    lambda desk: desk.debts((State.PAID,)),
    lambda desk: desk.debt(debt_of(desk)),
    lambda desk: desk.structural_report(*WINDOW),
    lambda desk: desk.weekly_review("2026-11-22T00:00:00.000000Z"),
)


def test_what_was_learned_is_the_same_here_and_there(team: IncidentTeam, tmp_path: Path) -> None:
    """Postmortems, debts, reports and refusals: every answer of a server is the desk's own."""
    engine = open_records(tmp_path / "here")
    local = MadeIncidents(engine, people=team.people)
    seen = set()
    try:
        for name, who, step in SCRIPT:
            ours, theirs = step(local.desk, team.by(who)), step(team.desk(who), ANY)
            assert theirs == ours, name
            seen.add(type(ours))
        assert {Incident, Postmortem, OperationalDebt, Refusal} <= seen
        for number, look in enumerate(LOOKS):
            assert look(team.desk("pia")) == look(local.desk), number
    finally:
        engine.dispose()


def test_what_is_none_is_none_there_too(team: IncidentTeam) -> None:
    """An id that nothing has raises as the desk does."""
    desk = team.desk("sue")
    for ask in (
        lambda: desk.postmortem("inc_no"),
        lambda: desk.debt("debt_no"),
        lambda: desk.similar("inc_no"),
        lambda: desk.publish("inc_no", ANY),
    ):
        with pytest.raises(NoSuchIncident):
            ask()


def test_a_dry_run_beside_a_server_does_nothing(team: IncidentTeam) -> None:
    """It tells the steps, and nothing is on record after it."""
    step_one(team)
    lesson = IncidentLearning(
        incidentId=FIRST, rootCause="x", newEvalCases=("y",), gateUpdates=(), owner="leo"
    )
    with pytest.raises(CannotTell, match="files of a repository"):
        team.desk("sue").learn(FIRST, lesson, ANY, dry_run=True)
    assert team.made.desk.learnt(FIRST) == ()


def step_one(team: IncidentTeam) -> None:
    """Let the first incident be declared."""
    team.made.desk.declare(Said(title="Search answers nothing"), team.by("ann"))
