"""What integrity detectors share: making a hit, and how evidence came about over time.

A detector's words about its innocent cause and the remedy stand once, in its own file.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from pawl.base.finding import Outcome
from pawl.maturity.detector import Look
from pawl.maturity.evidence import Record
from pawl.maturity.extracts.document import Category
from pawl.maturity.verdict import Hit

Strength = Literal["weak", "medium", "strong"]
Action = Literal["note", "provisional", "contested", "excluded"]
MAX_PLACES = 10
MAX_EVIDENCE = 200
PAGES_BEHIND: dict[Category, tuple[str, ...]] = {
    "runbook": ("runbooks-have-substance", "deploys-are-documented", "runbooks-are-used"),
    "adr": ("decisions-are-reviewed", "tool-choices-are-recorded"),
    "agent": ("instructions-are-shared", "skills-are-valid", "team-guide-is-complete"),
    "readme": ("docs-refer-to-real-things",),
    "other": ("docs-refer-to-real-things",),
    "postmortem": ("postmortems-are-closed",),
}
"""The probes that rest on pages of a kind."""


class Voice(msgspec.Struct, frozen=True):
    """A detector's code, with the innocent explanation and the remedy that each hit repeats."""

    code: str
    innocent: str
    remedy: str

    def hit(self, indicator: str, strength: Strength, action: Action, **told: Any) -> Hit:
        """Return a hit. `told` are its probes, criteria, places and evidence, in any order."""
        return Hit(
            detector=self.code,
            indicator=indicator,
            strength=strength,
            action=action,
            innocent=self.innocent,
            remedy=told.get("remedy", self.remedy),
            probes=tuple(sorted(set(told.get("probes", ())))),
            criteria=tuple(sorted(set(told.get("criteria", ())))),
            places=tuple(told.get("places", ()))[:MAX_PLACES],
            evidence=tuple(sorted(set(told.get("evidence", ()))))[:MAX_EVIDENCE],
        )


def needs_of(look: Look) -> dict[str, tuple[str, ...]]:
    """Return the probes that each criterion rests on."""
    found: dict[str, list[str]] = {}
    for probe, criteria in look.serves.items():
        for criterion in criteria:
            found.setdefault(criterion, []).append(probe)
    return {criterion: tuple(sorted(set(probes))) for criterion, probes in found.items()}


def model_level(look: Look, criterion: str) -> tuple[str, int]:
    """Return the model and the level that a criterion belongs to."""
    return criterion.partition(".")[0], look.levels.get(criterion, 0)


def past_of(look: Look, probe: str) -> tuple[Record, ...]:
    """Return the earlier records of a probe about this subject, oldest first."""
    subject = look.facts.subject
    found = [each for each in look.past if each.probe == probe and each.subject == subject]
    return tuple(sorted(found, key=lambda each: (each.observed_at, each.id)))


def began(look: Look, record: Record) -> Record:
    """Return the first record of the unbroken run of like answers that a record ends.

    Alike is the same outcome, and for a yes a proof at least as deep. *Cannot tell* neither ends
    a run nor begins one.
    """
    first = record
    for each in reversed(past_of(look, record.probe)):
        if each.outcome is Outcome.CANNOT_TELL:
            continue
        if each.outcome is not record.outcome or each.depth < record.depth:
            break
        first = each
    return first


def before(look: Look, first: Record) -> Record | None:
    """Return the last conclusive record of a probe before another, or None."""
    earlier = [
        each
        for each in past_of(look, first.probe)
        if each.observed_at < first.observed_at and each.outcome is not Outcome.CANNOT_TELL
    ]
    return earlier[-1] if earlier else None


def passing(records: Mapping[str, Record], probes: Iterable[str]) -> tuple[Record, ...]:
    """Return the records that say yes, of these probes."""
    found = [records[probe] for probe in probes if probe in records]
    return tuple(each for each in found if each.outcome is Outcome.PASS)
