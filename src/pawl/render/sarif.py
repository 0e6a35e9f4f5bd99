"""What every SARIF log of ours shares: its schema, its root, and how a place in a file is told.

Standard: OASIS, Static Analysis Results Interchange Format 2.1.0 (2020-03-27).
"""

from typing import Any

from pawl.base.finding import Severity
from pawl.render.escaping import percent_encoded

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
"""A result's level by severity."""
ROOT = "%SRCROOT%"
ROOTS = {ROOT: {"description": {"text": "The repository's root."}}}


def location(path: str, line: int | None) -> dict[str, Any]:
    """Return a place below the repository's root; `line` counts from 1, None is the whole file."""
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": percent_encoded(path), "uriBaseId": ROOT}
    }
    if line is not None and line >= 1:
        physical["region"] = {"startLine": line}
    return {"physicalLocation": physical}
