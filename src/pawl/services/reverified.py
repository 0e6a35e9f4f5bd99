"""When the standard was last verified again, and how much of what it rested on was new.

The standard is verified by closing a formal assessment of operations. New is what looked at
something else than the formal assessment before it did: a probe's answer over the same inputs has
another date, and tells nothing new.
"""

from typing import Protocol

from pawl.maturity.ceremony_terms import Ceremony, State
from pawl.maturity.confirm import AssessmentKind
from pawl.maturity.evidence import Record
from pawl.maturity.verdict import Assessment

MODEL = "ops"
"""The model whose top level asks for it."""


class Evidence(Protocol):
    """Assessments as they were made, and what they rested on."""

    def assessment(self, subject: str, name: str | None = None) -> Assessment | None:
        """Return the assessment whose digest begins with `name`."""

    def of(self, subject: str, since: str = "", until: str = "") -> tuple[Record, ...]:
        """Return records first seen in a window."""


class Ceremonies(Protocol):
    """Assessments as people hold them."""

    def of(self, subject: str | None = None) -> tuple[Ceremony, ...]:
        """Return ceremonies, newest first."""


def reverified(
    evidence: Evidence, ceremonies: Ceremonies, subject: str
) -> tuple[str | None, int | None]:
    """Return when a formal assessment was last closed, and how much of its evidence was new.

    Both are None before the first; the count is None where an assessment is not here any more.
    """
    formal = [
        each
        for each in ceremonies.of(subject)
        if each.state is State.CLOSED
        and each.model == MODEL
        and each.trigger.kind is AssessmentKind.FORMAL
    ]
    if not formal:
        return None, None
    last = _looked_at(evidence, formal[0])
    before = _looked_at(evidence, formal[1]) if len(formal) > 1 else frozenset()
    if last is None or before is None:
        return formal[0].ended_at, None
    return formal[0].ended_at, len(last - before)


def _looked_at(evidence: Evidence, held: Ceremony) -> frozenset[tuple[str, str]] | None:
    """Return what each probe looked at for an assessment."""
    made = evidence.assessment(held.subject, held.assessment)
    if made is None:
        return None
    records = evidence.of(held.subject, made.as_of, f"{made.as_of}~")
    return frozenset((each.probe, each.inputs) for each in records)
