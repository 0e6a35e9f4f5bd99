"""What the OpenAPI document says of incidents holds: right and wrong requests of each."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.conftest import Ask
from tests.server.incident_team import IncidentTeam
from tests.server.test_change_contract import _tried, _without_lifespan

from pawl.server.api.incident_descriptions import INCIDENTS
from pawl.services.identity import Identity
from pawl.store.records.engine import open_records

with warnings.catch_warnings():
    # Libraries that it stands on announce what they will drop.
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode as Mode

LEARNING = ("postmortem", "/learn", "similar", "/debts", "structural", "weekly", "confirm-repeat")
"""Parts of addresses whose answers have tests of their own."""
DESCRIBED = [each for each in INCIDENTS if not any(part in each.path for part in LEARNING)]


@pytest.fixture
def team(site: Ask, identity: Identity, tmp_path: Path) -> Iterator[IncidentTeam]:
    """Return a team whose server has an incident that somebody commands."""
    engine = open_records(tmp_path / "incidents")
    made = IncidentTeam(site, identity, engine)
    made.made.commanded(made.by("sue"))
    yield made
    engine.dispose()


@pytest.mark.heavy
def test_incidents_keep_their_word(team: IncidentTeam) -> None:
    """Documented statuses and bodies, whatever is sent; what is wrong is refused."""
    headers = team.headers("ann")
    document = team.client.get("/api/openapi.json", headers=headers).json()
    paths = {each.path for each in DESCRIBED}
    document["paths"] = {path: each for path, each in document["paths"].items() if path in paths}
    schema = schemathesis.openapi.from_dict(document)
    schema.app = _without_lifespan(team.client.app)
    operations = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) == len(DESCRIBED)
    troubles = []
    for operation in operations:
        # Without body and query any text is an id, so nothing can be asked wrongly.
        wrongly = operation.method == "post" or bool(operation.query)
        for mode in (Mode.POSITIVE, Mode.NEGATIVE)[: 1 + wrongly]:
            troubles.append(_tried(operation, mode, 5, headers))
    assert not any(troubles), "\n\n".join(filter(None, troubles))
