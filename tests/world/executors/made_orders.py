"""Orders made for tests, and executors opened as the machine's own settings say."""

from pathlib import Path
from typing import Any

from pawl.base.catalogue import load
from pawl.changes.executing import Errand, Order
from pawl.changes.manifest import parts_digest
from pawl.changes.parts import Part, Prompt
from pawl.runs.change_settings import ExecutorSettings
from pawl.world import executors
from pawl.world.clock import now
from pawl.world.executor import Executor, ExecutorKind, Opening


def order(kind: Errand = Errand.START, **other: Any) -> Order:
    """Return an order about one prompt."""
    parts: dict[str, Part | None] = other.pop("parts", {"prompt/support": Prompt(text="Be brief.")})
    fields: dict[str, Any] = {
        "id": "chg-1.5",
        "change": "chg-1",
        "digest": "d" * 64,
        "kind": kind,
        "sequence": 5,
        "stage": "canary",
        "exposure": 0.1,
        "components": tuple(sorted(parts)),
        "parts": parts,
        "wanted": parts_digest(parts),
    }
    return Order(**{**fields, **other})


def opened(
    kind: str, folder: Path, environment: dict[str, str] | None = None, **settings: Any
) -> Executor:
    """Return an executor of a kind with these settings."""
    found = load(executors, kind, "EXECUTOR", ExecutorKind)
    known = {"PATH": "/usr/bin:/bin"} | (environment or {})
    return found.open(
        Opening(
            settings=ExecutorSettings(**settings),
            folder=str(folder),
            place="p",
            now=now,
            environment=known,
        )
    )
