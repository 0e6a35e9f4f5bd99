"""Drills as answers: one type each for the command line and the API."""

from typing import Literal

import msgspec

from pawl.incidents.drill import Drill
from pawl.incidents.drill_run import DrillRun


class RunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `met_share` is of all expectations, `lasted_s` in seconds; null is unknown."""

    schema: Literal["pawl.drill-run/1"] = "pawl.drill-run/1"
    run: DrillRun
    met_share: float | None
    lasted_s: float | None


class DrillLine(msgspec.Struct, frozen=True, kw_only=True):
    """A drill that can be run, where it is from, its digest, and its newest run."""

    drill: Drill
    digest: str
    place: str
    last: RunAnswer | None


class DrillsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The drills that can be run, by name, and the newest runs, newest first.

    `trouble` is why drills of the repository could not be read; then only those of Pawl are here.
    """

    schema: Literal["pawl.drills/1"] = "pawl.drills/1"
    drills: tuple[DrillLine, ...]
    runs: tuple[RunAnswer, ...] = ()
    trouble: str = ""


def answer_of(run: DrillRun) -> RunAnswer:
    """Return a run as it is answered."""
    return RunAnswer(
        run=run, met_share=run.score.share if run.score else None, lasted_s=run.lasted_s
    )


def line_of(drill: Drill, place: str, last: DrillRun | None) -> DrillLine:
    """Return a drill as it is answered."""
    return DrillLine(
        drill=drill,
        digest=drill.digest,
        place=place,
        last=answer_of(last) if last else None,
    )
