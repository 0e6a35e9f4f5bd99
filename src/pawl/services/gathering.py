"""Gather facts about one subject: its tree, its history, exports about it, and Pawl's own records.

Each source is looked at by itself. One that is not there, or cannot be read, becomes a section
that says why; it never stands in the way of the others, and never reads as a no.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import MappingProxyType

import msgspec

from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.maturity.extract import Extract
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import FileChange, History
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.practice import Practice
from pawl.maturity.facts.tree import Tree, TreeFile
from pawl.maturity.survey import Survey
from pawl.services.exports import EVIDENCE, MAX_FILE_BYTES, ExportFile, read_exports
from pawl.services.kept_extracts import Kept
from pawl.services.kept_file import Storage
from pawl.services.kept_surveys import KeptSurveys
from pawl.services.operated import asked, joined
from pawl.services.tree_reading import Beside, Progress, Source, read_tree

HISTORY_DAYS = 365
"""Days of history that are looked at: the longest window of any probe."""


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """Facts, and what is to be said about the gathering of them.

    `uncommitted` is how many files of the working tree differ from what was looked at; None:
    cannot tell, or there is no working tree. `notes` are sentences about what could not be
    looked at, in no section of its own.
    """

    facts: Facts
    uncommitted: int | None = None
    notes: tuple[str, ...] = ()


def gather(
    source: Source,
    *,
    now: str,
    extracts: Mapping[str, Extract],
    surveys: Mapping[str, Survey] = MappingProxyType({}),
    exports: Sequence[ExportFile] = (),
    practice: Callable[[], Practice | Absent] | None = None,
    operated: Callable[[], Operations | None] | None = None,
    storage: Storage | None = None,
    progress: Progress | None = None,
    beside: Beside | None = None,
    history_days: int = HISTORY_DAYS,
) -> Gathered:
    """Return everything known of a repository or folder at a canonical time.

    `surveys` look at the tree as a whole, after the `extracts` have read its files one by one.
    `exports` are files that a person handed over, `practice` and `operated` ask Pawl's own stores
    what agents did and what operation recorded, `storage`
    keeps what was read for the next time, `beside` reads on a second core. Raises BadFile for an
    export whose very path somebody typed and that does not read.
    """
    kept = Kept(storage, source.place)
    notes: list[str] = []
    since = format_time(parse_time(now) - timedelta(days=history_days))
    with ThreadPoolExecutor(max_workers=1) as threads:
        # Git works on the history while we read files.
        later = threads.submit(_history, source, since, kept.files_of_commits())
        tree = _tree(source, extracts, kept, notes, progress, beside)
        if surveys and isinstance(tree, Tree):
            tree = _surveyed(source, tree, surveys, storage, now, notes)
        history = later.result()
    if isinstance(history, History):
        kept.keep_commits(history.commits)
    kept.save()
    own, given = _apart(source, tree, exports)
    claimed = [*own, *_brought_along(source, tree)]
    paths = () if isinstance(tree, Absent) else (file.path for file in tree.files)
    found = read_exports(claimed, given, paths, progress)
    own_operations, unread = asked(operated)
    notes += [unread] if unread else []
    return Gathered(
        facts=Facts(
            subject=subject_of(source),
            as_of=now,
            tree=tree,
            history=history,
            reports=found.reports,
            host=found.host,
            operations=joined(found.operations, own_operations),
            practice=_practice(practice),
        ),
        uncommitted=source.uncommitted(),
        notes=(*kept.notes, *notes, *found.notes),
    )


def subject_of(source: Source) -> str:
    """Return what a repository is called in evidence: by its remote, else by its folder."""
    return f"repo:{source.origin or source.name}"


def _tree(
    source: Source,
    extracts: Mapping[str, Extract],
    kept: Kept,
    notes: list[str],
    progress: Progress | None,
    beside: Beside | None,
) -> Tree | Absent:
    try:
        tree = read_tree(source, extracts, kept, notes, progress, beside)
    except PawlError as error:
        return Absent(error.message, error.hint)
    if not tree.files:
        return Absent("There is no committed file here.", "Commit the files, then assess.")
    return tree


def _surveyed(
    source: Source,
    tree: Tree,
    surveys: Mapping[str, Survey],
    storage: Storage | None,
    now: str,
    notes: list[str],
) -> Tree:
    """Return a tree with what each survey of it came to."""
    kept = KeptSurveys(storage, source.place)
    made = kept.made(surveys, tree.files, source.contents, tree=source.tree, day=now[:10])
    kept.save()
    notes += kept.notes
    return msgspec.structs.replace(tree, surveys=made)


def _history(
    source: Source, since: str, known: Mapping[str, tuple[FileChange, ...]]
) -> History | Absent:
    try:
        history = source.history(since, known)
    except PawlError as error:
        return Absent(error.message, error.hint)
    if history is None:
        return Absent("The folder is in no git repository.", "Assess a clone of the repository.")
    if source.commit is None:
        return Absent("The repository has no commit yet.", "Commit the files, then assess.")
    return history


def _practice(ask: Callable[[], Practice | Absent] | None) -> Practice | Absent:
    if ask is None:
        return Absent("Pawl's own records were not asked.")
    try:
        return ask()
    except PawlError as error:
        return Absent(error.message, error.hint)


class _Committed(msgspec.Struct, frozen=True):
    """An export that lies in the assessed tree."""

    source: Source
    file: TreeFile
    typed: bool = False

    @property
    def path(self) -> str:
        """Its path in the tree."""
        return self.file.path

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.file.size

    def read(self) -> bytes | None:
        """Return its bytes."""
        return next((content for _, content in self.source.contents([self.file])), None)


def _brought_along(source: Source, tree: Tree | Absent) -> list[ExportFile]:
    if isinstance(tree, Absent):
        return []
    return [
        _Committed(source, file)
        for file in tree.below(EVIDENCE)
        if file.kind in ("file", "executable") and file.size <= MAX_FILE_BYTES
    ]


def _apart(
    source: Source, tree: Tree | Absent, exports: Sequence[ExportFile]
) -> tuple[list[ExportFile], list[ExportFile]]:
    """Return the exports that are files of the tree itself, and those that truly lie beside it.

    Naming a committed file with --evidence does not make it anybody else's word.
    """
    top = os.path.realpath(source.place)
    inside: list[ExportFile] = []
    beside: list[ExportFile] = []
    for export in exports:
        path = os.path.relpath(os.path.realpath(export.path), top).replace(os.sep, "/")
        is_committed = not isinstance(tree, Absent) and tree.blob_of(path) is not None
        (inside if is_committed else beside).append(export)
    return inside, beside
