"""Wiring of `pawl eval`: the tree, the base revision, the memory of grades, the ledger."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pawl.evals.answers import Blessing
    from pawl.evals.comparison import Comparison
    from pawl.evals.shelf import Shelf
    from pawl.evals.suite_result import SuiteResult
    from pawl.services.evals import Evals
    from pawl.world.tree_writer import TreeWriter

GRADES = "eval-grades"
"""The folder of remembered grades in the data folder; it may be deleted at any time."""


def tree_writer(place: Path) -> TreeWriter:
    """Return what writes files of the repository that holds a place."""
    from pawl.world.tree_writer import TreeWriter
    from pawl.world.working_tree import top_of

    return TreeWriter(top_of(place))


@contextmanager
def evals(folder: Path, place: Path, *, base: str | None = None) -> Iterator[Evals]:
    """Open the evals of the repository that holds a place; with a `base`, that one judges.

    `folder` is the data folder. Raises BadFile, and CannotTell for a revision that is none.
    """
    from pawl.app import now
    from pawl.evals.shelf import Shelf
    from pawl.services.eval_grades import Grades
    from pawl.services.evals import open_evals
    from pawl.world.data_files import DataFiles
    from pawl.world.working_tree import WorkingTree

    tree = WorkingTree(place)
    with ExitStack() as stack:
        before = None if base is None else stack.enter_context(_revision(tree.top, base))
        yield open_evals(
            Shelf(tree),
            Grades(DataFiles(folder / GRADES), str(tree.top)),
            today=now()[:10],
            base=before,
            base_name=base,
        )


def record_verdict(
    folder: Path, place: Path, found: Evals, result: SuiteResult, *, live: bool
) -> None:
    """Append a verdict on the evals of a place to the ledger; see `pawl.services.eval_verdicts`."""
    from pawl.app import now
    from pawl.app.maturity import records
    from pawl.app.people import actor
    from pawl.services.eval_verdicts import record_verdict as record

    with records(folder) as engine:
        record(
            engine,
            result,
            {each.case.id: each.case for each in found.cases},
            project=_project(place),
            live=live,
            actor=actor(),
            now=now(),
        )


def bless(folder: Path, place: Path, names: Sequence[str], reason: str) -> Blessing:
    """Bless what is fresh, and record who did; see `pawl.services.eval_blessing`."""
    from pawl.app import now
    from pawl.app.maturity import records
    from pawl.app.people import actor
    from pawl.services.eval_blessing import DecisionLedger, bless
    from pawl.services.eval_verdicts import subject_of

    with evals(folder, place) as found, records(folder) as engine:
        writing = tree_writer(place)
        return bless(
            found,
            names,
            reason=reason,
            actor=actor(),
            now=now(),
            subject=subject_of(_project(place)),
            writing=writing,
            deciding=DecisionLedger(engine),
        )


def compare(folder: Path, place: Path, sets: Sequence[str], names: Sequence[str]) -> Comparison:
    """Set several sets of trials against one another; see `pawl.services.eval_comparing`."""
    from pawl.services.eval_comparing import compare_sets

    with ExitStack() as stack, evals(folder, place) as found:
        return compare_sets(
            found, sets, names, lambda name: stack.enter_context(_revision(place, name, whole=True))
        )


def _project(place: Path) -> str:
    from pawl.telemetry.attribution import project_of
    from pawl.world.working_tree import top_of

    top = top_of(place)
    return project_of(str(top)) or top.name


@contextmanager
def _revision(place: Path, name: str, *, whole: bool = False) -> Iterator[Shelf]:
    """Open the evals of a revision; `whole` reads its records ahead as well."""
    from pawl.evals.shelf import RECORDS, Shelf
    from pawl.evals.steering import EVALS
    from pawl.world.commit_tree import CommitTree

    def ahead(path: str) -> bool:
        below = path.startswith(f"{EVALS}/")
        return below and (whole or not path.startswith(f"{RECORDS}/"))

    tree = CommitTree(place, name, ahead)
    try:
        yield Shelf(tree)
    finally:
        tree.close()
