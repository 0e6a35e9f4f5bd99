"""Survey eval cases with their stored records: can each tell good from nothing, and is it fresh?

A case counts for something when its oracle record passes it and its null record fails it. Its
trials are graded again from what was stored; one of other assets or another task than today's is
stale. Cases, records and what steers are read by the same code that `pawl eval grade` uses, within
tighter bounds.
"""

from collections.abc import Iterator

from pawl.base.errors import BadValue, PawlError
from pawl.evals.assertion import read_assertions
from pawl.evals.case import Case, case_digest
from pawl.evals.grade import Mark, grade
from pawl.evals.record import Trial
from pawl.evals.self_check import self_check
from pawl.evals.shelf import (
    SHIPPED,
    Placed,
    RecordFile,
    Shelf,
    Shipped,
    read_trial,
    unpacked,
)
from pawl.evals.steering import EVALS, Steering
from pawl.maturity.facts.eval_cases import EvalCase, EvalCases
from pawl.maturity.survey import Whole

MAX_RECORDS = 40
"""Trial records of one case that are graded, the first by address: nobody picks those."""
MAX_ALL_RECORDS = 2000
MAX_PLAIN_BYTES = 16 * 1024 * 1024
"""Bytes of one record once it is unpacked."""
MAX_ALL_BYTES = 256 * 1024 * 1024
"""Bytes of all records together once they are unpacked; a few that claim much end the look."""
_OF_WORKSPACES = frozenset({"command", "files-changed", "file-contains", "diff-size"})
"""Graders that look at what a whole workflow left behind."""


def look(whole: Whole) -> EvalCases:
    """Return the cases of a tree and what their records come to."""
    if not any(path.startswith(f"{EVALS}/") for path in whole.entries):
        return EvalCases()
    shelf, steering = Shelf(whole), Steering(whole)
    broken: dict[str, PawlError] = {}
    try:
        placed = shelf.cases(broken)
    except PawlError as error:
        return EvalCases(broken={EVALS: str(error)[:300]})
    records = _Records(shelf)
    return EvalCases(
        cases=tuple(_case(each, records, steering) for each in placed),
        suites={each.file: each.suite for each in placed},
        broken={path: str(error)[:300] for path, error in broken.items()},
    )


def _case(placed: Placed, records: "_Records", steering: Steering) -> EvalCase:
    case = placed.case
    shipped = [records.shipped(case.id, name) for name in SHIPPED]
    problems = list(self_check(case, *shipped).problems)
    found = list(records.all(case.id))
    try:
        today = steering.assets_of(case, placed.folder)
        marks = [grade(case, trial, today).outcome for trial in found]
    except PawlError as error:
        problems.append(str(error))
        marks = []
    return EvalCase(
        id=case.id,
        path=placed.file,
        kind=case.case_class.value,
        level=_level(case),
        incident=case.provenance.incident or "",
        covers=case.covers,
        problems=tuple(each[:300] for each in (*problems, *records.problems(case.id))),
        records=len(found),
        stale=marks.count(Mark.STALE),
        failing=marks.count(Mark.FAIL),
        trials=case.trials.k,
        digest=case_digest(case),
    )


def _level(case: Case) -> str:
    """Return what a case exercises: what one run says and does, or what a workflow leaves."""
    try:
        asked = {each.grader for each in read_assertions(case)}
    except BadValue:
        return "integration"
    return "integration" if asked.isdisjoint(_OF_WORKSPACES) else "e2e"


class _Records:
    """The stored records of a shelf, opened when they are asked for, within bounds for all."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._bad: dict[str, list[str]] = {}
        self._left = MAX_ALL_RECORDS
        self._bytes_left = MAX_ALL_BYTES

    def problems(self, case: str) -> tuple[str, ...]:
        """Return what is wrong with a case's records that were asked for."""
        return tuple(self._bad.get(case, ()))

    def shipped(self, case: str, name: Shipped) -> Trial | None:
        """Return a record that came with a case."""
        file = self._shelf.shipped(case, name)
        return None if file is None else self._open(file)

    def all(self, case: str) -> Iterator[Trial]:
        """Yield the records of trials."""
        for file in self._shelf.records(case)[: min(MAX_RECORDS, self._left)]:
            self._left -= 1
            trial = self._open(file)
            if trial is not None:
                yield trial

    def _open(self, file: RecordFile) -> Trial | None:
        try:
            packed = self._shelf.packed(file)
            plain = unpacked(packed, file, max(1, min(MAX_PLAIN_BYTES, self._bytes_left)))
            self._bytes_left -= len(plain)
            return read_trial(plain, file)
        except PawlError as error:
            name = file.path.rpartition("/")[2]
            self._bad.setdefault(file.case, []).append(f"{name}: {error.message}")
            return None
