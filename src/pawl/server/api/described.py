"""How a route under `/api` is described, and the OpenAPI document made of the descriptions.

A route without a description fails a test. Describing one takes three lines in `descriptions.py`:
path, summary, answer; `asks` where it takes parameters. What every route has in common (errors,
authorisation, the type of the answer) is added here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

ERRORS = {
    400: "The question does not add up; the message names the parameter.",
    401: "A token is needed.",
    403: "Refused: the message says by what.",
    404: "There is no such thing.",
    405: "The method is not one of this address.",
    409: "It is no longer as the request assumes.",
    413: "The body is too large.",
    415: "The body is of a type that is not read here.",
    422: "The body was read, and means nothing here.",
    503: "Not just now: a store does not answer, or events cannot be loaded.",
}
ALWAYS = (401, 503)
"""Statuses that any route can answer with."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: a code for programs, words for people, where, and what to do."""

    code: str
    message: str
    place: str
    hint: str


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is no success."""

    error: Fault


class Asks(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter. `schema` is its JSON Schema; one of the path is always required.

    It stands in the query, but for those that say that they stand in the path or in a header.
    """

    name: str
    schema: Mapping[str, Any]
    text: str = ""
    required: bool = False
    in_path: bool = False
    in_header: bool = False


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. `answer` is the type sent, `or_else` another one that may be, None no JSON.

    `route` is the path of the route that answers, where one route answers several addresses.
    `body` is the type of the JSON that is sent.
    """

    path: str
    summary: str
    answer: Any = None
    or_else: Any = None
    asks: tuple[Asks, ...] = ()
    errors: tuple[int, ...] = (400,)
    method: str = "get"
    status: int = 200
    media: str = "application/json"
    body: Any = None
    route: str | None = None


def document(described: Iterable[Described], *, version: str, token: bool) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; `token` says that nobody is answered without one."""
    operations = tuple(described)
    sent = [kind for each in operations for kind in (each.answer, each.or_else, each.body)]
    types = [Failure, *(kind for kind in sent if kind is not None)]
    schemas, components = msgspec.json.schema_components(
        types, schema_hook=_anything, ref_template="#/components/schemas/{name}"
    )
    # By identity: a type may stand twice, and a union is no key.
    known = {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method] = _operation(each, known)
    bearer = {"type": "http", "scheme": "bearer", "description": "The server's token."}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Pawl",
            "version": version,
            "description": "What agents did, what it cost, and where a repository stands. Times "
            "are UTC; money is micro-USD where a name ends in _micros; null is unknown, never "
            "zero. Objects name their version in `schema`; ignore fields you do not know.",
        },
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": bearer}},
        "security": [{"token": []}] if token else [],
    }


def _operation(each: Described, known: Mapping[int, Any]) -> dict[str, Any]:
    kinds = [known[id(kind)] for kind in (each.answer, each.or_else) if kind is not None]
    answer = {"schema": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}} if kinds else {}
    responses: dict[str, Any] = {
        str(each.status): {"description": each.summary, "content": {each.media: answer}}
    }
    failure = {"application/json": {"schema": known[id(Failure)]}}
    for status in sorted({*each.errors, *ALWAYS}):
        responses[str(status)] = {"description": ERRORS[status], "content": failure}
    operation: dict[str, Any] = {
        "operationId": _name(each),
        "summary": each.summary,
        "responses": responses,
    }
    if each.asks:
        operation["parameters"] = [_parameter(asks) for asks in each.asks]
    if each.body is not None:
        content = {"application/json": {"schema": known[id(each.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(asks: Asks) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": asks.name,
        "in": "path" if asks.in_path else "header" if asks.in_header else "query",
        "required": asks.required or asks.in_path,
        "schema": dict(asks.schema),
    }
    return told | ({"description": asks.text} if asks.text else {})


def _name(each: Described) -> str:
    words = each.path.removeprefix("/api/")
    for mark in "{}":
        words = words.replace(mark, "")
    for mark in "/.-":
        words = words.replace(mark, "_")
    return f"{each.method}_{words}"


def _anything(kind: type) -> dict[str, Any]:
    """Return the schema of a type that msgspec does not know: raw JSON of somebody else's."""
    return {"description": "Any JSON."}
