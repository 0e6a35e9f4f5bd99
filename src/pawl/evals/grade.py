"""Grade one trial record by one case: pass, fail, infra, stale, or cannot-tell.

Grading runs nothing and asks nobody, so it can be repeated at will, and gives the same answer.
A record of other assets, or of another prompt, is stale whatever it shows: it proves nothing of
today's agent. A trial that something of ours broke is `infra` and enters no rate; but a guard
that was violated before it broke was violated.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from pawl.base.errors import BadValue
from pawl.base.finding import Outcome
from pawl.evals.assertion import Assertion, graders, read_assertion
from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.counts import CaseClass
from pawl.evals.gating import gate_of
from pawl.evals.grader import Answer, unknown
from pawl.evals.passing import evaluate
from pawl.evals.record import Manifest, Trial
from pawl.runs.record import Outcome as RunOutcome

MAX_CHANGED = 20
"""Names of changed assets that are told of."""
_BROKEN_OFF = frozenset({RunOutcome.REFUSED, RunOutcome.INTERRUPTED})


class Mark(StrEnum):
    """How a record was graded."""

    PASS = "pass"
    FAIL = "fail"
    INFRA = "infra"
    """Something of ours broke; it says nothing about the agent."""
    STALE = "stale"
    """What steers the agent has changed since."""
    CANNOT_TELL = "cannot-tell"


class GradedAssertion(msgspec.Struct, frozen=True, kw_only=True):
    """One assertion with its answer."""

    id: str
    grader: str
    answer: Answer
    optional: bool = False
    weight: float = 1.0


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """One record, graded. `why` is a sentence; `changed` names what made it stale."""

    case: str
    outcome: Mark
    why: str
    assertions: tuple[GradedAssertion, ...] = ()
    changed: tuple[str, ...] = ()
    case_edited: bool = False
    """The case is not word for word the one of the trial: its assertions were changed since."""


def grade(case: Case, trial: Trial, assets: Mapping[str, str]) -> Graded:
    """Return the grade of a record; `assets` are today's digests by path, all of them.

    Never raises: what cannot be read is answered with cannot-tell.
    """
    if trial.manifest.case != case.id:
        why = f"The record is of the case {trial.manifest.case!r}."
        return Graded(case=case.id, outcome=Mark.CANNOT_TELL, why=why)
    found = graded_assertions(case, trial)
    edited = trial.manifest.case_digest != _digest(case_digest, case)
    changed = changed_since(trial.manifest, _digest(stimulus_digest, case), assets)
    if changed:
        outcome, why = Mark.STALE, f"Changed since the trial: {', '.join(changed[:MAX_CHANGED])}."
    else:
        outcome, why = judged(case, trial, found)
    return Graded(
        case=case.id,
        outcome=outcome,
        why=why,
        assertions=found,
        changed=changed,
        case_edited=edited,
    )


def judged(case: Case, trial: Trial, found: tuple[GradedAssertion, ...]) -> tuple[Mark, str]:
    """Return what graded assertions come to, and why, leaving aside what has changed since."""
    try:
        expression = gate_of(case.pass_when, found)
    except BadValue as error:
        return Mark.CANNOT_TELL, str(error)
    ending = trial.manifest.ending
    if ending.infra or ending.outcome in _BROKEN_OFF:
        reason = ending.infra or f"the run was {ending.outcome.value}"
        lasting = _values(found, only_lasting=True)
        if case.case_class is CaseClass.GUARD and evaluate(expression, lasting) is False:
            return Mark.FAIL, f"{_told(found, Outcome.FAIL)}, before this broke: {reason}."
        return Mark.INFRA, f"Not the agent's doing: {reason}."
    holds = evaluate(expression, _values(found))
    if holds is None:
        return Mark.CANNOT_TELL, f"{_told(found, Outcome.CANNOT_TELL)}."
    if holds:
        return Mark.PASS, "All that the case asks holds."
    return Mark.FAIL, f"{_told(found, Outcome.FAIL)}."


def graded_assertions(case: Case, trial: Trial) -> tuple[GradedAssertion, ...]:
    """Return every assertion of a case with its grader's answer."""
    return tuple(_graded(raw, place, trial) for place, raw in enumerate(case.asserts))


def _graded(raw: dict[str, Any], place: int, trial: Trial) -> GradedAssertion:
    try:
        assertion = read_assertion(raw, place)
    except BadValue as error:
        answer = unknown("an assertion that reads", error.message)
        return GradedAssertion(id=f"unread-{place + 1}", grader="", answer=answer)
    return GradedAssertion(
        id=assertion.id,
        grader=assertion.grader,
        answer=_answer(assertion, trial),
        optional=assertion.optional,
        weight=assertion.weight,
    )


def _answer(assertion: Assertion, trial: Trial) -> Answer:
    grader = graders()[assertion.grader.replace("-", "_")]
    try:
        return grader.grade(trial, assertion.arguments)
    except BadValue as error:
        return unknown(grader.title, error.message)


def changed_since(manifest: Manifest, stimulus: str, assets: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is not as it was at a trial: assets by path, and the case's own task.

    `stimulus` is today's, see `pawl.evals.case.stimulus_digest`; empty where there is none.
    """
    then = manifest.assets
    same = manifest.stimulus == stimulus
    if then == assets and same:
        return ()
    paths = sorted(
        path for path in {*then, *assets} if path not in then or then[path] != assets.get(path)
    )
    return tuple(paths if same else ["the case's setup or run", *paths])


def _digest(of: Callable[[Case], str], case: Case) -> str:
    """Return a digest of a case; empty text for one that has none, which no record says."""
    try:
        return of(case)
    except (ValueError, TypeError, RecursionError):
        return ""


def _values(
    found: tuple[GradedAssertion, ...], *, only_lasting: bool = False
) -> dict[str, bool | None]:
    """Return what each assertion is worth to the expression.

    `only_lasting` leaves unknown all that the rest of the trial could have changed.
    """
    return {
        each.id: None
        if each.answer.outcome is Outcome.CANNOT_TELL or (only_lasting and not each.answer.lasting)
        else each.answer.outcome is Outcome.PASS
        for each in found
    }


def _told(found: tuple[GradedAssertion, ...], outcome: Outcome) -> str:
    names = [f"{each.id}: {each.answer.actual}" for each in found if each.answer.outcome is outcome]
    if not names:
        return "The expression does not hold"
    word = "Cannot tell" if outcome is Outcome.CANNOT_TELL else "Failed"
    return f"{word} by {'; '.join(names[:5])}"
