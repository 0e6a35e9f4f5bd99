"""Read what is new in the transcripts of this machine, and remember how far each was read.

Both the bill and the import go through here; they differ in what they take from a file. The
state is a value: whoever calls writes it down, and only after what was read is safe.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from pawl.telemetry.attribution import Workplace
from pawl.telemetry.format import Depth, Format, TranscriptReader
from pawl.telemetry.imported import Found, Listing, Scanned, Trouble

HEAD_BYTES = 65_536
"""Bytes of a file that a format is recognised by."""


class Reading(Protocol):
    """Whole lines of one file from a mark on; the rest is known when they are exhausted."""

    def chunks(self) -> Iterator[bytes]: ...
    @property
    def mark(self) -> tuple[int, bytes, bytes]: ...
    @property
    def torn(self) -> bytes: ...
    @property
    def oversized(self) -> int: ...
    @property
    def restarted(self) -> bool: ...


class Disk(Protocol):
    """Where transcripts lie."""

    def list_files(self, root: str, glob: str) -> Listing:
        """Return the files below a root that match; a root that is not there has none."""

    def with_journal(self, found: Found) -> Found:
        """Return a database's status with that of its write-ahead log."""

    def read(self, found: Found, mark: tuple[int, bytes, bytes]) -> Reading:
        """Return the lines of a file from a mark on; reading raises OSError."""

    def first_bytes(self, path: str, size: int) -> bytes:
        """Return the first bytes of a file, or none when it cannot be read."""

    def workplace(self, directory: str) -> Workplace:
        """Return what a working directory belongs to."""

    def owner_name(self, owner: int) -> str:
        """Return the login name of a file's owner."""


Database = Callable[[str, bytes], Iterator[tuple[bytes, bytes]]]
"""Path and cursor of a product's database → chunks of lines, each with the cursor after it."""


class FileState(msgspec.Struct, array_like=True, gc=False):
    """How far a file was read, and how it looked then. `everything` is the depth it was read at."""

    agent: str
    inode: int
    size: int
    mtime_ns: int
    mark: tuple[int, bytes, bytes]
    reader: bytes
    everything: bool

    def is_of(self, found: Found, depth: Depth) -> bool:
        """Say whether a file looks as it did when it was read at that depth or deeper."""
        return (
            self.mtime_ns == found.mtime_ns
            and self.size == found.size
            and self.inode == found.inode
            and (self.everything or not depth.everything)
        )


class Task(msgspec.Struct, frozen=True, gc=False):
    """A file to read with a format, and what is known of it."""

    form: Format
    found: Found
    known: FileState | None


class Survey(msgspec.Struct, frozen=True):
    """What is to be read, what was found unchanged, and what was passed over."""

    tasks: tuple[Task, ...]
    reports: dict[str, Scanned]

    @property
    def bytes(self) -> int:
        """Bytes that the tasks will read, about."""
        return sum(max(0, task.found.size - _read_before(task)) for task in self.tasks)


def _read_before(task: Task) -> int:
    return 0 if task.known is None or task.known.inode != task.found.inode else task.known.mark[0]


def roots_of(form: Format, environment: Mapping[str, str], home: str) -> list[str]:
    """Return the default places of a format: those its variables name, else those below home."""
    named = []
    for variable, below, _ in form.roots:
        for value in (environment.get(variable or "") or "").split(","):
            if value.strip():
                named.append(f"{value.strip().rstrip('/')}/{below}".rstrip("/"))
    return named or [f"{home}/{below}" for _, _, below in form.roots]


def survey_places(
    formats: Iterable[Format],
    disk: Disk,
    environment: Mapping[str, str],
    home: str,
    known: Mapping[str, FileState],
    depth: Depth,
) -> Survey:
    """Look at the default places of the formats."""
    tasks: list[Task] = []
    reports: dict[str, Scanned] = {}
    for form in formats:
        report = reports.setdefault(form.agent, Scanned(agent=form.agent, warnings=[]))
        for root in roots_of(form, environment, home):
            listing = disk.list_files(root, form.pattern)
            _note(report, listing.troubles)
            for found in listing.files:
                report.files += 1
                if form.store is not None:
                    found = disk.with_journal(found)
                state = known.get(found.path)
                if state is not None and state.is_of(found, depth):
                    report.unchanged += 1
                else:
                    tasks.append(Task(form, found, state))
    return Survey(tuple(tasks), reports)


