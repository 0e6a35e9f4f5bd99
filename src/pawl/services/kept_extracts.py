"""What extracts read is kept between two assessments, and read again only where it is new.

One file a repository, replaced whole; see `pawl.services.kept_file`. An entry counts only for the
same extract in the same version, the same type, the same path and the same object id.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from pawl.base import typed
from pawl.maturity.extract import MAX_FILES, Extract
from pawl.maturity.facts.history import Commit, FileChange
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.languages import ROLES_VERSION
from pawl.services.kept_file import KeptFile, Storage

FORMAT = 2
MAX_ENTRIES = 2 * MAX_FILES
"""Files kept of one extract: those of the newest tree, and some of the one before."""
_Kind = Literal["file", "executable", "link", "submodule"]


class Chosen(msgspec.Struct, frozen=True, array_like=True):
    """The paths that an extract reads of one tree, and whether they are a sample."""

    tree: str
    paths: tuple[str, ...]
    sampled: bool


Entry = tuple[str, str | None, Any]
"""Object id, why it was not read, what was read."""


class _Section(msgspec.Struct, array_like=True):
    identity: str
    chosen: Chosen | None
    entries: msgspec.Raw


class Listing(msgspec.Struct, frozen=True):
    """The files of one tree, sorted by path, and the letter of each one's role."""

    files: tuple[TreeFile, ...]
    roles: str


class _Columns(msgspec.Struct, array_like=True):
    """A listing as it is kept: great trees are read faster so. `kinds` leaves plain files out."""

    tree: str
    roles_version: int
    paths: str
    blobs: str
    sizes: list[int]
    kinds: dict[int, _Kind]
    roles: str


_LISTED: Any = _Columns | None


class _File(msgspec.Struct, array_like=True):
    format: int
    sections: dict[str, _Section]
    commits: dict[str, tuple[FileChange, ...]]
    listing: msgspec.Raw


class Kept:
    """What is kept of one repository. `notes` says what went wrong with it."""

    def __init__(self, storage: Storage | None, place: str) -> None:
        self._kept = KeptFile(storage, place, "kept", "What was kept of this repository")
        self.notes = self._kept.notes
        self._read = self._load()
        self._entries: dict[str, dict[str, Entry]] = {}
        self._chosen: dict[str, tuple[str, Chosen]] = {}
        self._commits = dict(self._read.commits)
        self._listing = self._read.listing
        self._changed = False

    @property
    def is_new(self) -> bool:
        """Whether nothing was kept from an earlier time."""
        return not self._read.sections

    def listing(self, tree: str | None) -> Listing | None:
        """Return the files of the same tree as they were listed before, or None."""
        try:
            kept: _Columns | None = typed.unpack(self._read.listing, type=_LISTED)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self.notes.append("What was kept of the files' names is made anew.")
            return None
        if kept is None or kept.tree != tree or kept.roles_version != ROLES_VERSION:
            return None
        kinds: list[_Kind] = ["file"] * len(kept.sizes)
        for at, kind in kept.kinds.items():
            kinds[at] = kind
        columns = (kept.paths.split("\0"), kept.sizes, kept.blobs.split("\0"), kinds)
        return Listing(tuple(map(TreeFile, *columns)), kept.roles)

    def keep_listing(self, tree: str | None, files: Sequence[TreeFile], roles: str) -> None:
        """Note the files of a tree; outside git nothing names it, and nothing is kept."""
        if tree is None or not files:
            return
        self._changed = True
        columns = _Columns(
            tree=tree,
            roles_version=ROLES_VERSION,
            # No path that git knows holds a null character.
            paths="\0".join([file.path for file in files]),
            blobs="\0".join([file.blob for file in files]),
            sizes=[file.size for file in files],
            kinds={at: file.kind for at, file in enumerate(files) if file.kind != "file"},
            roles=roles,
        )
        self._listing = msgspec.Raw(msgspec.msgpack.encode(columns))

    def chosen(self, name: str, extract: Extract, tree: str | None) -> Chosen | None:
        """Return what an extract chose from the same tree before, or None."""
        section = self._section(name, extract)
        if section is None or section.chosen is None or section.chosen.tree != tree:
            return None
        return section.chosen

    def entries(self, name: str, extract: Extract) -> dict[str, Entry]:
        """Return what is known of an extract's files, by path."""
        if name not in self._entries:
            section = self._section(name, extract)
            self._entries[name] = {} if section is None else self._decoded(name, section, extract)
        return self._entries[name]

    def files_of_commits(self) -> Mapping[str, tuple[FileChange, ...]]:
        """Return the changed files of commits that were looked at before."""
        return self._read.commits

    def keep(self, name: str, extract: Extract, chosen: Chosen, new: Mapping[str, Entry]) -> None:
        """Note what an extract chose and what it read now; `new` is what was not known."""
        before = self._section(name, extract)
        if new or before is None or before.chosen != chosen:
            self._changed = True
        entries = self.entries(name, extract)
        entries.update(new)
        if len(entries) > MAX_ENTRIES:
            current = set(chosen.paths)
            others = [path for path in entries if path not in current]
            for path in others[: len(entries) - MAX_ENTRIES]:
                del entries[path]
        self._chosen[name] = (_identity(extract), chosen)

    def keep_commits(self, commits: Sequence[Commit]) -> None:
        """Note the changed files of the commits that carry them."""
        found = {commit.id: commit.files for commit in commits if commit.files}
        self._changed = self._changed or found != self._read.commits
        self._commits = found

    def save(self) -> None:
        """Write everything down, if anything is new. A full disk costs time, not the answer."""
        if not self._changed:
            return
        self._kept.save(
            _File(
                FORMAT,
                {
                    name: _Section(identity, chosen, _raw(self._entries.get(name, {})))
                    for name, (identity, chosen) in self._chosen.items()
                },
                self._commits,
                self._listing,
            )
        )

    def _load(self) -> _File:
        file = self._kept.load(_File)
        if file is None or file.format != FORMAT:
            return _File(FORMAT, {}, {}, msgspec.Raw(msgspec.msgpack.encode(None)))
        return file

    def _section(self, name: str, extract: Extract) -> _Section | None:
        section = self._read.sections.get(name)
        return section if section and section.identity == _identity(extract) else None

    def _decoded(self, name: str, section: _Section, extract: Extract) -> dict[str, Entry]:
        kind: Any = dict[str, tuple[str, str | None, extract.kind | None]]  # type: ignore[name-defined]
        try:
            found: dict[str, Entry] = typed.unpack(section.entries, type=kind)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self.notes.append(f"What was kept of {name} is of another form and is made anew.")
            return {}
        return found


def _raw(entries: dict[str, Entry]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(entries))


def _identity(extract: Extract) -> str:
    """Return what changes whenever an extract may read otherwise: its version and its fields."""
    fields = ",".join(extract.kind.__struct_fields__)
    return f"{extract.version}:{extract.kind.__qualname__}:{fields}"
