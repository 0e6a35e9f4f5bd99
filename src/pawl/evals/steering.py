"""What steers the agent of an eval case: the files whose change makes its records stale.

Both sides ask here, whoever runs a trial and whoever grades its record, so that a record is stale
when, and only when, something the agent was given is not as it was. That is

- each file that the case's `covers` names: they are laid over the copy of the workspace at their
  own paths, so that the assets under test are the ones that steer;
- the settings file that the case hands to the agent;
- the workspace itself: as a whole, under its path with `/` at the end, and each of its assets by
  name besides, so that a change can be told by name.

Paths are those of the repository. No link is followed: a link is what it says, and what it points
to counts as well where that is a file of the tree.
"""

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from pawl.assets.asset import Entry, Kind, asset_of, plugin_folders
from pawl.base.canonical import digest, sha256_hex
from pawl.base.errors import BadValue, CannotTell
from pawl.evals.case import Case

EVALS = ".pawl/evals"
"""The folder of cases and records."""
MAX_FILE_BYTES = 64 * 1024 * 1024
"""A larger file is no part of a workspace that is copied for each trial."""
_HOMES = (".claude", ".codex", ".gemini", ".opencode", ".agents")
"""Where products keep what `covers` names without a folder, such as `skills/release`."""
_SETTINGS = "settings"


class AssetFiles(Protocol):
    """A tree, as bytes."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every path of the tree below its root, with `/`; folders are not listed."""

    def content(self, path: str, most: int) -> bytes | None:
        """Return a regular file's bytes; None where there is none, or one with more than `most`."""


class Steering:
    """What steers agents in one tree, with each file read once."""

    def __init__(self, files: AssetFiles) -> None:
        self._files = files
        self._paths = sorted(files.entries)
        plugins = plugin_folders(files.entries)
        self._plugins = plugins
        self._homes = ("", *_HOMES, *sorted(plugin for plugin in plugins if plugin))
        self._settings: tuple[str, ...] | None = None
        self._digests: dict[str, str] = {}
        self._whole: dict[str, dict[str, str]] = {}

    def assets_of(self, case: Case, folder: str = EVALS) -> dict[str, str]:
        """Return the digests of all that steers a case's agent, by path; see `assets_of`."""
        found = {path: self._digest(path) for path in self.covered(case)}
        if case.run.settings is not None:
            path = below(folder, case.run.settings)
            if path not in self._files.entries:
                raise CannotTell("The settings of the case are missing.", place=path)
            found[path] = self._digest(path)
        if case.setup.workspace is not None:
            found |= self._workspace(below(folder, case.setup.workspace))
        return dict(sorted(found.items()))

    def covered(self, case: Case) -> tuple[str, ...]:
        """Return the files of the repository that a case covers, sorted: those to be laid over."""
        paths = {path for name in case.covers for path in self._named(name)}
        return tuple(sorted(self._with_targets(paths)))

    def nowhere(self, case: Case) -> tuple[str, ...]:
        """Return the names that a case covers and that no file here has."""
        return tuple(name for name in case.covers if not any(True for _ in self._named(name)))

    def workspace_files(self, path: str) -> tuple[str, ...]:
        """Return the files of a workspace by the path of the repository, sorted."""
        return tuple(self._below(path))

    def _named(self, name: str) -> Iterator[str]:
        bare = name.strip("/")
        if bare == _SETTINGS or bare.startswith(f"{_SETTINGS}."):
            yield from self._settings_files()
        for home in self._homes:
            path = f"{home}/{bare}" if home else bare
            for each in (path, f"{path}.md"):
                if each in self._files.entries:
                    yield each
            yield from self._below(path)

    def _settings_files(self) -> tuple[str, ...]:
        """Return the settings that hold for the whole repository, of any product."""
        if self._settings is None:
            found = (asset_of(path, self._plugins) for path in self._paths)
            self._settings = tuple(
                each.path
                for each in found
                if each is not None and each.kind is Kind.SETTINGS and each.folder in ("", *_HOMES)
            )
        return self._settings

    def _below(self, folder: str) -> Iterator[str]:
        start = f"{folder}/"
        for at in range(bisect_left(self._paths, start), len(self._paths)):
            path = self._paths[at]
            if not path.startswith(start):
                return
            if path in self._files.entries:
                yield path

    def _with_targets(self, paths: Iterable[str]) -> set[str]:
        """Return paths and what links among them point to, where that is in the tree."""
        found = set(paths)
        left = list(found)
        while left:
            path = left.pop()
            target = self._files.entries[path].target
            if target is None:
                continue
            try:
                to = below(posixpath.dirname(path), target)
            except BadValue:
                continue
            more = {to} if to in self._files.entries else set(self._below(to))
            left += more - found
            found |= more
        return found

    def _workspace(self, path: str) -> dict[str, str]:
        if path not in self._whole:
            files = self.workspace_files(path)
            if not files:
                raise CannotTell("The workspace of the case is missing or empty.", place=path)
            start = len(path) + 1
            entries = self._files.entries
            listed = [[e[start:], entries[e].executable, self._digest(e)] for e in files]
            found = {f"{path}/": digest(listed)}
            plugins = plugin_folders({each[start:]: None for each in files})
            for each in files:
                if asset_of(each[start:], plugins) is not None:
                    found[each] = self._digest(each)
            self._whole[path] = found
        return self._whole[path]

    def _digest(self, path: str) -> str:
        known = self._digests.get(path)
        if known is None:
            known = self._digests[path] = self._read(path)
        return known

    def _read(self, path: str) -> str:
        entry = self._files.entries[path]
        if entry.target is not None:
            return sha256_hex(b"link\0" + entry.target.encode("utf-8", "surrogateescape"))
        content = self._files.content(path, MAX_FILE_BYTES)
        if content is None:
            raise CannotTell(
                "A file that steers the agent cannot be read.",
                place=path,
                hint=f"It must be a regular file of at most {MAX_FILE_BYTES:,} bytes.",
            )
        return sha256_hex(content)


def assets_of(case: Case, files: AssetFiles, folder: str = EVALS) -> dict[str, str]:
    """Return the SHA-256 of each file that steers a case's agent, by its path in the repository.

    `folder` is that of the case file: the workspace and the settings are named from there. Raises
    CannotTell for one that is missing or cannot be read, and BadValue for one outside the tree.
    """
    return Steering(files).assets_of(case, folder)


def below(folder: str, path: str) -> str:
    """Return a path of the repository, given one that a file in `folder` names; raises BadValue."""
    found = posixpath.normpath(posixpath.join(folder, path))
    if path.startswith("/") or found in ("..", ".") or found.startswith("../") or "\0" in path:
        raise BadValue(
            "is not below the repository's top folder.",
            place=path,
            hint="Name a file or folder of the repository, from the case file on.",
        )
    return found
