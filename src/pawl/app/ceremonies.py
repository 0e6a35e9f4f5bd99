"""Wiring for assessments as people hold them: a desk over the records, a clock, and who acts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import msgspec

from pawl.base.errors import BadValue
from pawl.maturity.ceremony_terms import Ceremony, Refusal
from pawl.maturity.scaling import ScaleDecision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pawl.governance.ledger import Actor
    from pawl.services.assessment_desk import AssessmentDesk
    from pawl.store.records.ceremonies import CeremonyRecords

    Act = Callable[[AssessmentDesk, Ceremony, Actor, str], str | Refusal | ScaleDecision]

Cause = Literal["quarter", "incident", "scale-request"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment after a command, and what was refused or decided.

    `to_do` is what its next step needs, `missing` are criteria that may be noted as gaps. There
    is no assessment where opening one was refused.
    """

    ceremony: Ceremony | None = None
    to_do: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    refusal: Refusal | None = None
    decision: ScaleDecision | None = None


def held(folder: Path, subject: str | None) -> tuple[Ceremony, ...]:
    """Return the assessments that people hold or held, newest first; of one subject, or all."""
    from pawl.app.maturity import has_records

    if not has_records(folder):
        return ()
    with _desk(folder) as (_, kept):
        return kept.of(subject)


def open_one(
    folder: Path, subject: str, model: str, cause: Cause, ref: str, dimensions: tuple[str, ...]
) -> Outcome:
    """Open an assessment by its trigger; raises BadValue for a model that is none."""
    from pawl.app import now
    from pawl.app.people import actor
    from pawl.maturity.confirm import Trigger

    moment = now()
    trigger = Trigger(cause=cause, ref=ref, at=moment, dimensions=dimensions)
    with _desk(folder) as (desk, kept):
        answer = desk.open(subject, model, trigger, actor(), moment)
        if isinstance(answer, Refusal):
            return Outcome(refusal=answer)
        return _outcome(kept, answer)


def act(folder: Path, identity: str, do: Act | None = None) -> Outcome:
    """Do something to an assessment, or nothing, and return it as it then is.

    Raises BadValue for an id that is none.
    """
    from pawl.app import now
    from pawl.app.maturity import has_records
    from pawl.app.people import actor

    if not has_records(folder):
        raise _nobody(identity)
    with _desk(folder) as (desk, kept):
        found = kept.get(identity)
        if found is None:
            raise _nobody(identity)
        answer = identity if do is None else do(desk, found, actor(), now())
        return _outcome(kept, identity, answer)


def criterion_of(ceremony: Ceremony, criterion: str) -> tuple[str, str]:
    """Return the dimension and the statement of a criterion in the evidence, or empty texts."""
    dimensions = ceremony.result.dimensions if ceremony.result else ()
    for dimension in dimensions:
        for each in dimension.criteria:
            if each.id == criterion:
                return dimension.id, each.statement
    return "", ""


def subject_at(text: str) -> str:
    """Return the subject that a path's repository is, or the text itself where there is no path."""
    from pathlib import Path

    from pawl.app.maturity import subject_of

    try:
        place = Path(text)
        there = place.exists()
    except (OSError, ValueError):
        there = False
    return subject_of(place) if there else text


@contextmanager
def _desk(folder: Path) -> Iterator[tuple[AssessmentDesk, CeremonyRecords]]:
    from pawl.app.maturity import records
    from pawl.app.maturity_rules import rules
    from pawl.services.assessment_desk import AssessmentDesk
    from pawl.store.records.ceremonies import CeremonyRecords
    from pawl.store.records.evidence import EvidenceRecords

    with records(folder) as engine:
        kept = CeremonyRecords(engine)
        yield AssessmentDesk(EvidenceRecords(engine), kept, rules()), kept


def _outcome(
    kept: CeremonyRecords, identity: str, answer: str | Refusal | ScaleDecision = ""
) -> Outcome:
    from pawl.services.ceremony_view import ceremony_view

    ceremony = kept.get(identity)
    assert ceremony is not None
    view = ceremony_view(ceremony, None, ())
    return Outcome(
        ceremony=ceremony,
        to_do=view.to_do,
        missing=tuple(criterion.id for _, criterion in view.missing),
        refusal=answer if isinstance(answer, Refusal) else None,
        decision=answer if isinstance(answer, ScaleDecision) else None,
    )


def _nobody(identity: str) -> BadValue:
    return BadValue(
        f"No assessment is called {identity[:80]!r}.",
        place="ID",
        hint="See pawl ceremony list.",
    )
