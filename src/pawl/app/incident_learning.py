"""Wiring of what incidents teach: the working tree, what runs left, and what a report looks at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pawl.base.errors import BadFile, BadValue, CannotTell

if TYPE_CHECKING:
    from pawl.changes.gate_file import GateFile
    from pawl.changes.metrics import Figures
    from pawl.evals.record import Trial
    from pawl.evals.shelf import Shelf
    from pawl.incidents.action import Action, Proof
    from pawl.incidents.structural_seen import Assessed, RoutineKept
    from pawl.services.incident_terms import Learnt, Seen

ROOM = 16 * 1024 * 1024


class TreeLearning:
    """The working tree of the repository around a place, and the runs of a data folder."""

    def __init__(self, folder: Path, place: Path) -> None:
        from pawl.app.evals import tree_writer
        from pawl.world.working_tree import top_of

        self.top = top_of(place)
        self._folder, self._place = folder, place
        self._writing = tree_writer(place)

    def shelf(self) -> Shelf:
        """Return the evals of the tree as they are now."""
        from pawl.evals.shelf import Shelf
        from pawl.world.working_tree import WorkingTree

        return Shelf(WorkingTree(self._place))

    def text(self, path: str) -> str | None:
        """Return a file of the tree, None where there is none; raises BadFile."""
        from pawl.base.loading import MAX_TEXT

        content = self._bytes(path, MAX_TEXT)
        if content is None:
            return None
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise BadFile("is no UTF-8 text.", place=path, hint="Save it as UTF-8.") from error

    def content(self, path: str) -> bytes | None:
        """Return a file of the tree, None where there is none; raises BadFile."""
        return self._bytes(path, ROOM)

    def protected(self, path: str) -> str | None:
        """Return a file of the protected branch, None where it has none; raises PawlError."""
        from pawl.app.change_sources import RepositorySources

        content = RepositorySources(self._place).protected_file(path)
        try:
            return None if content is None else content.decode()
        except UnicodeDecodeError as error:
            raise BadFile("is no UTF-8 text.", place=path, hint="Save it as UTF-8.") from error

    def write_bytes(self, path: str, content: bytes) -> None:
        """Replace or make a regular file whole, through no link; raises CannotTell."""
        self._writing.write_bytes(path, content)

    def trial(self, run: str) -> Trial:
        """Return what was recorded of a run of Pawl's; raises PawlError."""
        from pawl import app
        from pawl.app.drafting import kept_texts
        from pawl.services.eval_drafting import recorded_trial

        return recorded_trial(
            run,
            app.run_records(self._folder),
            app.run_timeline(self._folder),
            app.bill_machine(self._folder),
            kept_texts(self._folder),
            app.now,
        )

    def record(self, path: str) -> Trial:
        """Return the trial in a file of the tree; raises BadFile and TamperedRecord."""
        from pawl.evals.sealing import MAX_BYTES, open_record
        from pawl.evals.shelf import RecordFile, unpacked

        content = self._bytes(path, MAX_BYTES)
        if content is None:
            raise BadFile("there is no such file in the working tree.", place=path)
        return open_record(unpacked(content, RecordFile("", path, "")))

    def _bytes(self, path: str, most: int) -> bytes | None:
        from pawl.world.plain_folder import read_below

        parts = path.split("/")
        if path.startswith("/") or any(part in ("", ".", "..", ".git") for part in parts):
            raise BadFile(
                "is no path below the top of the repository.",
                place=path[:200],
                hint="Write it from there, such as cases/refund.yaml.",
            )
        raw = os.fsencode(path)
        if not os.path.lexists(os.path.join(os.fsencode(self.top), raw)):
            return None
        found = read_below(str(self.top), raw, most + 1)
        if found is None:
            raise BadFile("is no regular file, or is reached through a link.", place=path)
        if len(found) > most:
            raise BadFile(f"larger than {most:,} bytes.", place=path)
        return found


def protected_branch(place: Path) -> str:
    """Return the short name of the protected branch; raises CannotTell where there is none."""
    from pawl.app.change_sources import protected
    from pawl.world.git_range import git_reading

    with git_reading(place) as reading:
        reference, _ = protected(reading, place, None)
    return reference.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def begin_branch(place: Path, branch: str) -> None:
    """Stand on a new branch, or go on with it; raises BadValue for the protected one."""
    from pawl.world.git_committing import stand_on
    from pawl.world.working_tree import top_of

    protected = protected_branch(place)
    if branch in (protected, protected.partition("/")[2]):
        raise BadValue(
            f"{branch} is protected; nothing is committed to it here.",
            place="--branch",
            hint="Name a new branch.",
        )
    stand_on(top_of(place), branch, protected)


