"""Assess honest repositories twice and count what detectors took from them."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.maturity.potemkin.bench import criteria_of
from tests.maturity.potemkin.repositories import NOW, Stage, assessed_again, write

from pawl.maturity.evidence import Record
from pawl.maturity.verdict import Hit, Verdict
from pawl.services.assessing import Asked, Before, Made

FIRST = NOW - timedelta(days=28)


@dataclass(frozen=True)
class Weighed:
    """What came of one honest repository.

    `flagged` are criteria from which a detector removed credit, with its code; `met` and `all`
    count criteria.
    """

    name: str
    flagged: tuple[str, ...]
    met: int
    all: int
    hits: tuple[Hit, ...]
    records: tuple[Record, ...]


def weigh(
    name: str, stage: Stage, folder: Path, others: dict[str, tuple[Record, ...]] | None = None
) -> Weighed:
    """Assess a repository, and four weeks later again on the day of a formal assessment."""
    top = write(stage, folder)
    earlier = assessed_again(top, at=FIRST)
    made = assessed_again(
        top,
        before=Before(records=earlier.records, others=others or {}),
        asked=Asked(assessed_on=NOW.strftime("%Y-%m-%dT00:00:00.000000Z")),
    )
    return _weighed(name, made)


def _weighed(name: str, made: Made) -> Weighed:
    criteria = list(criteria_of(made.assessment))
    return Weighed(
        name,
        tuple(f"{each.id}: {', '.join(each.hits)}" for each in criteria if each.hits),
        sum(each.verdict is Verdict.MET for each in criteria),
        len(criteria),
        made.assessment.hits,
        made.records,
    )
