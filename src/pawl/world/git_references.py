"""Read a repository's references out of its own files, which are only text here.

A name that git would not take, or that could leave its folder, is passed over; links are not
followed.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

MAX_REFERENCES = 200_000
"""References of one kind that are looked at."""

_MAX_BYTES = 64 * 1024 * 1024
_MAX_DEPTH = 30


def references(common: Path) -> dict[bytes, bytes]:
    """Return every reference by name with its object id; loose ones win over packed ones."""
    return dict(_packed(common)) | dict(_loose(common, "refs"))


def read_small(path: Path, most: int = _MAX_BYTES) -> bytes | None:
    """Return a regular file's bytes, or None: no such file, too large, or something else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    # Asked before it is opened as a file, which a folder does not let itself be.
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return None
    with open(fd, "rb") as file:
        content = file.read(most + 1)
    return content if len(content) <= most else None


def is_id(text: bytes) -> bool:
    """Say whether a text is a whole object id."""
    return len(text) in (40, 64) and not text.strip(b"0123456789abcdef")


def named(head: bytes) -> bytes:
    """Return the reference that a HEAD names."""
    return head.removeprefix(b"ref:").strip()


def safe_head(text: bytes) -> bytes:
    """Return a HEAD that git takes: a commit's id, or a reference below refs/."""
    if is_id(text) or (text.startswith(b"ref:") and _is_name(named(text))):
        return text
    return b"ref: refs/heads/none"


def _is_name(name: bytes) -> bool:
    parts = name.split(b"/")
    return (
        name.startswith(b"refs/")
        and b".." not in name
        and all(part and not part.startswith(b".") for part in parts)
        and not any(byte <= 32 or byte in b"\x7f~^:?*[\\" for byte in name)
    )


def _packed(common: Path) -> Iterator[tuple[bytes, bytes]]:
    for line in (read_small(common / "packed-refs") or b"").splitlines()[: 2 * MAX_REFERENCES]:
        identity, _, name = line.partition(b" ")
        if is_id(identity) and _is_name(name):
            yield name, identity


def _loose(common: Path, below: str, depth: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Yield references that are files of their own; links are not followed."""
    try:
        entries = sorted(os.scandir(common / below), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return
    for entry in entries[:MAX_REFERENCES]:
        inside = f"{below}/{entry.name}"
        if entry.is_dir(follow_symlinks=False) and depth < _MAX_DEPTH:
            yield from _loose(common, inside, depth + 1)
        elif entry.is_file(follow_symlinks=False):
            identity = (read_small(Path(entry.path), 1024) or b"").strip()
            name = os.fsencode(inside)
            if is_id(identity) and _is_name(name):
                yield name, identity


def copy_flat(source: Path, target: Path) -> None:
    """Make a folder with the regular files of another, without what is below it."""
    target.mkdir()
    for entry in list(os.scandir(source))[:1000] if source.is_dir() else ():
        content = read_small(Path(entry.path)) if entry.is_file(follow_symlinks=False) else None
        if content is not None:
            (target / entry.name).write_bytes(content)
