"""Incidents as gates see them, through the wiring: a repository, a data folder, nothing made up."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.app.test_change_sources import Repository

from pawl.app.change_drafts import draft
from pawl.app.changing import desk_of
from pawl.app.incidents import incident_desk, incident_server, served_incidents
from pawl.app.serving import server_services
from pawl.base.errors import CannotTell
from pawl.changes.change import Change, Refusal
from pawl.changes.drafting import Plan
from pawl.governance.exceptions import GateException
from pawl.incidents.action import Action, Work
from pawl.incidents.declaring import Said
from pawl.incidents.incident import Incident
from pawl.services.change_terms import By
from pawl.services.changes import ChangeDesk
from pawl.services.incident_terms import Declared
from pawl.services.incidents import IncidentDesk
from pawl.store.records import incident_words
from pawl.store.records.engine import open_records, reading

ROSTER = """\
schema: pawl.roster/1
people:
  - {id: ada, identities: ["git:ada@example.com"]}
  - {id: sue, identities: ["session:sue", "git:sue@example.com"]}
  - {id: pia, identities: ["session:pia"]}
grants:
  - {person: sue, role: incident-commander}
  - {person: ada, role: on-call}
  - {person: pia, role: product-lead}
"""
SUE = By(identity="session:sue", source="session", assurance="authenticated")
PIA = By(identity="session:pia", source="session", assurance="authenticated")
ADA = By(identity="git:ada@example.com", source="git-config", assurance="declared")
TYPED = By(identity="git:sue@example.com", source="git-config", assurance="declared")


class Shop(NamedTuple):
    """A repository whose work is a change of its prompt, with both desks on one data folder."""

    changes: ChangeDesk
    incidents: IncidentDesk
    change: Change
    folder: Path


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop in which ada has opened a change."""
    repository = Repository(tmp_path / "shop")
    repository.commit({"CLAUDE.md": "Be kind.\n", ".pawl/roster.yaml": ROSTER})
    repository.git("checkout", "-qb", "work")
    repository.commit({"CLAUDE.md": "Be brief.\n"})
    found = draft(repository.place, "main", "work", Plan())
    folder = tmp_path / "data"
    engine = open_records(folder)
    changes = desk_of(folder, repository.place, engine=engine)
    known = changes.open(found.manifest, found.authors, ADA)
    assert isinstance(known, Change)
    yield Shop(changes, incident_desk(folder, repository.place, engine=engine), known, folder)
    engine.dispose()


def commanded(shop: Shop, by: By, *, severity: int = 1, scope: str = "") -> Incident:
    """Return an incident that somebody took command of."""
    done = shop.incidents.declare(Said(title="Down", severity=severity, scope=scope), ADA)
    assert isinstance(done, Declared)
    known = shop.incidents.accept(done.incident.id, by)
    assert isinstance(known, Incident), known
    return known


def broken(shop: Shop, incident: Incident, by: By) -> GateException | Refusal:
    """Return what breaking glass in an incident comes to."""
    return shop.changes.break_glass(
        shop.change.id, "cost", by, incident=incident.id, reason="Down.",
        compensating_control="Watched.", hours=2,
    )  # fmt: skip


def why(told: GateException | Refusal) -> str:
    """Return why nothing was broken."""
    assert isinstance(told, Refusal), told
    return " ".join(told.reasons)


def test_the_commander_of_a_severe_incident_breaks_glass(shop: Shop) -> None:
    """While it goes on, and no longer; what was broken is still known of when it is over."""
    known = commanded(shop, SUE)
    glass = broken(shop, known, SUE)
    assert isinstance(glass, GateException), glass
    assert (glass.approved_by, glass.incident) == ("sue", known.id)
    shop.incidents.mitigate(known.id, SUE)
    shop.incidents.resolve(known.id, SUE)
    assert "was not open then" in why(broken(shop, known, SUE))
    assert [each.id for each in shop.incidents.emergencies()] == [known.id]


