"""The throw-away place of one trial: a workspace, a home and a folder for temporary files.

It lies in the system's folder for temporary files, so that no file of the user above it steers
the agent. Whatever an agent left in it is looked at without following links, and opened only
where it is a regular file.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pawl.base.errors import BadValue, Unavailable
from pawl.evals.agent_needs import Homes
from pawl.evals.workspace_diff import FileState, Snapshot

MAX_FILES = 100_000
MAX_BYTES = 4 * 1024**3
"""Files and bytes that are looked at; in a workspace with more, not all was seen."""
_PREFIX, _LOCK = "pawl-trial-", "lock"
_PIECE = 1024 * 1024
_GIT = b".git"
_GIT_SEEN = (b".git/config", b".git/hooks")
"""What of git's own folder is looked at: what an agent could have run later on."""
_COMMIT_DATE = "2000-01-01T00:00:00 +0000"
_AUTHOR, _EMAIL = "Trial", "trial@example.invalid"


class TrialPlace:
    """One place. Close it after use: all of it goes."""

    def __init__(self) -> None:
        try:
            # Resolved: git and agents tell real paths.
            self.root = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
            self.workspace, self.home = self.root / "workspace", self.root / "home"
            self.temporary = self.root / "tmp"
            self._lock = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            for folder in (self.workspace, self.home, self.temporary):
                folder.mkdir(mode=0o700)
        except OSError as error:
            raise Unavailable(
                f"no throw-away workspace can be made: {error.strerror}.",
                place=tempfile.gettempdir(),
                hint="See that it is writable and has room, or set TMPDIR.",
            ) from error

    def __enter__(self) -> "TrialPlace":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the place, folders that may not be entered included. May be called again."""
        if self._lock >= 0:
            _remove(self.root)
            os.close(self._lock)
            self._lock = -1

    @property
    def homes(self) -> Homes:
        """The folders, as texts."""
        return Homes(str(self.workspace), str(self.home), str(self.temporary))

    def put(self, path: str, content: bytes, *, executable: bool = False) -> None:
        """Write a file of the workspace; raises BadValue for a path that leads out of it."""
        target = self._inside(path)
        if target.is_symlink() or target.exists():
            target.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(target, flags, 0o755 if executable else 0o644)
        with open(fd, "wb") as file:
            file.write(content)

    def link(self, path: str, to: str) -> None:
        """Make a link in the workspace that stays in it; raises BadValue for one that does not."""
        target = self._inside(path)
        leads = os.path.normpath(os.path.join(target.parent, to))
        if os.path.isabs(to) or not Path(leads).is_relative_to(self.workspace):
            raise BadValue(
                f"is a link that leads out of the workspace, to {to!r}.",
                place=path,
                hint="Put a copy of what it points to in its place.",
            )
        if target.is_symlink() or target.exists():
            target.unlink()
        target.symlink_to(to)

    def keep_beside(self, name: str, content: bytes) -> str:
        """Write a file beside the workspace, which is no part of it; return its path."""
        path = self.root / name
        path.write_bytes(content)
        return str(path)

    def make_repository(self) -> None:
        """Make the workspace a git repository with one commit, the same bytes every time."""
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_DATE": _COMMIT_DATE,
            "GIT_COMMITTER_DATE": _COMMIT_DATE,
        }
        for arguments in (
            ("init", "-q", "-b", "main", "--template="),
            ("config", "user.name", _AUTHOR),
            ("config", "user.email", _EMAIL),
            ("add", "-A", "-f"),
            ("commit", "-q", "--allow-empty", "--no-verify", "--no-gpg-sign", "-m", "Start"),
        ):
            try:
                subprocess.run(
                    ("git", *arguments),
                    cwd=self.workspace,
                    env=environment,
                    check=True,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                )
            except (OSError, subprocess.CalledProcessError) as error:
                told = getattr(error, "stderr", None) or str(error).encode()
                raise Unavailable(
                    f"git cannot make the workspace's repository: "
                    f"{told.decode(errors='replace').strip()[:500]}",
                    hint="See that git is installed.",
                ) from error

    def snapshot(self) -> Snapshot:
        """Return the state of every file of the workspace."""
        files: dict[str, FileState] = {}
        complete, size = True, 0
        for found in _walk(os.fsencode(self.workspace)):
            if found is None or len(files) >= MAX_FILES or size > MAX_BYTES:
                complete = False
                if found is None:
                    continue
                break
            state = _state(os.path.join(os.fsencode(self.workspace), found.path), found.mode)
            if state is None:
                complete = False
                continue
            files[os.fsdecode(found.path)] = state
            size += state.size
        return Snapshot(files=files, complete=complete)

    def read(self, path: str, most: int) -> bytes | None:
        """Return the first bytes of a regular file of the workspace; None where there is none.

        No link is followed, in no part of the path.
        """
        fd = os.open(self.workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            *folders, name = [part for part in path.split("/") if part not in ("", ".")] or [""]
            for part in folders:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                below = os.open(part, flags, dir_fd=fd) if part != ".." else -1
                os.close(fd)
                fd = below
            return _content(name, most, fd)
        except (OSError, ValueError):
            return None
        finally:
            if fd >= 0:
                os.close(fd)

    def _inside(self, path: str) -> Path:
        target = Path(os.path.normpath(self.workspace / path))
        if not target.is_relative_to(self.workspace) or target == self.workspace or "\0" in path:
            raise BadValue("leads out of the workspace.", place=path)
        parent = self.workspace
        for part in target.relative_to(self.workspace).parts[:-1]:
            parent = parent / part
            if parent.is_symlink() or (parent.exists() and not parent.is_dir()):
                raise BadValue(
                    "lies behind a link, or below a file.",
                    place=path,
                    hint="A workspace and what is laid over it must not cross.",
                )
            parent.mkdir(exist_ok=True)
        return target


def sweep() -> int:
    """Remove the places of trials whose process was killed; return how many.

    A place is locked while its process lives.
    """
    removed = 0
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            told = path.lstat()
            if not stat.S_ISDIR(told.st_mode) or told.st_uid != os.getuid():
                continue
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue  # It is about to get its lock, or went just now.
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path)
            removed += 1
        except OSError:
            pass  # Its trial is under way.
        finally:
            os.close(lock)
    return removed


def _remove(root: Path) -> None:
    for folder, folders, _ in os.walk(root):
        for name in folders:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                try:
                    os.chmod(path, 0o700)
                except OSError:
                    pass  # Not ours; what can go goes.
    shutil.rmtree(root, ignore_errors=True)


class _Found(NamedTuple):
    path: bytes
    mode: int


def _walk(top: bytes) -> Iterator[_Found | None]:
    """Yield what is no folder, sorted; None where a folder could not be read."""
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(os.path.join(top, folder)) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield None
            continue
        below = []
        for entry in entries:
            path = os.path.join(folder, entry.name)
            if not _is_seen(path):
                continue
            try:
                mode = entry.stat(follow_symlinks=False).st_mode
            except OSError:
                continue  # It went just now.
            if stat.S_ISDIR(mode):
                below.append(path)
            else:
                yield _Found(path, mode)
        waiting += reversed(below)


def _is_seen(path: bytes) -> bool:
    if path != _GIT and not path.startswith(_GIT + b"/"):
        return True
    return path == _GIT or any(path == each or path.startswith(each + b"/") for each in _GIT_SEEN)


def _state(path: bytes, mode: int) -> FileState | None:
    """Return the state of one entry; None where it cannot be read."""
    if stat.S_ISLNK(mode):
        try:
            target = os.readlink(path)
        except OSError:
            return None
        return FileState("link", hashlib.sha256(target).hexdigest(), len(target))
    if not stat.S_ISREG(mode):
        return FileState("other", str(stat.S_IFMT(mode)), 0)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(fd, "rb") as file:
        told = hashlib.sha256(b"x" if mode & stat.S_IXUSR else b"-")
        size = 0
        while piece := file.read(_PIECE):
            told.update(piece)
            size += len(piece)
            if size > MAX_BYTES:
                return None
    return FileState("file", told.hexdigest(), size)


def _content(name: str, most: int, folder: int) -> bytes | None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    fd = os.open(name, flags, dir_fd=folder)
    with open(fd, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(fd).st_mode) else None
