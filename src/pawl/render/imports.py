"""An import as a table for people and as `pawl.import/1` JSON for programs."""

from typing import Any

from pawl.render.table import aligned
from pawl.telemetry.imported import Import

SCHEMA = "pawl.import/1"
_COUNTS = (
    "files",
    "read",
    "unchanged",
    "restarted",
    "bytes",
    "skipped",
    "oversized",
    "refused",
    "unrecognised",
    "requests",
)


def import_json(done: Import) -> dict[str, Any]:
    """Return the `pawl.import/1` object. `agent` is null for files of no known format."""
    return {
        "schema": SCHEMA,
        "agents": [
            {"agent": report.agent or None}
            | {name: getattr(report, name) for name in _COUNTS}
            | {"warnings": list(report.warnings)}
            for report in done.agents
        ],
        "events": done.events,
        "warnings": list(done.warnings),
    }


def import_table(done: Import) -> str:
    """Return the import as aligned text."""
    if not done.agents:
        return "No transcripts found.\n"
    head = ["agent", "files", "read", "unchanged", "requests", "skipped lines"]
    body = []
    for report in done.agents:
        skipped = report.skipped + report.oversized + report.refused
        counts = (report.files, report.read, report.unchanged, report.requests, skipped)
        body.append([report.agent or "(unrecognised)", *(f"{count:,}" for count in counts)])
    return aligned(head, body, left=1) + f"\n{done.events:,} events imported.\n"
