"""Grade the trial records of a repository and say whether its agents still behave.

Nothing is run and nobody is asked: cases, records, policy and a day in, one result out; the same
tree and day give the same bytes. With a base revision, that one's policy, quarantine and baselines
judge, and fresh records that the change removed still count: a change can neither soften what
judges it nor take back what was seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from pawl.base.errors import BadValue, PawlError
from pawl.evals.answers import Listed
from pawl.evals.baseline import Baselines, Key, key_of
from pawl.evals.case import Case, case_digest, stimulus_digest
from pawl.evals.counts import TRIALS_MOST, CaseClass, Quarantine
from pawl.evals.grade import Mark, changed_since, graded_assertions, judged
from pawl.evals.lines import CaseNow, Line, Seen, lines_of
from pawl.evals.record import Trial
from pawl.evals.sealing import TamperedRecord
from pawl.evals.self_check import Tried, self_checked
from pawl.evals.shelf import (
    BASELINES,
    QUARANTINE,
    RECORDS,
    SHIPPED,
    Placed,
    RecordFile,
    Shelf,
    chosen,
)
from pawl.evals.steering import Steering
from pawl.evals.suite_result import Judged, Judging, Refused, SuiteResult, judge
from pawl.services.eval_grades import Grades


class KeptTrial(msgspec.Struct, frozen=True, kw_only=True):
    """A trial that was just run, and the address it was sealed under."""

    address: str
    trial: Trial


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """One case with its lines. `refused` are records of it that prove nothing.

    `seen` are all its other records, stale ones among them.
    """

    placed: Placed
    now: CaseNow
    lines: tuple[Line, ...]
    seen: tuple[Seen, ...] = ()
    refused: tuple[Refused, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Evals:
    """The evals of one tree on one day. `base` judges in the tree's place where it is given."""

    def __init__(
        self,
        shelf: Shelf,
        grades: Grades,
        *,
        today: date,
        base: Shelf | None = None,
        base_name: str | None = None,
    ) -> None:
        self.shelf = shelf
        self.today = today
        self._grades = grades
        self._base = base
        self._base_name = base_name
        judging = shelf if base is None else base
        self.policy, self.policy_place = judging.policy()
        self.quarantines: Mapping[str, Quarantine] = judging.quarantines()
        self.cases = shelf.cases()
        self._before, self._unread = self._cases_before()
        own = judging.baselines().baselines
        known = {each.case for each in own} | {each.case.id for each in self._before}
        # A case that the change adds brings its baseline along: the base has nothing to say of it.
        brought = shelf.baselines().baselines if base is not None and not self._unread else ()
        self._new = {each.case for each in brought} - known
        self.baselines = Baselines(
            baselines=(*own, *(each for each in brought if each.case in self._new))
        )
        self.steering = Steering(shelf.files)

    def grade(
        self,
        names: Sequence[str] = (),
        *,
        extra: Iterable[KeptTrial] = (),
        skipped: Mapping[str, int] | None = None,
        only: frozenset[Key] | None = None,
        must_be_no_worse: bool = False,
    ) -> SuiteResult:
        """Return the result of these cases, or of all.

        `extra` are trials besides those on the shelf, `skipped` trials by case that were to run
        and did not; `only` narrows down which keys are judged. Raises BadValue for a name that is
        no case, and BadFile.
        """
        looked = self.look(names, extra=extra, skipped=skipped, only=only)
        return judge(
            [
                Judged(line=line, file=each.placed.file, problems=each.problems, notes=each.notes)
                for each in looked
                for line in each.lines
            ],
            Judging(
                policy=self.policy,
                policy_place=self.policy_place,
                today=self.today,
                base=self._base_name,
                must_be_no_worse=must_be_no_worse,
            ),
            refused=[each for one in looked for each in one.refused],
            notes=self._notes() if not names else (),
        )

    def look(
        self,
        names: Sequence[str] = (),
        *,
        extra: Iterable[KeptTrial] = (),
        skipped: Mapping[str, int] | None = None,
        only: frozenset[Key] | None = None,
    ) -> tuple[Looked, ...]:
        """Return what the records of these cases say, before the gate is asked; see `grade`."""
        more: dict[str, list[KeptTrial]] = {}
        for each in extra:
            more.setdefault(each.trial.manifest.case, []).append(each)
        found = tuple(
            self._look(placed, more.get(placed.case.id, ()), skipped or {}, only)
            for placed in chosen(self.cases, names)
        )
        self._grades.save()
        return found

    def _look(
        self,
        placed: Placed,
        extra: Sequence[KeptTrial],
        skipped: Mapping[str, int],
        only: frozenset[Key] | None,
    ) -> Looked:
        case = placed.case
        problems: list[str] = []
        try:
            assets = self.steering.assets_of(case, placed.folder)
        except PawlError as error:
            assets = {}
            problems.append(f"{error.place}: {error.message}")
        now = self.now(placed, assets)
        refused: list[Refused] = []
        seen = self._seen(self.shelf, self.shelf.records(case.id), now, refused)
        seen += [_judged(now, each.address, each.trial) for each in extra]
        removed = self._removed(now)
        try:
            lines = lines_of(
                now,
                [*seen, *removed],
                self.baselines.baselines,
                self.policy,
                quarantine=self.quarantines.get(case.id),
                skipped=skipped.get(case.id, 0),
                only=only,
            )
        except BadValue as error:
            raise BadValue(
                error.message,
                place=f"{RECORDS}/{case.id}",
                hint=f"At most {TRIALS_MOST:,} fresh trials of one case and key are judged.",
            ) from error
        problems += self._self_check(now, refused)
        notes = [f"it covers {name}, which is nowhere" for name in self.steering.nowhere(case)]
        if case.id in self._new:
            notes.append("the case is new, and so is its baseline: both are of this change")
        notes += [f"the record {e.address[:12]} was removed by this change" for e in removed]
        return Looked(
            placed=placed,
            now=now,
            lines=lines,
            seen=tuple(seen),
            refused=tuple(refused),
            problems=tuple(problems),
            notes=tuple(notes),
        )

    def now(self, placed: Placed, assets: Mapping[str, str]) -> CaseNow:
        """Return a case with its digests, and with these of what steers its agent."""
        return CaseNow(
            case=placed.case,
            case_digest=case_digest(placed.case),
            stimulus=stimulus_digest(placed.case),
            assets=assets,
        )

    def seen(self, shelf: Shelf, placed: Placed, now: CaseNow) -> list[Seen]:
        """Return the records of a case on a shelf; those that prove nothing are left out."""
        return self._seen(shelf, shelf.records(placed.case.id), now, [])

    def _seen(
        self, shelf: Shelf, files: Iterable[RecordFile], now: CaseNow, refused: list[Refused]
    ) -> list[Seen]:
        found: list[Seen] = []
        for file in files:
            try:
                packed = shelf.packed(file)
                found.append(self._grades.seen(file, packed, now.case, now.case_digest))
            except TamperedRecord as error:
                refused.append(Refused(path=file.path, case=now.case.id, why=error.message))
        return found

    def _removed(self, now: CaseNow) -> list[Seen]:
        """Return fresh records of the base that are not in the tree and say how a trial went."""
        if self._base is None:
            return []
        here = {file.address for file in self.shelf.records(now.case.id)}
        gone = [file for file in self._base.records(now.case.id) if file.address not in here]
        return [
            each
            for each in self._seen(self._base, gone, now, [])
            if each.mark in (Mark.PASS, Mark.FAIL)
            and not changed_since(each.manifest, now.stimulus, now.assets)
        ]

    def _self_check(self, now: CaseNow, refused: list[Refused]) -> tuple[str, ...]:
        tried: list[Tried | None] = []
        for name in SHIPPED:
            file = self.shelf.shipped(now.case.id, name)
            found = [] if file is None else self._seen(self.shelf, [file], now, refused)
            tried.append(
                Tried(found[0].manifest.case, found[0].mark, found[0].why) if found else None
            )
        return self_checked(now.case.id, *tried).problems

    def _notes(self) -> tuple[str, ...]:
        known = {each.case.id for each in self.cases}
        notes = [f"{name} has records and is no case" for name in self.shelf.strangers(self.cases)]
        blessed = {each.case for each in self.baselines.baselines}
        notes += [f"{BASELINES}: {name} is no case" for name in sorted(blessed - known)]
        notes += [
            f"{QUARANTINE}: {name} is no case" for name in sorted(self.quarantines.keys() - known)
        ]
        return (*notes, *self._weakened(known))

    def _weakened(self, known: set[str]) -> list[str]:
        """Return what a change takes from the base's cases: for whoever reviews it."""
        now = {each.case.id: each.case for each in self.cases}
        notes = [self._unread] if self._unread else []
        for case in (each.case for each in self._before):
            if case.id not in known:
                notes.append(f"the case {case.id} was removed by this change")
            elif _is_guard(case) and not _is_guard(now[case.id]):
                notes.append(f"{case.id} is no guard any more by this change")
        return notes

    def _cases_before(self) -> tuple[tuple[Placed, ...], str]:
        """Return the base's cases, or none and why they cannot be read."""
        try:
            return (() if self._base is None else self._base.cases()), ""
        except PawlError as error:
            return (), f"the cases of the base cannot be read: {error}"


