"""Investigations and quirks of a server: the same answers as from the records themselves."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.server.conftest import Ask
from tests.server.incident_team import IncidentTeam
from tests.services.made_incident_desk import ANN

from pawl.app.investigating import exercised
from pawl.base.errors import BadValue
from pawl.governance.access import Scope
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.incident import LinkKind
from pawl.investigation.exercise import shipped_exercise
from pawl.investigation.investigation import Investigation
from pawl.investigation.quirk import Quirk
from pawl.server.api.investigations import sound
from pawl.services.change_terms import By
from pawl.services.identity import Identity
from pawl.services.incident_terms import Declared, NoSuchIncident
from pawl.services.investigation_remote import RemoteInvestigations, RemoteRecorded
from pawl.services.investigation_serving import ServedInvestigations
from pawl.store.records.check import check
from pawl.store.records.engine import open_records

ANY = By(identity="", source="", assurance="declared")
SINCE, UNTIL = "2026-11-20T00:00:00.000000Z", "2026-11-23T00:00:00.000000Z"


class NoEvents:
    """A store in which nothing happened."""

    def history(self, since: str, until: str) -> Iterator[object]:
        """Yield nothing."""
        yield from ()


class Scene:
    """A team whose server keeps investigations, and an incident."""

    def __init__(self, team: IncidentTeam) -> None:
        self.team = team
        made = team.made
        ids = iter(range(1, 1_000))
        self.served = ServedInvestigations(
            made.engine, made.desk, None, NoEvents(),  # type: ignore[arg-type]
            rules=lambda: (), now=made.clock, new_id=lambda kind: f"{kind}_{next(ids):03}",
        )  # fmt: skip
        team.client.serving.investigations = self.served
        told = made.desk.declare(Said(title="Errors"), ANN)
        assert isinstance(told, Declared)
        self.incident = told.incident.id

    def remote(self, person: str, *, loses: int = 0) -> RemoteInvestigations:
        """Return what a person's command line asks."""
        return RemoteInvestigations(self.team.wire(person, loses), self.team.key)


@pytest.fixture
def scene(site: Ask, identity: Identity, tmp_path: Path) -> Iterator[Scene]:
    """A scene of its own."""
    engine = open_records(tmp_path / "incidents")
    yield Scene(IncidentTeam(site, identity, engine))
    engine.dispose()


@pytest.fixture(scope="module")
def found() -> Investigation:
    """What a bundled exercise comes to."""
    return exercised(shipped_exercise("user-cache"))[0]


def test_what_was_found_is_kept_on_the_server_and_linked_once(
    scene: Scene, found: Investigation
) -> None:
    """Its digest and text are what the records have; an answer that got lost keeps it once."""
    ours = msgspec.structs.replace(found, incident=scene.incident[:8])
    kept, refusal = scene.remote("leo", loses=2).keep(ours, ANY)
    assert refusal is None
    assert (
        scene.remote("pia").of(scene.incident) == (kept,) == scene.served.keeping.of(scene.incident)
    )
    assert kept.investigation == msgspec.structs.replace(found, incident=scene.incident)
    links = scene.team.made.desk.get(scene.incident).links
    assert [(each.kind, each.id) for each in links] == [(LinkKind.EVIDENCE, kept.id)]
    assert check(scene.team.made.engine, replay=True).difference is None
    with pytest.raises(NoSuchIncident):
        scene.remote("leo").keep(msgspec.structs.replace(found, incident="inc_none"), ANY)
    with pytest.raises(NoSuchIncident):
        scene.remote("leo").of("inc_none")


def test_quirks_are_recorded_read_and_retired_there(scene: Scene) -> None:
    """As with the records themselves: by the token's person, refused where they say nothing."""
    remote = scene.remote("sue")
    quirk = remote.add_quirk("code/cache", "refused by redis", "Look at the pool.", "", ANY)
    assert isinstance(quirk, Quirk)
    assert quirk.by == scene.team.by("sue").identity
    assert remote.quirks() == (quirk,) == scene.served.keeping.quirks()
    empty = remote.add_quirk("", " ", "x", "", ANY)
    assert isinstance(empty, Refusal)
    assert empty.code == "not-whole"
    gone = remote.retire_quirk(quirk.id, "It was renewed.", ANY)
    assert isinstance(gone, Quirk)
    assert gone.retired_by == scene.team.by("sue").identity
    assert remote.quirks() == ()
    assert remote.quirks(retired=True) == (gone,)
    with pytest.raises(BadValue, match="no quirk"):
        remote.retire_quirk("qrk_none", "No.", ANY)


def test_evidence_of_a_server_is_read_and_bounded(scene: Scene) -> None:
    """A window of it has changes, alerts and events; one that is too long is asked wrongly."""
    recorded = RemoteRecorded(scene.team.wire("pia"), SINCE, UNTIL)
    assert recorded.changes(SINCE, UNTIL) == ()
    assert recorded.alarms(SINCE, UNTIL) == ()
    assert recorded.failed_actions(SINCE, UNTIL) == 0
    from pawl.investigation.terms import shipped_terms

    assert recorded.event_facts(SINCE, UNTIL, shipped_terms()).lines == ()
    long = RemoteRecorded(scene.team.wire("pia"), "2026-01-01T00:00:00.000000Z", UNTIL)
    with pytest.raises(BadValue, match="31 days"):
        long.changes(SINCE, UNTIL)


def test_what_is_no_investigation_of_ours_is_not_kept(scene: Scene, found: Investigation) -> None:
    """Times that are none, counts that no ledger can hold, and texts without end are refused."""
    window = msgspec.structs.replace(found.window, since="yesterday")
    look = msgspec.structs.replace(found.looks[0], items=2**60)
    evidence = msgspec.structs.replace(found.evidence[0], what="x" * 5_000_000)
    for changed in (
        {"made_at": "soon"},
        {"window": window},
        {"began_at": "2026"},
        {"looks": (look,)},
        {"evidence": (evidence,)},
    ):
        with pytest.raises(BadValue):
            sound(msgspec.structs.replace(found, **changed))
    assert sound(found) == found


@pytest.mark.parametrize(
    "path", ["/api/incidents/inc_0001/investigations", "/api/quirks", "/api/quirks/q/retire"]
)
def test_whoever_may_only_read_writes_nothing(scene: Scene, path: str) -> None:
    """Reading takes the scope of reading, writing the one of incidents."""
    secret = scene.team.token("pia", Scope.READ).secret
    headers = {"Authorization": f"Bearer {secret}"}
    assert scene.team.client.post(path, json={}, headers=headers).status_code == 403
    assert scene.team.client.get("/api/quirks", headers=headers).status_code == 200
    told = scene.team.client.get("/api/quirks")
    assert told.status_code == 401
    assert json.loads(told.content)["error"]["code"] == "unauthorized"
