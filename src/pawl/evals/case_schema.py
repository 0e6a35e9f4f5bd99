"""The JSON Schema of a file of eval cases, made from the types that read it."""

from typing import Any

import msgspec

from pawl.evals.assertion import graders
from pawl.evals.case import Case, Suite

REF = "#/$defs/{name}"


def case_schema() -> dict[str, Any]:
    """Return a JSON Schema (2020-12) for files of cases, with each grader's own arguments."""
    known = sorted(graders().items())
    kinds = [grader.arguments for _, grader in known]
    (case, suite, *arguments), parts = msgspec.json.schema_components(
        [Case, Suite, *kinds], ref_template=REF
    )
    parts["Case"]["properties"]["assert"]["items"] = {
        "oneOf": [{"$ref": f"#/$defs/assert-{key}"} for key, _ in known]
    }
    for (key, grader), reference in zip(known, arguments, strict=True):
        name = str(reference["$ref"]).removeprefix("#/$defs/")
        parts[f"assert-{key}"] = _assertion(parts.pop(name), grader.title, grader.advisory)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Eval cases of Pawl: one case, or a suite of them",
        "oneOf": [{**case, "required": ["schema"]}, suite],
        "$defs": parts,
    }


def _assertion(arguments: dict[str, Any], title: str, advisory: bool) -> dict[str, Any]:
    """Return the schema of one assertion: a grader's arguments and what all assertions have."""
    own: dict[str, Any] = {
        "id": {"type": "string"},
        "optional": {"const": True} if advisory else {"type": "boolean", "default": False},
        "weight": {"type": "number", "default": 1.0},
    }
    required = [*arguments.get("required", []), *(["optional"] if advisory else [])]
    return {
        "title": title,
        "type": "object",
        "properties": {**arguments["properties"], **own},
        "required": required,
        "additionalProperties": False,
    }
