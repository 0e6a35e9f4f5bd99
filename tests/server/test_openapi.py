"""The OpenAPI document tells of every route, and the application keeps what it tells."""

import warnings
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient
from tests.server.conftest import Ask

from pawl.app.serving import server_services
from pawl.server.api.descriptions import DESCRIBED
from pawl.server.app import ROUTES, create_app
from pawl.server.site import Settings
from pawl.services.serving import Serving

with warnings.catch_warnings():
    # Libraries that it stands on announce what they will drop.
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode as Mode

TOKEN = "a-token-of-the-contract-test"
ADDRESS = "http://127.0.0.1:8787"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
TODAY = date.today().isoformat()
SAFE_POSTS: frozenset[str] = frozenset()
"""Paths of POST routes that change nothing outside the store, and are tried like GET."""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Return the services over the real stores, with the sample in them."""
    made = server_services(tmp_path_factory.mktemp("openapi"), url=ADDRESS, sample=True)
    made.import_once()
    made.drain_once()
    yield made
    made.stop()


def test_every_route_is_described() -> None:
    """A route under `/api` that nobody described, and a description without a route, fail."""
    routes = {
        (route.path, method.lower())
        for route in ROUTES
        if route.path.startswith("/api/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {(each.route or each.path, each.method) for each in DESCRIBED}
    missing = sorted(routes - described)
    assert not missing, f"describe {missing} in server/api/descriptions.py"
    assert described <= routes
    assert len({(each.path, each.method) for each in DESCRIBED}) == len(DESCRIBED)


def test_the_document_is_served(site: Ask) -> None:
    """It is OpenAPI 3.1, names every operation once, and asks for a token only where one is set."""
    told = site().get("/api/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    assert told["security"] == []
    operations = [each for path in told["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in operations}) == len(operations) == len(DESCRIBED)
    for operation in operations:
        answered = set(operation["responses"])
        assert {"401", "503"} <= answered
        assert len(answered & {"200", "201"}) == 1
    locked = site(settings=Settings(token=TOKEN)).get("/api/openapi.json", headers=BEARER).json()
    assert locked["security"] == [{"token": []}]


def test_every_reference_leads_somewhere(site: Ask) -> None:
    """Each `$ref` names a schema that the document has."""
    told = site().get("/api/openapi.json")
    known = set(told.json()["components"]["schemas"])
    asked = {part.split('"')[0] for part in told.text.split("#/components/schemas/")[1:]}
    assert asked
    assert asked <= known


def _tried(app: Any, examples: int, modes: tuple[Any, ...]) -> str:
    """Ask every described operation of the application; return what broke its word."""
    document = TestClient(app, base_url=ADDRESS, headers=BEARER).get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    schema.app = _without_lifespan(app)
    troubles = []
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]  # our own document is valid
        if operation.method == "get" or operation.path in SAFE_POSTS:
            # Where there is nothing to ask, or any text is a name, nothing can be asked wrongly.
            wrongly = any(set(each.definition["schema"]) - _ANY_TEXT for each in operation.query)
            able = [mode for mode in modes if wrongly or mode is Mode.POSITIVE]
            troubles += [_operation_tried(operation, mode, examples) for mode in able]
    return "\n\n".join(filter(None, troubles))


_ANY_TEXT = {"type", "minLength"}


def _without_lifespan(app: Any) -> Any:
    """Return the application without its beginning and end: the services outlive each test."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})

    return answer


def _operation_tried(operation: Any, mode: Any, examples: int) -> str:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        if mode is Mode.POSITIVE:
            _in_order(case.query)
        case.call_and_validate(headers=BEARER, base_url=ADDRESS)

    try:
        tried()
    except (schemathesis.errors.SchemathesisError, BaseExceptionGroup) as error:
        parts = getattr(error, "exceptions", ()) or (error,)
        return "; ".join([f"{operation.label} ({mode.value})", *map(str, parts)])
    return ""


def _in_order(query: dict[str, Any]) -> None:
    """Let a period begin before it ends: a rule between parameters, which no schema can tell."""
    if query and "since" in query:
        query.pop("until", None)
        if str(query["since"])[:10] > TODAY:
            del query["since"]


EITHER = tuple(Mode)


def test_the_application_keeps_its_word(serving: Serving) -> None:
    """A few right and a few wrong questions at every address: documented statuses and bodies."""
    app = create_app(serving, Settings(), background=False)
    troubles = _tried(app, 4, EITHER)
    assert not troubles, troubles


def test_nobody_is_answered_without_the_token(serving: Serving) -> None:
    """Where a token is set, every address refuses whoever has none or another one."""
    app = create_app(serving, Settings(token=TOKEN), background=False)
    troubles = _tried(app, 1, (Mode.POSITIVE,))
    assert not troubles, troubles


@pytest.mark.heavy
def test_the_application_keeps_its_word_at_length(serving: Serving) -> None:
    """Many more of the same questions."""
    app = create_app(serving, Settings(), background=False)
    troubles = _tried(app, 100, EITHER)
    assert not troubles, troubles
