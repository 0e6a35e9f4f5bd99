"""What a source of evidence is, and the one way in which files are read for one.

A source only looks. It is given a window and bounds, and returns facts; what it cannot read it
says, and whoever asked goes on with the others.
"""

import fnmatch
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import CannotTell
from pawl.investigation.facts import Alarm, Change, Facts, Window
from pawl.investigation.terms import Terms
from pawl.runs.investigation_settings import MachineInvestigationSettings

MAX_FILES = 1_000
"""Files that the globs of one source may name."""
_MAX_SEEN = 200_000


class Recorded(Protocol):
    """What our own records tell of a window; each raises CannotTell where it cannot look."""

    def changes(self, since: str, until: str) -> tuple[Change, ...]:
        """Return changes of the desk that were out in a window."""

    def alarms(self, since: str, until: str) -> tuple[Alarm, ...]:
        """Return alerts that fired in a window."""

    def event_facts(self, since: str, until: str, terms: Terms) -> Facts:
        """Return what events of telemetry tell of a window."""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What a source is asked. `folder` is the top of the repository, None where there is none.

    `confined` says that no path leads out of that folder. `recorded` is None without records.
    """

    window: Window
    settings: MachineInvestigationSettings
    terms: Terms
    folder: Path | None = None
    confined: bool = True
    recorded: Recorded | None = None
    environment: Mapping[str, str] = os.environ

    @property
    def timeout_s(self) -> float:
        """The seconds that a source may take."""
        return parse_duration(self.settings.timeout, place="investigation.timeout")

    @property
    def most(self) -> int:
        """The bytes that a source may read."""
        return self.settings.max_mib * 1024 * 1024


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of evidence. `answers` are the topics that it tells of.

    `missing` says why it cannot look here, empty where it can. `look` raises PawlError where it
    could not; that is reported and never the end of an investigation.
    """

    title: str
    answers: tuple[str, ...]
    missing: Callable[[Asking], str]
    look: Callable[[Asking], Facts]


def files_of(asking: Asking, globs: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the regular files that globs name, the last changed first.

    Links are not followed, and nothing outside of the folder is found unless the machine's own
    settings say so. Raises CannotTell where a glob names none.
    """
    found: dict[Path, float] = {}
    for glob in globs:
        matched = 0
        for path in _matching(asking, glob):
            try:
                told = path.lstat()
            except OSError:
                continue
            if stat.S_ISREG(told.st_mode):
                matched += 1
                found[path] = told.st_mtime
        if not matched:
            raise CannotTell("no file is there.", place=glob, hint="Mend [investigation].")
    if len(found) > MAX_FILES:
        raise CannotTell(f"more than {MAX_FILES:,} files.", place=", ".join(globs)[:200])
    return tuple(sorted(found, key=lambda path: (-found[path], str(path))))


def tail_of(path: Path, most: int) -> tuple[bytes, bool]:
    """Return the end of a file, from the beginning of a line on, and whether that is all of it."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return b"", True
        size = os.fstat(fd).st_size
        if size <= most:
            return file.read(most), True
        file.seek(size - most)
        return file.read(most).partition(b"\n")[2], False


def _matching(asking: Asking, glob: str) -> Iterator[Path]:
    if os.path.isabs(glob):
        if asking.confined:
            raise CannotTell("a path that leaves the repository.", place=glob)
        top, pattern = Path(glob).anchor, glob.lstrip("/")
    elif asking.folder is None:
        raise CannotTell("there is no repository here.", place=glob)
    else:
        top, pattern = str(asking.folder), glob
    if ".." in pattern.split("/"):
        raise CannotTell("a path that leaves the repository.", place=glob)
    yield from _walk(Path(top), pattern.split("/"), [0])


def _walk(folder: Path, parts: list[str], seen: list[int]) -> Iterator[Path]:
    """Yield what parts of a glob name below a folder, without following a link."""
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _walk(folder, rest or ["*"], seen)
        for entry in _listed(folder, seen):
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), parts, seen)
    elif any(sign in part for sign in "*?["):
        for entry in _listed(folder, seen):
            if fnmatch.fnmatch(entry.name, part):
                yield from _deeper(Path(entry.path), rest, seen)
    else:
        yield from _deeper(folder / part, rest, seen)


def _deeper(path: Path, rest: list[str], seen: list[int]) -> Iterator[Path]:
    if not rest:
        yield path
    elif path.is_dir() and not path.is_symlink():
        yield from _walk(path, rest, seen)


def _listed(folder: Path, seen: list[int]) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []
    seen[0] += len(listed)
    if seen[0] > _MAX_SEEN:
        raise CannotTell("too many files to look through.", place=str(folder))
    return listed
