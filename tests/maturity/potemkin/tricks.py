"""Tricks: each makes the Potemkin repository more convincing in one respect, and no better.

A trick is a function that changes a stage. It names the criteria that it is after.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tests.maturity.potemkin.repositories import Stage
from tests.maturity.potemkin.staged import potemkin

Change = Callable[[Stage], None]


@dataclass(frozen=True)
class Trick:
    """One mutant: what it does, in a sentence, and which criteria it is after."""

    name: str
    what: str
    aims: tuple[str, ...]
    change: Change

    def stage(self) -> Stage:
        """Return the Potemkin repository with this trick played."""
        found = potemkin()
        self.change(found)
        return found


TRICKS: dict[str, Trick] = {}
EVIDENCE = ".pawl/evidence/"


def vouch(stage: Stage) -> None:
    """Say of every committed report that a CI run made it, of a commit that is really there."""
    reports = [path for path in stage.files if path.startswith(EVIDENCE)]

    def late(commits: list[str]) -> dict[str, str]:
        told = {
            path.removeprefix(EVIDENCE): {
                "commit": commits[-1],
                "run": f"{9_000 + number}",
                "at": f"2026-11-{1 + number % 19:02}T10:00:00Z",
            }
            for number, path in enumerate(reports)
        }
        text = json.dumps({"schema": "pawl.exports/1", "files": told})
        return {f"{EVIDENCE}exports.json": text}

    stage.late = late


def trick(*aims: str) -> Callable[[Change], Change]:
    """Enter a function as a trick; its docstring says what it does."""

    def enter(change: Change) -> Change:
        name = change.__name__.replace("_", "-")
        assert name not in TRICKS
        assert aims
        what = (change.__doc__ or "").strip().splitlines()[0]
        TRICKS[name] = Trick(name, what, aims, change)
        return change

    return enter
