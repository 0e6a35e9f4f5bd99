"""Play every trick and see what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.maturity.potemkin import (  # noqa: F401 - importing them enters their tricks
    tricks_of_adoption,
    tricks_of_code,
    tricks_of_delivery,
    tricks_of_operations,
    tricks_of_trust,
)
from tests.maturity.potemkin.repositories import assessed
from tests.maturity.potemkin.tricks import TRICKS, Trick

from pawl.base.errors import BadFile
from pawl.maturity.verdict import Assessment, CriterionResult, Verdict
from pawl.services.assessing import Made


@dataclass(frozen=True)
class Played:
    """What became of one trick.

    `aims` are the verdicts on what it was after. `caught` are the detectors that removed credit
    from it, `noted` those that noticed without removing. `refused` is why nothing was judged.
    """

    trick: Trick
    highest: int
    aims: dict[str, Verdict]
    caught: tuple[str, ...]
    noted: tuple[str, ...]
    provisional: tuple[str, ...] = ()
    refused: str = ""

    @property
    def denied(self) -> bool:
        """Say whether nothing that it was after counts as met."""
        return bool(self.refused) or Verdict.MET not in self.aims.values()

    @property
    def is_stopped(self) -> bool:
        """Say whether each thing that it was after is denied, or held back by a detector."""
        met = [name for name, verdict in self.aims.items() if verdict is Verdict.MET]
        return bool(self.refused) or all(name in self.provisional for name in met)


def play(trick: Trick, folder: Path) -> Played:
    """Build a mutant, assess it and say what became of it."""
    try:
        made = assessed(trick.stage(), folder)
    except BadFile as error:
        return Played(trick, 0, {}, (), (), refused=error.message)
    criteria = {each.id: each for each in criteria_of(made.assessment)}
    aims = {name: criteria[name] for name in trick.aims}
    caught = {hit for each in aims.values() for hit in each.hits}
    return Played(
        trick,
        highest(made.assessment),
        {name: each.verdict for name, each in aims.items()},
        tuple(sorted(caught)),
        _noted(made, trick),
        tuple(name for name, each in aims.items() if each.provisional),
    )


def _noted(made: Made, trick: Trick) -> tuple[str, ...]:
    probes = {
        need.probe
        for model in made.definitions.models
        for criterion in model.criteria
        if criterion.id in trick.aims
        for need in criterion.needs.values()
    }
    return tuple(sorted({hit.detector for hit in made.assessment.hits if probes & set(hit.probes)}))


def highest(assessment: Assessment) -> int:
    """Return the highest level of any dimension of any model."""
    return max(each.measured for model in assessment.models for each in model.dimensions)


def criteria_of(assessment: Assessment) -> Iterable[CriterionResult]:
    """Yield every criterion of every model."""
    for model in assessment.models:
        for dimension in model.dimensions:
            yield from dimension.criteria


__all__ = ["TRICKS", "Played", "criteria_of", "highest", "play"]
