"""Draft a case of a run that went wrong, and prove that the case fails on that very run.

A draft is half a case: it says what must not happen again. What doing it right looks like, only
people know; until they have said it, a do-nothing agent passes and the case is not fit to use.
"""

from typing import Any

import msgspec

from pawl.base.errors import BadValue, CannotTell
from pawl.base.finding import Outcome
from pawl.base.redaction import redact
from pawl.evals.assertion import grader_key
from pawl.evals.case import MAX_PROMPT, Case, Limits, Provenance, Run, Setup
from pawl.evals.case_reading import read_suite
from pawl.evals.case_writing import case_text
from pawl.evals.counts import CaseClass
from pawl.evals.grade import Mark, graded_assertions, judged
from pawl.evals.of_run import for_case
from pawl.evals.record import Trial
from pawl.evals.sealing import Sealed
from pawl.evals.suggesting import Suggested, suggestions, tried

_NEVER = frozenset({"tool_not_called", "not_contains", "egress_to"})
"""Graders of what must never happen: a case that asks for nothing else is a guard."""
_REMARKS = (
    "Drafted from {run}, which fails it. Before it counts:",
    "1. name a workspace below this folder, so that the prompt means something there;",
    "2. assert what a right answer does, so that doing nothing fails;",
    "3. `pawl eval record {case} --null`, then record a good trial as its oracle.",
)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a draft is to be. Empty and None are found out, or left out."""

    case_id: str
    owner: str
    added: str
    source: str
    """Where it comes from, such as `run 01J…`."""
    prompt: str = ""
    incident: str | None = None
    case_class: CaseClass | None = None
    covers: tuple[str, ...] = ()
    asserts: tuple[dict[str, Any], ...] = ()
    """Assertions by hand; with any, none are suggested."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A case, the text of its file, the run as its record, and how each assertion fails there."""

    case: Case
    text: str
    trial: Trial
    proofs: tuple[Suggested, ...]
    redacted: bool
    """Whether a secret was taken out of the prompt."""


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """A draft, its run as a sealed record, and where the texts of the run came from."""

    draft: Draft
    sealed: Sealed
    read_from: str
    warnings: tuple[str, ...] = ()


def draft(wish: Wish, trial: Trial, limit: float | None = None) -> Draft:
    """Return a case that fails on a run; `limit` is the threshold that stopped the run, if any.

    Raises BadValue and BadFile for a wish that is no case, and CannotTell where nothing asked for
    fails on the run: such a case would prove nothing.
    """
    if not wish.prompt.strip():
        raise BadValue(
            "What the agent was asked was not kept.",
            place=wish.source,
            hint="Say it with --prompt, or keep content from now on: [content] keep = true.",
        )
    if len(wish.prompt) > MAX_PROMPT:
        raise BadValue(
            f"The prompt has more than {MAX_PROMPT:,} characters.",
            place=wish.source,
            hint="Put it into a file of the workspace, and say a short one with --prompt.",
        )
    proofs = _asked(wish, trial) if wish.asserts else suggestions(trial, limit)
    if not proofs:
        raise CannotTell(
            "Nothing in this run fails by itself: no call was denied, no limit stopped it, it did"
            " not circle, and its exit status is 0.",
            place=wish.source,
            hint="Say what was wrong with it: --assert 'tool_not_called: Bash'.",
        )
    prompt = redact(wish.prompt)
    case = Case(
        id=wish.case_id,
        case_class=wish.case_class or _class_of(proofs),
        provenance=Provenance(
            added=wish.added, owner=wish.owner, incident=wish.incident, source=wish.source
        ),
        covers=wish.covers,
        setup=Setup(limits=_limits(trial)),
        run=Run(prompt=prompt, agent=trial.manifest.agent, model=trial.manifest.model),
        asserts=tuple(each.assertion for each in proofs),
    )
    remarks = tuple(each.format(run=wish.source, case=wish.case_id) for each in _REMARKS)
    text = case_text(case, remarks)
    # What was asked for may be no id, or too long a name: the draft is what its file reads as.
    (case,) = read_suite(text, place="the draft").cases
    bound = for_case(trial, case)
    mark, why = judged(case, bound, graded_assertions(case, bound))
    if mark is not Mark.FAIL:
        raise CannotTell(f"The draft does not fail on the run: {why}", place=wish.source)
    return Draft(
        case=case,
        text=text,
        trial=bound,
        proofs=proofs,
        redacted=prompt != wish.prompt,
    )


def _asked(wish: Wish, trial: Trial) -> tuple[Suggested, ...]:
    """Return the assertions asked for, each with how the run fails it; raises CannotTell."""
    found = []
    for place, assertion in enumerate(wish.asserts):
        answer = tried(trial, assertion, place)
        if answer.outcome is not Outcome.FAIL:
            raise CannotTell(
                f"{grader_key(assertion)} does not fail on this run: expected {answer.expected},"
                f" found {answer.actual}.",
                place=wish.source,
                hint="A case drafted from a run must fail on it; assert what was wrong there.",
            )
        found.append(Suggested(assertion=assertion, why="asked for", answer=answer))
    return tuple(found)


def _class_of(proofs: tuple[Suggested, ...]) -> CaseClass:
    never = all(grader_key(each.assertion) in _NEVER for each in proofs)
    return CaseClass.GUARD if never else CaseClass.BEHAVIOUR


def _limits(trial: Trial) -> Limits:
    """Return limits for trials: twice what the run took, so that none goes on for ever."""
    spent = trial.manifest.spent
    return Limits(
        turns=max(2, 2 * spent.turns) if spent.turns else None,
        usd=round(2 * spent.cost_micros / 1_000_000, 4) or None if spent.cost_micros else None,
        wall_s=max(60.0, round(2 * spent.wall_ms / 1000)) if spent.wall_ms else None,
    )
