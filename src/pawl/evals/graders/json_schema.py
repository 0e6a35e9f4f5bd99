"""JSON Schema: the final answer is JSON that a schema allows.

The schema is put into the case when it is loaded, so it is part of the case's digest. References
to other documents are refused, patterns are searched in linear time. An answer that is one fenced
code block is read without its fence.
Cannot tell: the answer was not seen, was cut or lost a secret; the schema is missing or no schema.
"""

from functools import lru_cache
from typing import Any, Literal

import msgspec

from pawl.evals.grader import NOTHING, Answer, Grader, Wants, failed, passed, unknown
from pawl.evals.record import Sight, Trial
from pawl.evals.texts import final

MAX_SCHEMA = 200_000
"""Bytes of a schema."""
MAX_ANSWER = 4 * 1024 * 1024
"""Characters of an answer."""
MAX_DEPTH = 100
"""Levels of nesting of an answer or a schema."""
MAX_DEPTH_RECURSIVE = 16
"""The same of an answer to a schema that refers to itself: each level may double the work."""
MAX_PLACES = 10_000
"""Places of a schema once its references are followed; each of them may be looked at."""


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The schema, or the path of its file beside the case file."""

    json_schema: dict[str, Any] | str
    source: Literal["final"] = "final"


class _NoSchema(ValueError):
    """The schema cannot be used on the answer; the text says why."""


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    expected = "is JSON that the schema allows"
    if isinstance(arguments.json_schema, str):
        return unknown(expected, f"the schema {arguments.json_schema} was not put into the case")
    if not trial.sees(Sight.FINAL):
        return unknown(expected, "the final answer was not seen in this trial")
    answer = final(trial)
    if answer is None:
        return failed(expected, "no answer")
    at, text = answer
    pointer = f"/texts/{at}"
    if text.cut or text.redacted:
        return unknown(expected, "the answer was cut or lost a secret", pointer)
    try:
        wrong = _wrong(arguments.json_schema, text.text)
    except _NoSchema as error:
        return unknown(expected, str(error), pointer)
    return failed(expected, wrong, pointer) if wrong else passed(expected, "allowed", pointer)


def _wrong(schema: dict[str, Any], text: str) -> str:
    """Return what is wrong with an answer, or nothing."""
    validator, deepest = _validator(_encoded(schema))
    if len(text) > MAX_ANSWER:
        return f"longer than {MAX_ANSWER:,} characters"
    try:
        value = msgspec.json.decode(_unfenced(text))
    except (ValueError, RecursionError) as error:
        return f"not JSON: {error}"
    if _depth(value) > deepest:
        raise _NoSchema(f"the answer is nested more than {deepest} levels deep")
    first = next(iter(validator.iter_errors(value)), None)
    if first is None:
        return ""
    place = "".join(f"/{part}" for part in first.instance_path)
    return f"{place or 'the value'}: {first.message}"


@lru_cache(maxsize=256)
def _validator(schema: bytes) -> tuple[Any, int]:
    """Return a validator, and how deeply an answer may be nested for it."""
    # Imported here: it takes 50 ms.
    import jsonschema_rs

    value = msgspec.json.decode(schema)
    if len(schema) > MAX_SCHEMA or _depth(value) > MAX_DEPTH:
        raise _NoSchema("the schema is too large")
    recursive = _recursive(value)
    try:
        validator = jsonschema_rs.validator_for(
            value, pattern_options=jsonschema_rs.RegexOptions(), offline=True
        )
        return validator, MAX_DEPTH_RECURSIVE if recursive else MAX_DEPTH
    except ValueError as error:
        raise _NoSchema(f"not a schema: {str(error).splitlines()[0]}") from error


def _encoded(schema: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(schema, order="deterministic")
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise _NoSchema(f"not a schema: {error}") from error


def _recursive(schema: Any) -> bool:
    """Say whether a schema refers to itself; raises _NoSchema where it grows beyond bounds.

    References that double at each step make a small schema endless work.
    """
    sizes: dict[str, int] = {}
    open_references: set[str] = set()
    recursive = False

    def size(node: Any) -> int:
        nonlocal recursive
        if not isinstance(node, dict | list):
            return 1
        total = 1
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            if key in ("$dynamicRef", "$recursiveRef"):
                raise _NoSchema(f"{key} is not followed")
            if key == "$ref" and isinstance(inner, str):
                if inner in open_references:
                    recursive = True
                elif inner not in sizes:
                    open_references.add(inner)
                    sizes[inner] = size(_target(schema, inner))
                    open_references.discard(inner)
                total += sizes.get(inner, 1)
            elif key not in ("$defs", "definitions"):
                total += size(inner)
            if total > MAX_PLACES:
                raise _NoSchema(f"the schema has more than {MAX_PLACES:,} places")
        return total

    try:
        size({"$ref": "#"})
    except RecursionError as error:
        raise _NoSchema("the schema's references are nested too deeply") from error
    return recursive


def _target(schema: Any, reference: str) -> Any:
    """Return what a reference inside a schema points to; raises _NoSchema for any other."""
    if not reference.startswith("#/") and reference != "#":
        raise _NoSchema(f"the reference {reference!r} leads out of the schema")
    node = schema
    for part in reference.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            raise _NoSchema(f"the reference {reference!r} points to nothing")
    return node


def _unfenced(text: str) -> str:
    lines = text.strip().splitlines()
    if len(lines) >= 3 and lines[0] in ("```", "```json") and lines[-1] == "```":
        return "\n".join(lines[1:-1])
    return text


def _depth(value: Any) -> int:
    """Return the levels of nesting, without recursion."""
    depth = 0
    level = [value]
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            break
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _check(arguments: Arguments) -> str:
    if isinstance(arguments.json_schema, str):
        return ""
    try:
        _validator(_encoded(arguments.json_schema))
    except _NoSchema as error:
        return str(error)
    return ""


def _wants(arguments: Arguments) -> Wants:
    wanted = arguments.json_schema
    return Wants(schemas=(wanted,)) if isinstance(wanted, str) else NOTHING


GRADER = Grader(
    title="The final answer is JSON of a schema",
    arguments=Arguments,
    grade=_grade,
    check=_check,
    wants=_wants,
)
