"""An investigation as one JSON object, `pawl.investigation/1`, and a played exercise."""

from typing import Any

import msgspec

from pawl.investigation.exercise import Expected
from pawl.investigation.investigation import Investigation
from pawl.investigation.quirk import Quirk


def investigation_json(found: Investigation, *, id: str = "", digest: str = "") -> str:
    """Return an investigation; `id` and `digest` where it was kept."""
    told: dict[str, Any] = msgspec.to_builtins(found)
    if id:
        told |= {"id": id, "digest": digest}
    return msgspec.json.encode(told).decode()


def exercise_json(found: Investigation, expected: Expected, rank: int | None) -> str:
    """Return an exercise: what was found, what was expected, and its rank; null for none."""
    told = {
        "schema": "pawl.investigation-exercise-result/1",
        "expected": expected,
        "rank": rank,
        "investigation": found,
    }
    return msgspec.json.encode(told).decode()


def quirks_json(quirks: tuple[Quirk, ...]) -> str:
    """Return quirks."""
    return msgspec.json.encode({"schema": "pawl.quirks/1", "quirks": quirks}).decode()
