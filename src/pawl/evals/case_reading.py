"""Read a file of eval cases, strictly: every error names the file, the line and the nearest key.

A file is one case, or a suite: `schema`, `suite` and `cases`. Anchors may be used; what they
expand to is bounded.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from pawl.base.errors import BadFile, BadValue
from pawl.base.loading import MAX_TEXT
from pawl.base.typed import convert, decode
from pawl.evals.assertion import BadAssertion, read_assertion, read_assertions
from pawl.evals.case import Case, Suite, case_digest
from pawl.evals.gating import gate_of
from pawl.parsing.lined_yaml import Lined, PathKey, read_lined
from pawl.parsing.nearest import nearest

_PATH = re.compile(r"^(.*?)(?: - at `(?:key in )?\$(.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_ENUM = re.compile(r"^Invalid enum value '?(.*?)'?$", re.DOTALL)


def read_suite(text: str, *, place: str) -> Suite:
    """Return the cases of a YAML file; raises BadFile naming the line and the remedy."""
    if len(text) > MAX_TEXT:
        raise BadFile(f"larger than {MAX_TEXT:,} characters.", place=place)
    lined = read_lined(text, place=place, unique=True)
    value = lined.value
    if not isinstance(value, dict):
        raise BadFile("holds no case.", place=place, hint="Begin it with `schema: 1`.")
    many = "cases" in value
    if "schema" not in value:
        raise BadFile("does not say its `schema`.", place=place, hint="Begin it with `schema: 1`.")
    suite: Suite
    if many:
        suite = _converted(value, Suite, lined, place)
    else:
        suite = Suite(schema=1, cases=(_converted(value, Case, lined, place),))
    _refuse_twins(suite, lined, place)
    for at, case in enumerate(suite.cases):
        _refuse_unsound(case, lined, ("cases", at) if many else (), place)
    return suite


def with_schemas(case: Case, schemas: Mapping[str, str], *, place: str) -> Case:
    """Return a case with JSON Schemas in the place of their paths; `schemas` are texts by path.

    A schema becomes part of the case's digest. Raises BadFile for one that is missing or no JSON.
    """
    changed: list[dict[str, Any]] = []
    for raw in case.asserts:
        path = raw.get("json_schema")
        if not isinstance(path, str):
            changed.append(raw)
            continue
        text = schemas.get(path)
        if text is None:
            raise BadFile(f"the schema {path} is missing.", place=place)
        try:
            schema = decode(text, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            raise BadFile(f"no JSON Schema: {error}.", place=path) from error
        try:
            read_assertion({**raw, "json_schema": schema}, 0)
        except BadAssertion as error:
            raise BadFile(error.message, place=path, hint=error.hint) from error
        changed.append({**raw, "json_schema": schema})
    return msgspec.structs.replace(case, asserts=tuple(changed))


def checked(case: Case) -> None:
    """Refuse a case that cannot be graded, wherever it comes from; raises BadValue."""
    gate_of(case.pass_when, read_assertions(case))


def _refuse_unsound(case: Case, lined: Lined, path: PathKey, place: str) -> None:
    """Refuse assertions that do not read, and an expression that means nothing."""
    for at, raw in enumerate(case.asserts):
        try:
            read_assertion(raw, at)
        except BadAssertion as error:
            line = lined.line(*path, "assert", at, error.place)
            raise BadFile(error.message, place=f"{place}:{line}", hint=error.hint) from error
    try:
        checked(case)
    except BadValue as error:
        line = lined.line(*path, "pass_when" if "pass_when" in _at(lined, path) else "assert")
        raise BadFile(error.message, place=f"{place}:{line}", hint=error.hint) from error
    try:
        case_digest(case)
    except (ValueError, TypeError) as error:
        line = lined.line(*path)
        raise BadFile(
            f"has a value that JSON cannot hold: {error}.", place=f"{place}:{line}"
        ) from (error)


def _refuse_twins(suite: Suite, lined: Lined, place: str) -> None:
    seen: set[str] = set()
    for at, case in enumerate(suite.cases):
        if case.id in seen:
            line = lined.line("cases", at, "id")
            raise BadFile(f"two cases have the id {case.id!r}.", place=f"{place}:{line}")
        seen.add(case.id)


def _converted(value: Any, kind: type[Any], lined: Lined, place: str) -> Any:
    try:
        return convert(value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        message, path = _located(str(error))
        unknown = _UNKNOWN.search(message)
        wrong = _ENUM.search(message)
        hint = "See the reference for this file."
        if unknown is not None:
            hint = _meant(unknown.group(1), _fields(_node(kind, path)))
            path = (*path, unknown.group(1))
        elif wrong is not None:
            hint = _meant(wrong.group(1), _values(_node(kind, path)))
        line = lined.line(*path)
        told = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        raise BadFile(
            f"{told.removeprefix('.')}: {message}." if told else f"{message}.",
            place=place if line is None else f"{place}:{line}",
            hint=hint,
        ) from error


def _located(text: str) -> tuple[str, PathKey]:
    """Return what msgspec says, and where: its `$.a[0]` as a path; `[...]` ends it."""
    match = _PATH.match(text)
    if match is None or match.group(2) is None:
        return text, ()
    path: list[str | int] = []
    for name, number in _STEP.findall(match.group(2)):
        if number == "...":
            break
        path.append(name or int(number))
    return match.group(1), tuple(path)


def _meant(name: str, known: tuple[str, ...]) -> str:
    near = nearest(name, known)
    return f"Did you mean `{near}`?" if near else f"Known here: {', '.join(known)}."


def _node(kind: type[Any], path: PathKey) -> msgspec.inspect.Type:
    """Return the type at a place of a document; where there is none, one that has no keys."""
    node: msgspec.inspect.Type = msgspec.inspect.type_info(kind)
    for step in path:
        node = _inner(node, step) or msgspec.inspect.AnyType()
    return node


def _fields(node: msgspec.inspect.Type) -> tuple[str, ...]:
    """Return the keys that are known of a type."""
    struct = _struct(node)
    return () if struct is None else tuple(field.encode_name for field in struct.fields)


def _values(node: msgspec.inspect.Type) -> tuple[str, ...]:
    """Return the values that a type has, where they are few."""
    if isinstance(node, msgspec.inspect.EnumType):
        return tuple(str(each.value) for each in node.cls)
    return tuple(map(str, node.values)) if isinstance(node, msgspec.inspect.LiteralType) else ()


def _inner(node: msgspec.inspect.Type, step: str | int) -> msgspec.inspect.Type | None:
    struct = _struct(node)
    if struct is not None:
        return next((each.type for each in struct.fields if each.encode_name == step), None)
    bare = node.type if isinstance(node, msgspec.inspect.Metadata) else node
    return bare.item_type if isinstance(bare, msgspec.inspect.VarTupleType) else None


def _struct(node: msgspec.inspect.Type) -> msgspec.inspect.StructType | None:
    if isinstance(node, msgspec.inspect.Metadata):
        return _struct(node.type)
    if isinstance(node, msgspec.inspect.UnionType):
        return next((found for each in node.types if (found := _struct(each))), None)
    return node if isinstance(node, msgspec.inspect.StructType) else None


def _at(lined: Lined, path: PathKey) -> Any:
    value = lined.value
    for step in path:
        value = value[step]
    return value
