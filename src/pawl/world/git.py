"""Where a folder stands in git, read from git's own files.

Starting the git command costs several times as much as reading four small files, and obeys a
repository's configuration; these files are only text here. The command is asked only where a
repository keeps its references in a form that is not files, and then without its hooks and
file-system monitor.
"""

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import NamedTuple

_MAX_BYTES = 4 * 1024 * 1024
_GIT_TIMEOUT_S = 2.0
_SECTION = re.compile(r"""\s*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]""")
_SCP_LIKE = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)(.+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^@/]*@)?([^/:]*)(?::\d+)?/(.*)", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class GitPlace(NamedTuple):
    """A working tree. `branch` is None when HEAD is detached, `commit` before the first one."""

    top: Path
    branch: str | None
    commit: str | None
    origin: str | None
    """The remote `origin`, without credentials, such as `github.com/org/repo`."""


def git_place(folder: Path) -> GitPlace | None:
    """Return the working tree that holds a folder, or None where there is none."""
    for top in (folder, *folder.parents):
        git = _git_folder(top)
        if git is not None:
            return _read(top, git)
    return None


def file_at(top: Path, revision: str, path: str) -> str | None:
    """Return a file's text at a revision, or None: no such revision or file, or git is slow."""
    shown = _git(top, "show", "--no-textconv", "--end-of-options", f"{revision}:{path}")
    return None if shown is None else shown.decode("utf-8", "replace")


def origin_of(git: Path) -> str | None:
    """Return the remote `origin` that git's folder names, without credentials, or None."""
    return _origin(_text(git / "config") or "")


def normalised_remote(url: str) -> str | None:
    """Return a remote as `host/path`, without scheme, credentials, port and `.git`.

    A local path stays a path. None when nothing is left.
    """
    text = url.strip()
    if match := _URL.fullmatch(text):
        text = f"{match[1].lower()}/{match[2]}" if match[1] else f"/{match[2]}"
    elif (match := _SCP_LIKE.fullmatch(text)) and not text.startswith(("/", ".")):
        text = f"{match[1].lower()}/{match[2].lstrip('/')}"
    text = text.rstrip("/").removesuffix(".git").rstrip("/")
    return text or None


def _read(top: Path, git: Path) -> GitPlace:
    common = git
    if shared := _text(git / "commondir"):
        common = Path(os.path.normpath(git / shared.strip()))
    head = (_text(git / "HEAD") or "").strip()
    name = head.removeprefix("ref: ") if head.startswith("ref: ") else None
    commit = head if _COMMIT.fullmatch(head) else None
    if name == "refs/heads/.invalid":  # References are kept in a table, not in files.
        name = _line(_git(top, "symbolic-ref", "-q", "HEAD"))
        commit = _line(_git(top, "rev-parse", "--verify", "-q", "HEAD"))
    elif name is not None:
        commit = _reference(common, name)
    return GitPlace(
        top=top,
        branch=name.removeprefix("refs/heads/") if name else None,
        commit=commit,
        origin=_origin(_text(common / "config") or ""),
    )


def _git_folder(top: Path) -> Path | None:
    marker = top / ".git"
    if marker.is_dir():
        return marker if (marker / "HEAD").is_file() else None
    # A linked working tree or a submodule: one line that points at the folder.
    text = _text(marker) or ""
    if not text.startswith("gitdir:"):
        return None
    return Path(os.path.normpath(top / text.removeprefix("gitdir:").strip()))


def _reference(common: Path, name: str) -> str | None:
    if ".." in name or name.startswith("/"):
        return None
    found = (_text(common / name) or "").strip()
    if _COMMIT.fullmatch(found):
        return found
    for line in (_text(common / "packed-refs") or "").splitlines():
        commit, _, packed = line.partition(" ")
        if packed == name and _COMMIT.fullmatch(commit):
            return commit
    return None


def _origin(config: str) -> str | None:
    inside = False
    for line in config.splitlines():
        if match := _SECTION.match(line):
            inside = match[1].lower() == "remote" and match[2] == "origin"
            line = line[match.end() :]
        key, equals, value = line.partition("=")
        if inside and equals and key.strip().lower() == "url":
            return normalised_remote(value.strip().strip('"'))
    return None


def _text(path: Path) -> str | None:
    try:
        # A pipe that somebody put in a file's place must not hold us up.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        return file.read(_MAX_BYTES).decode("utf-8", "replace")


def _git(top: Path, *arguments: str) -> bytes | None:
    command = (
        *("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
        *("--no-optional-locks", "-C", str(top), *arguments),
    )
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout[:_MAX_BYTES] if done.returncode == 0 else None


def _line(output: bytes | None) -> str | None:
    return (output or b"").decode("utf-8", "replace").strip() or None