def survey_paths(
    paths: Iterable[str],
    formats: Sequence[Format],
    disk: Disk,
    known: Mapping[str, FileState],
    depth: Depth,
) -> Survey:
    """Look at paths that were given; each file's format is told by its first bytes."""
    tasks: list[Task] = []
    reports: dict[str, Scanned] = {}
    by_agent = {form.agent: form for form in formats}
    unknown = reports.setdefault("", Scanned(agent="", warnings=[]))
    for path in paths:
        listing = disk.list_files(path, "**/*")
        _note(unknown, listing.troubles)
        for found in listing.files:
            state = known.get(found.path)
            form = by_agent.get(state.agent) if state is not None else None
            if form is None:
                form = _recognised(found.path, formats, disk)
            if form is None:
                unknown.files += 1
                unknown.unrecognised += 1
                if found.path == path:  # Somebody named this very file.
                    unknown.warnings.append(f"{path}: of no known format")
                continue
            report = reports.setdefault(form.agent, Scanned(agent=form.agent, warnings=[]))
            report.files += 1
            if form.store is not None and found.path.endswith(".db"):
                found = disk.with_journal(found)
            if state is not None and state.is_of(found, depth):
                report.unchanged += 1
            else:
                tasks.append(Task(form, found, state))
    return Survey(tuple(tasks), reports)


def _recognised(path: str, formats: Sequence[Format], disk: Disk) -> Format | None:
    if not path.endswith((".jsonl", ".json", ".csv", ".db")):
        return None
    head = disk.first_bytes(path, HEAD_BYTES)
    return next((form for form in formats if form.recognises(path, head)), None)


def _note(report: Scanned, troubles: Sequence[Trouble]) -> None:
    report.warnings.extend(f"{trouble.path}: {trouble.reason}" for trouble in troubles)


def read_task(
    task: Task,
    depth: Depth,
    disk: Disk,
    databases: Mapping[str, Database],
    report: Scanned,
    take: Callable[[TranscriptReader, bytes, Found], None],
) -> FileState | None:
    """Read one file; `take` is given its reader and each chunk. Return its new state.

    None when it cannot be read: that is reported, and it is tried again next time.
    """
    known, found, form = task.known, task.found, task.form
    if known is not None and depth.everything and not known.everything:
        known = None  # What was read for the bill alone is read again for everything.
    if form.store is not None and found.path.endswith(".db"):
        return _read_database(task, known, depth, databases, report, take)
    if known is None or known.inode != found.inode or found.size <= known.mark[0] or form.whole:
        known = None
    mark = (0, b"", b"") if known is None else known.mark
    reading = disk.read(found, mark)
    reader = form.open(found.path, depth, None if known is None else known.reader)
    whole = []
    try:
        for chunk in reading.chunks():
            if reading.restarted and known is not None:
                _count(reader, report)
                known, reader = None, form.open(found.path, depth, None)
                report.restarted += 1
            report.bytes += len(chunk)
            if form.whole:
                whole.append(chunk)
            else:
                take(reader, chunk, found)
    except OSError as error:
        report.warnings.append(f"{found.path}: {error.strerror or error}")
        return None
    report.read += 1
    report.oversized += reading.oversized
    if form.whole:
        take(reader, b"".join(whole) + reading.torn, found)
        _count(reader, report)
        return _state(form, found, (0, b"", b""), reader, depth)
    _count(reader, report)
    state = _state(form, found, reading.mark, reader, depth)
    if reading.torn.rstrip().endswith(b"}"):
        # Perhaps a whole line that lacks only its newline: told now, and again when it comes.
        take(reader, reading.torn + b"\n", found)
    return state


def _read_database(
    task: Task,
    known: FileState | None,
    depth: Depth,
    databases: Mapping[str, Database],
    report: Scanned,
    take: Callable[[TranscriptReader, bytes, Found], None],
) -> FileState | None:
    form, found = task.form, task.found
    cursor = b"" if known is None or known.inode != found.inode else known.reader
    reader = form.open(found.path, depth, None)
    try:
        for chunk, reached in databases[form.store or ""](found.path, cursor):
            report.bytes += len(chunk)
            take(reader, chunk, found)
            cursor = reached
    except OSError as error:
        report.warnings.append(f"{found.path}: {error.strerror or error}")
        return None
    report.read += 1
    _count(reader, report)
    state = _state(form, found, (0, b"", b""), reader, depth)
    state.reader = cursor
    return state


def _count(reader: TranscriptReader, report: Scanned) -> None:
    report.skipped += reader.skipped
    report.refused += reader.refused


def _state(
    form: Format,
    found: Found,
    mark: tuple[int, bytes, bytes],
    reader: TranscriptReader,
    depth: Depth,
) -> FileState:
    return FileState(
        form.agent,
        found.inode,
        found.size,
        found.mtime_ns,
        (mark[0], mark[1], mark[2]),
        reader.state(),
        depth.everything,
    )
