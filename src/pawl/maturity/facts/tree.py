"""The files of one commit, and what was read out of the few that matter."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, TypeVar

import msgspec

T = TypeVar("T")


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
    share over them is a sample.
    """

    commit: str | None
    tree: str | None
    files: tuple[TreeFile, ...]
    extracts: Mapping[str, Mapping[str, Any]]
    skipped: tuple[Skipped, ...] = ()
    sampled: frozenset[str] = frozenset()

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every path; made once, since several probes look names up in a large tree."""
        return frozenset(file.path for file in self.files)

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds something, at any depth."""
        found: set[str] = set()
        for path in self.paths:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)

    @cached_property
    def names(self) -> frozenset[str]:
        """The last part of every path."""
        return frozenset(path.rpartition("/")[2] for path in self.paths)

    def read(self, extract: str, kind: type[T]) -> Iterator[tuple[str, T]]:
        """Yield `(path, value)` of everything an extract read, in the order of paths."""
        for path, value in sorted(self.extracts.get(extract, {}).items()):
            assert isinstance(value, kind)
            yield path, value

    def is_census(self, extract: str) -> bool:
        """Say whether an extract read every file it wanted."""
        return extract not in self.sampled
