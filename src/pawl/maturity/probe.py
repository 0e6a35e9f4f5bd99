"""What a probe is: one pure question over facts, with its definition, its limits and its remedy.

A probe's id is its file name in kebab-case and reads as a claim: `tests-assert-something`. It
answers yes, no, or that it cannot tell; "could not look" never reads as no. It measures; which
measure is enough is a criterion's business.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from pawl.base.canonical import digest
from pawl.base.finding import Outcome, Place
from pawl.maturity.claims import unclaimed
from pawl.maturity.evidence import Assurance, Depth, Kind, Record, Share, Value, sealed
from pawl.maturity.facts import Absent, Facts

MAX_PLACES = 20
"""Places that an answer names; a count tells of the rest."""


class Remedy(msgspec.Struct, frozen=True):
    """What to do about a no: an imperative text, and the effort in person-days, our estimate."""

    text: str
    days: float


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe found. `reason` is one plain sentence; it never names a person.

    `depth` is how deep this answer proves its claim, at most the probe's own depth. `claimed_at`
    is the newest date that the source itself gives. `inputs` is a JSON value that identifies what
    was looked at: object ids, run ids, report digests.
    """

    outcome: Outcome
    reason: str
    values: dict[str, Value] = {}
    depth: Depth = Depth.EXISTS
    kinds: tuple[Kind, ...] = ()
    assurance: Assurance = Assurance.OBSERVED
    places: tuple[Place, ...] = ()
    claimed_at: str | None = None
    inputs: Any = None


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One question.

    `area` is the dimension or stage it is about, `values` the names it may answer with and their
    meaning with unit. `depth` is the deepest it can prove. `awaits` names the part of Pawl whose
    records it needs, where that part does not exist yet: until then it cannot tell.
    """

    claim: str
    area: Literal[
        "code", "delivery", "reliability", "security", "culture", "adoption", "operations"
    ]
    version: int
    kinds: tuple[Kind, ...]
    depth: Depth
    values: dict[str, str]
    remedy: Remedy
    judge: Callable[[Facts], Answer]
    awaits: str = ""


def yes(reason: str, depth: Depth, *kinds: Kind, **told: Any) -> Answer:
    """Return an answer that the claim holds, proved to a depth by these kinds of source."""
    return Answer(outcome=Outcome.PASS, reason=reason, depth=depth, kinds=kinds, **told)


def no(reason: str, *kinds: Kind, **told: Any) -> Answer:
    """Return an answer that the claim does not hold."""
    return Answer(outcome=Outcome.FAIL, reason=reason, kinds=kinds, **told)


def cannot_tell(why: str | Absent, **told: Any) -> Answer:
    """Return an answer that the claim could not be looked at, and why."""
    reason = f"{why.reason} {why.hint}".strip() if isinstance(why, Absent) else why
    return Answer(outcome=Outcome.CANNOT_TELL, reason=reason, **told)


def not_applicable(reason: str, **told: Any) -> Answer:
    """Return an answer that the question does not arise here; the reason names the fact."""
    return Answer(outcome=Outcome.NOT_APPLICABLE, reason=reason, **told)


def ask(probe_id: str, probe: Probe, facts: Facts) -> Record:
    """Ask one probe and return its evidence, first seen at the facts' time.

    A probe that raises is a defect of ours, and its answer is an error, never a no. What leans on
    exports that the assessed tree brought along proves no more than that a file is there.
    """
    try:
        answer = probe.judge(facts)
        bare = unclaimed(facts)
        if bare is not facts:
            answer = _without_claims(answer, probe.judge(bare))
    except Exception as error:
        answer = Answer(
            outcome=Outcome.ERROR, reason=f"The probe failed: {type(error).__name__}: {error}"[:300]
        )
    undeclared = set(answer.values) - set(probe.values)
    if undeclared:
        names = ", ".join(sorted(undeclared))
        answer = Answer(
            outcome=Outcome.ERROR, reason=f"The probe answered with undeclared values: {names}."
        )
    return sealed(
        Record(
            probe=probe_id,
            probe_version=probe.version,
            subject=facts.subject,
            outcome=answer.outcome,
            depth=min(answer.depth, probe.depth),
            kinds=tuple(sorted(set(answer.kinds or probe.kinds))),
            assurance=answer.assurance,
            values=answer.values,
            places=answer.places[:MAX_PLACES],
            reason=answer.reason,
            claimed_at=answer.claimed_at,
            observed_at=facts.as_of,
            inputs=digest(msgspec.to_builtins(answer.inputs)),
        )
    )


def _without_claims(answer: Answer, bare: Answer) -> Answer:
    """Return what counts of an answer, given the one without exports of the tree's own.

    A no is believed of whoever says it. What can be told without them is told without them.
    """
    if answer == bare or answer.outcome is Outcome.FAIL:
        return answer
    return bare if bare.outcome in (Outcome.PASS, Outcome.FAIL) else _lessened(answer)


def _lessened(answer: Answer) -> Answer:
    """Return an answer as worth no more than a file that is there.

    Whoever writes the tree wrote it; nothing in it shows that anything of what it tells happened.
    """
    told = {Kind.TREE, *answer.kinds} - {Kind.CI, Kind.HOST, Kind.INCIDENT}
    excuses = answer.outcome is Outcome.NOT_APPLICABLE
    return msgspec.structs.replace(
        answer,
        depth=Depth.EXISTS,
        kinds=tuple(sorted(told)),
        # Nobody excuses themselves from a question by a file of their own.
        assurance=min(answer.assurance, Assurance.DECLARED if excuses else Assurance.OBSERVED),
    )


__all__ = [
    "Answer",
    "Probe",
    "Remedy",
    "Share",
    "ask",
    "cannot_tell",
    "no",
    "not_applicable",
    "yes",
]
