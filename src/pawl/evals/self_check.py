"""Prove that a case can tell good from nothing, before anybody relies on it.

Each case ships two records: of an agent that did right (the oracle), which must pass, and of one
that did nothing (the null), which must fail. A case that no record fails is green whatever happens.
A case drafted from a run ships that run as well (its origin), which must fail as it did then: a
case that was edited until its own incident passes guards against nothing.
Whether the records are of today's assets does not matter: they try the case, not the agent.
"""

import msgspec

from pawl.evals.case import Case
from pawl.evals.grade import Mark, graded_assertions, judged
from pawl.evals.record import Trial


class SelfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a case is fit to use; `problems` are sentences that say which record shows it not."""

    case: str
    oracle: Mark | None
    null: Mark | None
    origin: Mark | None = None
    problems: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether the case passes its oracle and fails its null."""
        return not self.problems


def self_check(
    case: Case, oracle: Trial | None, null: Trial | None, origin: Trial | None = None
) -> SelfCheck:
    """Return whether a case passes its oracle record and fails its null record and its origin.

    None is missing: only a case that no run led to goes without an origin.
    """
    problems: list[str] = []
    marks: dict[str, Mark | None] = {}
    for name, trial, wanted in (
        ("oracle", oracle, Mark.PASS),
        ("null", null, Mark.FAIL),
        ("origin", origin, Mark.FAIL),
    ):
        if name == "origin" and trial is None:
            continue
        marks[name], problem = _tried(case, name, trial, wanted)
        problems += [problem] if problem else []
    return SelfCheck(case=case.id, **marks, problems=tuple(problems))


def _tried(case: Case, name: str, trial: Trial | None, wanted: Mark) -> tuple[Mark | None, str]:
    if trial is None:
        return None, f"The {name} record is missing."
    if trial.manifest.case != case.id:
        return None, f"The {name} record is of the case {trial.manifest.case!r}."
    mark, why = judged(case, trial, graded_assertions(case, trial))
    if mark is wanted:
        return mark, ""
    return mark, f"The {name} record must be graded {wanted.value} and is {mark.value}: {why}"
