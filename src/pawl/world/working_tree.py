"""The files of a folder or a commit, to look at one by one. Nothing of them is run or obeyed.

In a git repository the files are those that git follows or would follow: what `.gitignore` leaves
out is left out. Outside of one it is every file. No link is followed.
"""

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from pawl.assets.asset import MAX_ASSET_BYTES, Entry, asset_of, plugin_folders
from pawl.base.errors import CannotTell
from pawl.maturity.facts.tree import TreeFile
from pawl.world.git_history import path_text
from pawl.world.git_reading import GitReading
from pawl.world.plain_folder import read_below
from pawl.world.repository import GitRepository, common_folder, git_folders

MAX_ENTRIES = 1_000_000
_PASSED_OVER = frozenset({b".git", b"node_modules", b".venv", b"__pycache__"})
"""Folders outside git that hold no assets of one's own."""


def top_of(place: Path) -> Path:
    """Return the top folder of the repository around a place, or the place; no file is listed."""
    return _top(place, git_folders(place.absolute()))


def _top(place: Path, found: tuple[Path | None, Path] | None) -> Path:
    return place.absolute() if found is None or found[0] is None else found[0]


class WorkingTree:
    """The files below a place as they are now. `top` is the repository's, or the place itself."""

    def __init__(self, place: Path) -> None:
        found = git_folders(place.absolute())
        self.top = _top(place, found)
        self._raw: dict[str, bytes] = {}
        self._tracked: frozenset[bytes] | None = None
        if found is not None and found[0] is not None:
            self._ask_git(found[1])
        else:
            for raw in _walk(os.fsencode(self.top)):
                self._raw[path_text(raw)] = raw
        self.entries: Mapping[str, Entry] = _Entries(
            os.fsencode(self.top), self._raw, self._tracked
        )

    def text(self, path: str) -> str | None:
        """Return a file's text; None where it is too large or no text in UTF-8."""
        raw = self._raw.get(path)
        if raw is None:
            return None
        return _text(read_below(str(self.top), raw, MAX_ASSET_BYTES + 1))

    def content(self, path: str, most: int) -> bytes | None:
        """Return a regular file's bytes; None where there is none, or one with more than `most`."""
        raw = self._raw.get(path)
        found = None if raw is None else read_below(str(self.top), raw, most + 1)
        return None if found is None or len(found) > most else found

    def write(self, path: str, text: str) -> None:
        """Replace or make a regular file of the tree whole; raises CannotTell where it cannot."""
        target = self.top / path
        beside = target.with_name(f".{target.name}.pawl-new")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            inside = Path(os.path.realpath(target.parent)).is_relative_to(
                os.path.realpath(self.top)
            )
            if not inside or target.is_symlink():
                raise CannotTell("is reached through a link; it is not written.", place=path)
            mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
            beside.write_text(text, encoding="utf-8", newline="")
            beside.chmod(mode)
            beside.replace(target)
        except OSError as error:
            raise CannotTell(f"cannot be written: {error.strerror}.", place=path) from error

    def _ask_git(self, git: Path) -> None:
        reading = GitReading(git, common_folder(git), str(self.top))
        try:
            # `ls-files` runs no hook, filter or monitor; git's own folder here is one of ours.
            known = self._listing(reading, git, "--cached") if (git / "index").is_file() else None
            others = self._listing(reading, git, "--others", "--exclude-standard")
            tracked = b"" if known is None else reading.collect(known)
            untracked = reading.collect(others)
        finally:
            reading.close()
        if tracked is None or untracked is None:
            raise CannotTell(
                "git cannot list the files of the working tree.",
                place=str(self.top),
                hint="See what `git status` says of it.",
            )
        followed = [raw for raw in tracked.split(b"\0") if raw]
        self._tracked = frozenset(followed)
        for raw in (*followed, *untracked.split(b"\0")):
            if raw and not raw.endswith(b"/"):
                self._raw[path_text(raw)] = raw
        if len(self._raw) > MAX_ENTRIES:
            raise CannotTell(f"more than {MAX_ENTRIES:,} files.", place=str(self.top))

    def _listing(self, reading: GitReading, git: Path, *options: str) -> "subprocess.Popen[bytes]":
        return reading.start(
            *("-C", str(self.top), "ls-files", "-z", *options),
            GIT_WORK_TREE=str(self.top),
            GIT_INDEX_FILE=str(git / "index"),
        )


class _Entries(Mapping[str, Entry]):
    """What is known of each path, looked up when it is asked for. What is gone is not there."""

    def __init__(
        self, top: bytes, raw: Mapping[str, bytes], tracked: frozenset[bytes] | None
    ) -> None:
        self._top, self._raw, self._tracked = top, raw, tracked
        self._known: dict[str, Entry | None] = {}

    def __getitem__(self, path: str) -> Entry:
        if path not in self._known:
            raw = self._raw[path]
            followed = None if self._tracked is None else raw in self._tracked
            self._known[path] = _entry(os.path.join(self._top, raw), followed)
        found = self._known[path]
        if found is None:
            raise KeyError(path)
        return found

    def __contains__(self, path: object) -> bool:
        if path not in self._raw:
            return False
        try:
            return self[str(path)] is not None
        except KeyError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


class CommitFiles:
    """The files of one commit of the repository that holds a place. Close it after use."""

    def __init__(self, place: Path, at: str) -> None:
        self._repository = GitRepository(place.absolute(), at)
        try:
            self.commit = self._repository.commit
            files = self._repository.files()
            self._files = {file.path: file for file in files}
            self._texts: dict[str, str | None] = {}
            self.entries: Mapping[str, Entry] = {
                file.path: Entry(file.size, file.kind == "executable", None, True)
                for file in files
                if file.kind != "submodule"
            }
            self._read_assets()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End what reads the repository."""
        self._repository.__exit__(None, None, None)

    def text(self, path: str) -> str | None:
        """Return a file's text; None where it is too large or no text in UTF-8."""
        if path not in self._texts:
            file = self._files.get(path)
            self._read([] if file is None else [file])
        return self._texts.get(path)

    def _read_assets(self) -> None:
        """Read at once what will be asked for: the assets."""
        plugins = plugin_folders(self._files)
        self._read([f for path, f in self._files.items() if asset_of(path, plugins) is not None])

    def _read(self, files: list[TreeFile]) -> None:
        wanted = [
            f for f in files if f.size <= MAX_ASSET_BYTES and f.kind in ("file", "executable")
        ]
        self._texts.update(dict.fromkeys(file.path for file in files))
        for file, content in self._repository.contents(wanted):
            self._texts[file.path] = _text(content)


def _entry(path: bytes, tracked: bool | None) -> Entry | None:
    try:
        told = os.lstat(path)
        target = path_text(os.readlink(path)) if stat.S_ISLNK(told.st_mode) else None
    except OSError:
        return None
    return Entry(told.st_size, bool(told.st_mode & stat.S_IXUSR), target, tracked)


def _text(content: bytes | None) -> str | None:
    if content is None or len(content) > MAX_ASSET_BYTES or b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _walk(top: bytes) -> Iterator[bytes]:
    """Yield every file and link below a folder that is in no repository, sorted within a folder."""
    count = 0
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in _PASSED_OVER)
        below = os.path.relpath(folder, top)
        for name in sorted(names):
            count += 1
            if count > MAX_ENTRIES:
                raise CannotTell(f"more than {MAX_ENTRIES:,} files.", place=os.fsdecode(top))
            yield name if below == b"." else below + b"/" + name