def commit_learning(place: Path, learnt: Learnt, branch: str) -> str:
    """Commit what a learning wrote to the branch that was begun; return the commit."""
    from pawl.evals.shelf import RECORDS, Shelf
    from pawl.world.git_committing import commit_files
    from pawl.world.working_tree import WorkingTree, top_of

    cases = {each.file: each.case.id for each in Shelf(WorkingTree(place)).cases(broken={})}
    paths = [*learnt.files]
    paths += [f"{RECORDS}/{cases[path]}/origin.trial.gz" for path in learnt.files if path in cases]
    top = top_of(place)
    there = tuple(dict.fromkeys(path for path in paths if (top / path).is_file()))
    if not there:
        raise CannotTell("it wrote no file, so there is nothing to commit.")
    message = f"Learn from {learnt.incident}\n\n" + "\n".join(f"- {each}" for each in learnt.told)
    return commit_files(top, there, message, branch)


def look_at(folder: Path, place: Path, action: Action, proof: Proof) -> Seen:
    """Return what of a proof can be seen in the repository around a place."""
    from pawl.base.errors import PawlError
    from pawl.services.incident_terms import Seen
    from pawl.services.proof_looking import looked_at

    try:
        tree = TreeLearning(folder, place)
    except PawlError:
        return Seen()
    return looked_at(action, proof, tree)


def case_exists(place: Path, case: str) -> bool:
    """Say whether the repository around a place has an eval case that is not set aside."""
    from pawl.evals.shelf import Shelf
    from pawl.world.working_tree import WorkingTree

    shelf = Shelf(WorkingTree(place))
    known = any(each.case.id == case for each in shelf.cases(broken={}))
    return known and case not in shelf.quarantines()


def case_is_of(place: Path, case: str, incidents: tuple[str, ...]) -> bool:
    """Say whether an eval case of the repository comes of one of some incidents."""
    from pawl.evals.shelf import Shelf
    from pawl.world.working_tree import WorkingTree

    return any(
        each.case.id == case and each.case.provenance.incident in incidents
        for each in Shelf(WorkingTree(place)).cases(broken={})
    )


class Around:
    """What a report looks at besides incidents: changes, gates, assessments, of one data folder."""

    def __init__(self, folder: Path, place: Path | None) -> None:
        self._folder, self._place = folder, place

    def changes(self, since: str, until: str) -> Figures | None:
        """Return the figures of changes of a window."""
        from pawl.app.change_figures import figures_of_folder

        with figures_of_folder(self._folder) as between:
            return between(since, until)

    def gates(self) -> GateFile | None:
        """Return the gates of the protected branch."""
        from pawl.app.change_sources import RepositorySources

        if self._place is None:
            return None
        return RepositorySources(self._place).policy("").policy.gates

    def assessments(self, until: str) -> tuple[Assessed, ...] | None:
        """Return the maturity assessments of this repository that were on record at a time."""
        from pawl.app import records_engine
        from pawl.app.maturity import subject_of
        from pawl.services.incident_structure import assessed
        from pawl.store.records.evidence import EvidenceRecords

        if self._place is None:
            return None
        subject = subject_of(self._place)
        engine = records_engine(self._folder)
        try:
            records = EvidenceRecords(engine)
            points = [each for each in records.trend(subject) if each.as_of <= until]
            last = records.assessment(subject, points[-1].digest) if points else None
        finally:
            engine.dispose()
        return assessed(points, last)

    def routines(self, since: str, until: str) -> tuple[RoutineKept, ...] | None:
        """Return how the routines were kept; None before any cadence was adopted here."""
        from pawl.app import records_engine
        from pawl.services.practice_cadence import kept_between
        from pawl.world.zones import zones

        engine = records_engine(self._folder)
        try:
            return kept_between(engine, lambda name: zones((name,), "cadence")[name], since, until)
        finally:
            engine.dispose()

    def rehearsed(self, since: str, until: str) -> int | None:
        """Return how many rollbacks were exercised in a window, as changes recorded them."""
        from pawl.app import records_engine
        from pawl.store.records.engine import reading
        from pawl.store.records.gate_rows import drills_between

        engine = records_engine(self._folder)
        try:
            with reading(engine) as connection:
                return sum(each.succeeded for each in drills_between(connection, since, until))
        finally:
            engine.dispose()
