"""Read a tree through its extracts: each file once, and only what is not kept from before."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pawl.maturity.extract import MAX_BLOB_BYTES, Extract
from pawl.maturity.facts.history import FileChange, History
from pawl.maturity.facts.tree import Skipped, Tree, TreeFile
from pawl.maturity.reading import Candidates, chosen_of, read_content, unreadable
from pawl.parsing.languages import letters_of
from pawl.services.kept_extracts import Chosen, Entry, Kept

Progress = Callable[[int, int, str], None]
"""How many are done, of how many, and what they are."""

TELL_EVERY = 100
"""Files between two calls of the progress callback."""


class Source(Protocol):
    """A commit of a repository, or a folder as it is now."""

    @property
    def place(self) -> str:
        """Where it is."""

    @property
    def name(self) -> str:
        """What it is called when nothing else names it."""

    @property
    def origin(self) -> str | None:
        """Its remote, without credentials, such as `github.com/org/repo`."""

    @property
    def commit(self) -> str | None:
        """The commit that is looked at."""

    @property
    def tree(self) -> str | None:
        """The commit's tree."""

    def files(self) -> tuple[TreeFile, ...]:
        """Return every file, sorted by path; raises CannotTell."""

    def below(self, folder: str) -> tuple[TreeFile, ...]:
        """Return the files below one folder of it."""

    def contents(self, files: Sequence[TreeFile]) -> Iterator[tuple[TreeFile, bytes | None]]:
        """Yield each file with its bytes, or None where they are not to be had."""

    def history(self, since: str, known: Mapping[str, tuple[FileChange, ...]]) -> History | None:
        """Return the commits since a time; None outside git. Raises CannotTell."""

    def uncommitted(self) -> int | None:
        """Return how many files differ from the commit; None: cannot tell."""


class _Wanted:
    """The files that extracts read, and by which of them each still has to be read."""

    def __init__(
        self,
        source: Source,
        files: tuple[TreeFile, ...],
        extracts: Mapping[str, Extract],
        kept: Kept,
    ) -> None:
        self.chosen: dict[str, Chosen] = {}
        self.looked: dict[str, list[TreeFile]] = {}
        self.todo: dict[str, list[str]] = {}
        by_path: dict[str, TreeFile] = {}
        candidates: Candidates | None = None
        for name, extract in extracts.items():
            before = kept.chosen(name, extract, source.tree)
            if before is None:
                candidates = candidates or Candidates(files)
                looked, sampled = chosen_of(extract, candidates)
            else:
                by_path = by_path or {file.path: file for file in files}
                looked = [by_path[path] for path in before.paths if path in by_path]
                sampled = before.sampled
            paths = tuple([file.path for file in looked])
            self.chosen[name] = before or Chosen(source.tree or "", paths, sampled)
            self.looked[name] = looked
            known = kept.entries(name, extract)
            for file in looked:
                entry = known.get(file.path)
                if entry is None or entry[0] != file.blob or not file.blob:
                    self.todo.setdefault(file.path, []).append(name)


Job = tuple[str, str, bytes, tuple[str, ...]]
"""Path, object id, bytes, and the extracts that read them."""


class Pending(Protocol):
    """A batch that another process reads."""

    def is_done(self) -> bool:
        """Say whether the answers can be had without waiting."""

    def answers(self) -> list[Any] | None:
        """Wait for the answers, one a file; None when the process is lost."""


class Beside(Protocol):
    """A process that reads files as we do, so that two cores share the work."""

    def start(self) -> None:
        """Begin starting it."""

    def read(self, jobs: Sequence[Job]) -> Pending:
        """Hand over a batch."""


BATCH_BYTES = 512 * 1024
"""Bytes of files that are handed over at once."""

AHEAD = 2
"""Batches that the second process has at once, so that it never waits for us."""

GREAT_TREE = 20_000
"""Files of a tree of which, the first time, surely more than `WORTH_BYTES` are to be read."""

WORTH_BYTES = 8 * 1024 * 1024
"""Bytes that have to be read for a second process to be worth its start: about a second's work."""