def test_taking_command_is_no_leave_to_set_gates_aside(shop: Shop) -> None:
    """Anybody may command; glass takes a role from before, proof, a severe incident, its scope."""
    assert "did not command" in why(broken(shop, commanded(shop, PIA), PIA))
    on_word = commanded(shop, TYPED)
    assert on_word.commander == "sue"
    assert "did not command" in why(broken(shop, on_word, SUE))
    assert isinstance(broken(shop, on_word, TYPED), Refusal)
    assert "of severity 3" in why(broken(shop, commanded(shop, SUE, severity=3), SUE))
    assert "There is no incident" in why(broken(shop, commanded(shop, SUE, scope="other"), SUE))
    incident = shop.incidents.accept(on_word.id, SUE)
    assert isinstance(incident, Incident)
    assert isinstance(broken(shop, incident, SUE), GateException)


def test_gates_know_the_actions_that_incidents_left(shop: Shop) -> None:
    """Of the component itself, and none when it is verified or given up."""
    before = shop.changes.sources.facts(shop.change, shop.change.changed_at)
    assert (before.actions, before.debts) == ((), ())
    known = commanded(shop, SUE)
    opened = shop.incidents.open_action(
        known.id, "Try it", "sue", "2026-12-01", Work.CODE, "prompt/CLAUDE.md", SUE
    )
    assert isinstance(opened, Action)
    facts = shop.changes.sources.facts(shop.change, shop.change.changed_at)
    assert [each.id for each in facts.actions or ()] == [opened.id]
    shop.incidents.drop_action(opened.id, "Gone with the component.", SUE)
    assert shop.changes.sources.facts(shop.change, shop.change.changed_at).actions == ()


def test_without_a_repository_an_incident_is_declared_all_the_same(shop: Shop) -> None:
    """With doubts, and a promise that runs; gates of such a server know what incidents left."""
    desk = incident_desk(shop.folder, None)
    done = desk.declare(Said(title="Down"), TYPED)
    assert isinstance(done, Declared)
    assert any("roster" in each for each in done.doubts)
    assert done.incident.promised_at > done.incident.changed_at
    with pytest.raises(CannotTell):
        desk.accept(done.incident.id, SUE)
    desk.open_action(done.incident.id, "Try it", "sue", "2026-12-01", Work.CODE, "a", SUE)
    desk.close_desk()
    blind = desk_of(shop.folder, None)
    facts = blind.sources.facts(shop.change, shop.change.changed_at)
    assert [each.component for each in facts.actions or ()] == ["a"]
    blind.close()


def test_a_server_takes_the_repository_of_its_own_settings(shop: Shop) -> None:
    """The one that `[changes]` names: its people are known."""
    engine = open_records(shop.folder)
    (shop.folder / "pawl.toml").write_text('[changes]\nrepository = "../shop"\n')
    desk = served_incidents(shop.folder, engine)
    done = desk.declare(Said(title="Down"), ADA)
    assert isinstance(done, Declared)
    assert done.doubts == ()
    assert {each.person for each in done.incident.paging.deadlines} == {"pia"}
    engine.dispose()


def test_what_pawl_up_serves_ticks(tmp_path: Path) -> None:
    """From its start to its stop, with nothing set up at all."""
    serving = server_services(tmp_path, url="http://127.0.0.1:1")
    assert serving.incidents is not None
    server, pause = serving.incident_server, threading.Event()
    assert server is not None
    try:
        server.start()
        looked = any(serving.incidents.last_tick() or pause.wait(0.05) for _ in range(400))
        assert looked
        assert server.trouble == ""
    finally:
        serving.stop()


def test_a_server_takes_words_before_anybody_looks_for_similar_ones(tmp_path: Path) -> None:
    """One look is enough for a few incidents."""
    engine = open_records(tmp_path)
    desk = served_incidents(tmp_path, engine)
    try:
        desk.declare(Said(title="Queue is full"), SUE)
        with reading(engine) as connection:
            assert len(incident_words.stale(connection)) == 1
        incident_server(engine, desk).look()
        with reading(engine) as connection:
            assert incident_words.stale(connection) == []
    finally:
        engine.dispose()
