"""Read what matters out of a tree: which files an extract looks at, and what it makes of them."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from pawl.maturity.extract import MAX_BLOB_BYTES, Extract
from pawl.maturity.facts.tree import Skipped, Tree, TreeFile
from pawl.parsing.languages import letters_of

LFS_POINTER = "version https://git-lfs.github.com/spec/"
"""How the text begins that stands for a file kept elsewhere."""


class Candidates:
    """The files of a tree that can be read at all, to be asked for by name and ending."""

    def __init__(self, files: Sequence[TreeFile]) -> None:
        self._all = [
            file for file in files if file.size > 0 and file.kind in ("file", "executable")
        ]
        self._by_ending: dict[str, list[tuple[str, TreeFile]]] = {}

    def of(self, extract: Extract) -> list[TreeFile]:
        """Return the files that an extract may want, in the order of the tree."""
        if not extract.names and not extract.suffixes:
            return self._all
        if not self._by_ending:
            self._index()
        once = {
            file.path: file
            for ending in extract.suffixes
            for _, file in self._by_ending.get(ending, ())
        }
        for ending in {_ending(name) for name in extract.names} - extract.suffixes:
            for name, file in self._by_ending.get(ending, ()):
                if name in extract.names:
                    once[file.path] = file
        return [once[path] for path in sorted(once)]

    def _index(self) -> None:
        for file in self._all:
            path = file.path.lower()
            name = path[path.rfind("/") + 1 :]
            self._by_ending.setdefault(_ending(name), []).append((name, file))


def _ending(name: str) -> str:
    """Return a base name from its last dot on; all of a name like `.env`, or without a dot."""
    return name[max(name.rfind("."), 0) :]


def chosen(extract: Extract, files: Sequence[TreeFile]) -> tuple[list[TreeFile], bool]:
    """Return the files that an extract reads, and whether they are a sample of those it wants.

    The sample is fixed by the content: the lowest object ids, which nobody picks.
    """
    return chosen_of(extract, Candidates(files))


def chosen_of(extract: Extract, candidates: Candidates) -> tuple[list[TreeFile], bool]:
    """Return what `chosen` does, from candidates that several extracts share."""
    wanted = list(filter(extract.wants, candidates.of(extract)))
    if len(wanted) <= extract.most:
        return wanted, False
    ranked = sorted(wanted, key=attrgetter("blob", "path"))
    first = extract.first
    if first is not None:
        ranked.sort(key=lambda file: not first(file.path))
    return ranked[: extract.most], True


def unreadable(file: TreeFile, content: bytes | None) -> str | None:
    """Return why a file's content is not read, or None when it can be."""
    if file.size > MAX_BLOB_BYTES:
        return f"larger than {MAX_BLOB_BYTES:,} bytes"
    return unreadable_content(content)


def unreadable_content(content: bytes | None) -> str | None:
    """Return why bytes are not read, or None when they can be."""
    if content is None:
        return "not to be had"
    if b"\0" in content[:8192]:
        return "binary"
    if content.startswith(LFS_POINTER.encode()):
        return "kept in LFS, not here"
    return None


def read_content(
    path: str, content: bytes, names: Sequence[str], extracts: Mapping[str, Extract]
) -> list[tuple[str | None, Any, str]]:
    """Return, for each extract named, why a file was not read, what was read, and what failed.

    An extract that raises is a defect of ours; it costs that file, and is told of.
    """
    reason = unreadable_content(content)
    if reason is not None:
        return [(reason, None, "")] * len(names)
    text = content.decode("utf-8", "replace")
    found: list[tuple[str | None, Any, str]] = []
    for name in names:
        try:
            found.append((None, extracts[name].read(path, text), ""))
        except Exception as error:
            told = f"{path}: the extract {name} failed: {type(error).__name__}: {error}"
            found.append((f"the extract {name} failed", None, told[:300]))
    return found


def read_files(
    files: Sequence[TreeFile],
    contents: Mapping[str, bytes],
    extracts: Mapping[str, Extract],
    *,
    commit: str | None = None,
    tree: str | None = None,
) -> Tree:
    """Return a tree with everything its extracts read; `contents` are files' bytes by path."""
    ordered = tuple(sorted(files, key=attrgetter("path")))
    read: dict[str, dict[str, Any]] = {}
    skipped: dict[str, Skipped] = {}
    sampled: set[str] = set()
    for name, extract in extracts.items():
        looked, partial = chosen(extract, files)
        if partial:
            sampled.add(name)
        found = read.setdefault(name, {})
        for file in looked:
            content = contents.get(file.path)
            reason = unreadable(file, content)
            if reason is not None or content is None:
                skipped[file.path] = Skipped(file.path, reason or "not to be had")
                continue
            value = extract.read(file.path, content.decode("utf-8", "replace"))
            if value is not None:
                found[file.path] = value
    return Tree(
        commit=commit,
        tree=tree,
        files=ordered,
        extracts=read,
        roles=letters_of(file.path for file in ordered),
        skipped=tuple(skipped[path] for path in sorted(skipped)),
        sampled=frozenset(sampled),
    )
