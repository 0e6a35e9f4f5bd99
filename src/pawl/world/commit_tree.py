"""The files of one commit as bytes, links told apart. Nothing is checked out."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pawl.assets.asset import Entry
from pawl.world.repository import GitRepository

AHEAD_BYTES = 256 * 1024
"""Files up to this size are read together, where they will be asked for."""


class CommitTree:
    """The files of one commit of the repository that holds a place. Close it after use.

    `ahead` says of a path that it will be asked for: these are read at once.
    """

    def __init__(self, place: Path, at: str, ahead: Callable[[str], bool]) -> None:
        self._repository = GitRepository(place.absolute(), at)
        try:
            self.commit = self._repository.commit
            self._files = {
                file.path: file
                for file in self._repository.files()
                if file.kind in ("file", "executable", "link")
            }
            self._held: dict[str, bytes | None] = {}
            self._fetch(
                path
                for path, file in self._files.items()
                if file.kind == "link" or (file.size <= AHEAD_BYTES and ahead(path))
            )
            self.entries: Mapping[str, Entry] = {
                path: Entry(file.size, file.kind == "executable", self._target(path), True)
                for path, file in self._files.items()
            }
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End what reads the repository."""
        self._repository.__exit__(None, None, None)

    def content(self, path: str, most: int) -> bytes | None:
        """Return a regular file's bytes; None where there is none, or one with more than `most`."""
        file = self._files.get(path)
        if file is None or file.kind == "link" or file.size > most:
            return None
        if path not in self._held:
            self._fetch([path])
        return self._held[path]

    def _target(self, path: str) -> str | None:
        if self._files[path].kind != "link":
            return None
        return (self._held[path] or b"").decode("utf-8", "surrogateescape")

    def _fetch(self, paths: Iterable[str]) -> None:
        asked = [self._files[path] for path in paths]
        for file, content in self._repository.contents(asked):
            self._held[file.path] = content
