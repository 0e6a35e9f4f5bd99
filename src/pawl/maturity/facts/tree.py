"""The files of one commit, and what was read out of the few that matter."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, TypeVar

import msgspec

T = TypeVar("T")
_path = attrgetter("path")


class TreeFile(msgspec.Struct, frozen=True):
    """One entry of a tree. `blob` is git's object id, or the content's digest outside git.

    A link is never followed; a submodule's content belongs to another repository.
    """

    path: str
    size: int
    blob: str
    kind: Literal["file", "executable", "link", "submodule"] = "file"


class Skipped(msgspec.Struct, frozen=True):
    """A file that was wanted and not read, and why: too large, binary, LFS pointer, odd bytes."""

    path: str
    reason: str


class Tree(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The files of one commit, by path, sorted.

    `extracts` maps an extract's id to what it read, by path. `commit` is None for a folder
    outside git; `sampled` names the extracts whose files were too many to read all, so that a
    share over them is a sample. `roles` holds a letter for each file, in their order, as
    `parsing.languages` tells them: once a tree, since many probes ask. `surveys` maps a survey's
    id to what it came to; one that was not made is not there.
    """

    commit: str | None
    tree: str | None
    files: tuple[TreeFile, ...]
    extracts: Mapping[str, Mapping[str, Any]]
    skipped: tuple[Skipped, ...] = ()
    sampled: frozenset[str] = frozenset()
    roles: str
    surveys: Mapping[str, Any] = {}

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every path; made once, since several probes look names up in a large tree."""
        return frozenset(file.path for file in self.files)

    @cached_property
    def names(self) -> frozenset[str]:
        """The last part of every path."""
        return frozenset([path[path.rfind("/") + 1 :] for path in self.paths])

    def of_role(self, letters: str) -> list[TreeFile]:
        """Return the files whose role's letter is one of these, in the order of paths."""
        return [file for file, role in zip(self.files, self.roles, strict=True) if role in letters]

    def blob_of(self, path: str) -> str | None:
        """Return the object id of a path, or None when there is no such file."""
        at = bisect_left(self.files, path, key=_path)
        found = self.files[at] if at < len(self.files) else None
        return found.blob if found is not None and found.path == path else None

    def blobs_of(self, paths: Iterable[str]) -> list[str]:
        """Return the object ids of those of the paths that are files here, sorted."""
        found = [self.blob_of(path) for path in set(paths)]
        return sorted(blob for blob in found if blob is not None)

    def below(self, start: str) -> Iterator[TreeFile]:
        """Yield the files whose path begins so, in the order of paths; of many, cheaply."""
        for at in range(bisect_left(self.files, start, key=_path), len(self.files)):
            if not self.files[at].path.startswith(start):
                return
            yield self.files[at]

    def is_folder(self, path: str) -> bool:
        """Say whether a folder holds something, at any depth; the root is none."""
        return bool(path) and any(self.below(f"{path}/"))

    def read(self, extract: str, kind: type[T]) -> Iterator[tuple[str, T]]:
        """Yield `(path, value)` of everything an extract read, in the order of paths."""
        for path, value in sorted(self.extracts.get(extract, {}).items()):
            assert isinstance(value, kind)
            yield path, value

    def surveyed(self, survey: str, kind: type[T]) -> T | None:
        """Return what a survey came to, or None where it was not made."""
        found = self.surveys.get(survey)
        assert found is None or isinstance(found, kind)
        return found

    def is_census(self, extract: str) -> bool:
        """Say whether an extract read every file it wanted."""
        return extract not in self.sampled