def listed(looked: Looked) -> Listed:
    """Return a case as it stands."""
    case, lines = looked.placed.case, looked.lines
    return Listed(
        id=case.id,
        kind=case.case_class,
        file=looked.placed.file,
        covers=case.covers,
        incident=case.provenance.incident,
        fresh=sum(len(line.decided) for line in lines),
        stale=sum(
            bool(changed_since(each.manifest, looked.now.stimulus, looked.now.assets))
            for each in looked.seen
        ),
        infra=sum(len(line.infra) for line in lines),
        cannot_tell=sum(len(line.cannot_tell) for line in lines),
        refused=len(looked.refused),
        blessed=sum(line.baseline.trials for line in lines if line.baseline is not None),
        on=tuple(line.key.label for line in lines if line.key is not None),
        changed=tuple(dict.fromkeys(path for line in lines for path in line.changed)),
        problems=looked.problems,
        notes=(*looked.notes, *(note for line in lines for note in line.notes)),
    )


def judge_trials(
    evals: Evals,
    kept: Sequence[KeptTrial],
    *,
    names: Sequence[str] = (),
    skipped: Mapping[str, int] | None = None,
    must_be_no_worse: bool = False,
) -> SuiteResult:
    """Return the result of cases whose trials were just run, on the keys they were run on.

    Everything else that is fresh on those keys counts as well, so the verdict is the one that
    grading gives once the records are kept. `names` are the cases that were to run: one that has no
    trial is judged too, and is not green. See `wanted` for the trials that are to confirm.
    """
    ran = {each.trial.manifest.case for each in kept}
    only = frozenset(key_of(each.trial.manifest) for each in kept)
    return evals.grade(
        names or sorted(ran),
        extra=kept,
        skipped=skipped,
        only=only,
        must_be_no_worse=must_be_no_worse,
    )


def open_evals(
    shelf: Shelf,
    grades: Grades,
    *,
    today: str,
    base: Shelf | None = None,
    base_name: str | None = None,
) -> Evals:
    """Return the evals of a tree; `today` is a day such as `2026-11-21`. Raises BadFile."""
    return Evals(shelf, grades, today=date.fromisoformat(today), base=base, base_name=base_name)


def _judged(now: CaseNow, address: str, trial: Trial) -> Seen:
    mark, why = judged(now.case, trial, graded_assertions(now.case, trial))
    return Seen(
        address=address,
        manifest=trial.manifest,
        mark=mark,
        why=why,
    )


def _is_guard(case: Case) -> bool:
    return case.case_class is CaseClass.GUARD