def read_tree(
    source: Source,
    extracts: Mapping[str, Extract],
    kept: Kept,
    notes: list[str],
    progress: Progress | None = None,
    beside: Beside | None = None,
) -> Tree:
    """Return the source's files with everything that extracts read; raises CannotTell.

    An extract that raises is a defect of ours: its file is told of in `notes` and left out.
    """
    listing = kept.listing(source.tree)
    files = source.files() if listing is None else listing.files
    if beside is not None and kept.is_new and len(files) >= GREAT_TREE:
        beside.start()  # It gets ready while we choose.
    wanted = _Wanted(source, files, extracts, kept)
    asked = [file for file in files if file.path in wanted.todo] if wanted.todo else []
    small = [file for file in asked if file.size <= MAX_BLOB_BYTES and file.blob]
    if sum(file.size for file in small) < WORTH_BYTES:
        beside = None
    reading = _Reading(extracts, wanted.todo, notes, beside)
    for file in asked:
        if file.size > MAX_BLOB_BYTES or not file.blob:
            reading.leave(file, unreadable(file, None), file.blob)
    reading.read(source.contents(small), len(small), progress)
    read: dict[str, dict[str, object]] = {}
    skipped: dict[str, Skipped] = {}
    for name, extract in extracts.items():
        kept.keep(name, extract, wanted.chosen[name], reading.new[name])
        known = kept.entries(name, extract)
        found = read.setdefault(name, {})
        for file in wanted.looked[name]:
            _, reason, value = known[file.path]
            if reason is not None:
                skipped[file.path] = Skipped(file.path, reason)
            elif value is not None:
                found[file.path] = value
    roles = letters_of(file.path for file in files) if listing is None else listing.roles
    if listing is None and not reading.is_short:
        kept.keep_listing(source.tree, files, roles)
    return Tree(
        commit=source.commit,
        tree=source.tree,
        files=files,
        roles=roles,
        extracts=read,
        skipped=tuple(skipped[path] for path in sorted(skipped)),
        sampled=frozenset(name for name in extracts if wanted.chosen[name].sampled),
    )


class _Reading:
    """Reads files in batches: one here, and one beside us at the same time where that helps."""

    def __init__(
        self,
        extracts: Mapping[str, Extract],
        todo: Mapping[str, list[str]],
        notes: list[str],
        beside: Beside | None,
    ) -> None:
        self.new: dict[str, dict[str, Entry]] = {name: {} for name in extracts}
        self.is_short = False
        self._extracts = extracts
        self._todo = todo
        self._notes = notes
        self._beside = beside
        self._pending: list[tuple[list[Job], Pending]] = []
        if beside is not None:
            beside.start()

    def read(
        self,
        contents: Iterator[tuple[TreeFile, bytes | None]],
        total: int,
        progress: Progress | None,
    ) -> None:
        """Read every file; `progress` is told of files taken up."""
        batch: list[Job] = []
        size = 0
        for done, (file, content) in enumerate(contents):
            if progress is not None and done % TELL_EVERY == 0:
                progress(done, total, "files read")
            if content is None:
                # What is not to be had today may be tomorrow: it is not kept as known, nor is
                # the listing, which lacks its size.
                self.is_short = True
                self.leave(file, unreadable(file, None), "")
                continue
            batch.append((file.path, file.blob, content, tuple(self._todo[file.path])))
            size += len(content)
            if size >= BATCH_BYTES:
                self._hand_out(batch)
                batch, size = [], 0
        self._take(batch, None)
        while self._pending:
            self._collect_one()
        if progress is not None and total:
            progress(total, total, "files read")

    def leave(self, file: TreeFile, reason: str | None, blob: str) -> None:
        """Note that a file is not read, and why."""
        for name in self._todo[file.path]:
            self.new[name][file.path] = (blob, reason, None)

    def _hand_out(self, batch: list[Job]) -> None:
        if self._beside is None:
            self._take(batch, None)
            return
        while self._pending and self._pending[0][1].is_done():
            self._collect_one()
        if len(self._pending) < AHEAD:
            self._pending.append((batch, self._beside.read(batch)))
        else:
            self._take(batch, None)

    def _collect_one(self) -> None:
        batch, pending = self._pending.pop(0)
        self._take(batch, pending.answers())

    def _take(self, batch: list[Job], answers: list[Any] | None) -> None:
        if answers is None:
            answers = [
                read_content(path, content, names, self._extracts)
                for path, _, content, names in batch
            ]
        for (path, blob, _, names), answer in zip(batch, answers, strict=True):
            for name, (reason, value, problem) in zip(names, answer, strict=True):
                self.new[name][path] = (blob, reason, value)
                if problem:
                    self._notes.append(problem)
