"""What the OpenAPI document says of changes and gates holds: right and wrong requests of each."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests.server.change_team import TEAM, Team
from tests.server.conftest import Ask
from tests.server.fakes import NOW

from pawl.server.api.change_descriptions import CHANGES
from pawl.services.identity import Identity
from pawl.store.records.engine import open_records

with warnings.catch_warnings():
    # Libraries that it stands on announce what they will drop.
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode as Mode

NOT_TOLD = frozenset({"/api/gates/simulate"})
"""A policy's keys are words of a list, which the document does not tell."""
OPERATIONS = frozenset((each.path, each.method) for each in CHANGES)


@pytest.fixture
def team(site: Ask, identity: Identity, tmp_path: Path) -> Iterator[Team]:
    """Return a team whose server has a change in review."""
    engine = open_records(tmp_path / "changes")
    made = Team(site, identity, engine)
    made.made.submitted()
    yield made
    engine.dispose()


def _troubles(team: Team, examples: int) -> str:
    """Ask every operation on changes, rightly and wrongly; return what broke its word."""
    headers = team.headers("ann")
    document = team.client.get("/api/openapi.json", headers=headers).json()
    # Another part may answer to another method at the same address.
    document["paths"] = {
        path: asked
        for path, each in document["paths"].items()
        if (asked := {verb: told for verb, told in each.items() if (path, verb) in OPERATIONS})
    }
    schema = schemathesis.openapi.from_dict(document)
    schema.app = _without_lifespan(team.client.app)
    operations = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) == len(CHANGES)
    found = []
    for operation in operations:
        # Without body and query any text is an id, so nothing can be asked wrongly.
        wrongly = operation.method == "post" or bool(operation.query)
        rightly = operation.path not in NOT_TOLD
        modes = (Mode.POSITIVE,) * rightly + (Mode.NEGATIVE,) * wrongly
        found += [_tried(operation, mode, examples, headers) for mode in modes]
    return "\n\n".join(filter(None, found))


def _tried(operation: Any, mode: Any, examples: int, headers: dict[str, str]) -> str:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        if mode is Mode.POSITIVE and case.headers:
            # A key that was used before is wrong, which no schema can tell.
            case.headers.pop("Idempotency-Key", None)
        if mode is Mode.POSITIVE and case.query and "since" in case.query:
            # Nor can one tell that a period begins before it ends.
            case.query.pop("until", None)
            if str(case.query["since"]) >= NOW[:10]:
                del case.query["since"]
        if mode is Mode.POSITIVE:
            case.body = _whole(case.body)
        case.call_and_validate(headers=headers, base_url=TEAM)

    try:
        tried()
    except (schemathesis.errors.SchemathesisError, BaseExceptionGroup) as error:
        parts = getattr(error, "exceptions", ()) or (error,)
        return "; ".join([f"{operation.label} ({mode.value})", *map(str, parts)])
    return ""


def _whole(value: Any) -> Any:
    """Return a value with 2.0 as 2: to the schema's language both are whole, to us one is."""
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without_lifespan(app: Any) -> Any:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})

    return answer


@pytest.mark.heavy
def test_changes_keep_their_word(team: Team) -> None:
    """Documented statuses and bodies, whatever is sent; what is wrong is refused."""
    troubles = _troubles(team, 5)
    assert not troubles, troubles
