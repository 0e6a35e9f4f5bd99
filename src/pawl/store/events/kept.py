"""The second copy: segments that are in the engine, compressed, to make the engine anew from.

A sealed segment that is loaded to its end moves from `spool/` to `spool/loaded/<month>/`, where
the month is that of its last write. The compressed copy is durable, under its final name, before
the segment goes. Whoever dies in between leaves both, and an event's id counts once.
"""

import contextlib
import fcntl
import gzip
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pawl.store.events.forgetting import NOBODY, Known, without
from pawl.store.spool import SUFFIX, Segment, segments, sync_folder

FOLDER = "loaded"
KEPT_SUFFIX = f"{SUFFIX}.gz"
PART_SUFFIX = ".part"

KEEP_DAYS = 400
"""A year and a month, so that a year can be compared with the one before it."""
KEEP_BYTES = 20 * 1024**3
"""Compressed; the oldest go first. About a tenth to a fifteenth of the size in the spool."""
AT_ONCE_BYTES = 16 * 1024 * 1024
"""What a drain of little compresses at most, one segment at least; the rest waits."""
FILE_COST = 128 * 1024
"""Each file counts as so many bytes at least: it takes syncs of the disk, of some ms each."""
LEVEL = 1
"""Of gzip. Higher levels save a tenth of the space and take two to four times as long."""
_BLOCK = 1024 * 1024


def keep_loaded(
    spool: Path,
    loaded: Mapping[str, int],
    *,
    most: int = AT_ONCE_BYTES,
    known: Known = NOBODY,
) -> int:
    """Move segments that no writer holds and that are loaded to their end; return how many.

    Stops after about `most` bytes. A segment that cannot be copied, for want of space, stays
    as it is. The copy holds nobody of `known`.
    The lock is held while the file goes, so that a writer that has just made the file sees that
    it is gone instead of writing into nothing.
    """
    moved = copied = 0
    for segment in segments(spool):
        if segment.live or segment.size > loaded.get(segment.id, 0):
            continue
        cost = max(segment.size, FILE_COST)
        if copied and copied + cost > most:
            break
        try:
            moved += _move(spool, segment, loaded.get(segment.id, 0), known)
        except OSError:
            continue  # It stays in the spool, known as loaded; the next drain tries again.
        copied += cost
    if moved:
        sync_folder(spool)
    return moved


def kept(spool: Path) -> list[Path]:
    """Return the compressed segments, the oldest month first."""
    return sorted((spool / FOLDER).glob(f"????-??/*{KEPT_SUFFIX}"))


def prune(spool: Path, now: float, *, days: int = KEEP_DAYS, most_bytes: int = KEEP_BYTES) -> int:
    """Delete copies of segments last written more than `days` ago, and the oldest above a size.

    `now` is in seconds since 1970. Returns how many went. What is deleted stays in the engine
    and can no longer be made anew.
    """
    found = sorted(((path.stat().st_mtime, path) for path in kept(spool)), reverse=True)
    size = gone = 0
    for written, path in found:
        size += path.stat().st_size
        if written < now - days * 86_400 or size > most_bytes:
            path.unlink(missing_ok=True)
            gone += 1
    for part in (spool / FOLDER).glob(f"????-??/*{PART_SUFFIX}"):
        if part.stat().st_mtime < now - 86_400:
            part.unlink(missing_ok=True)
    return gone


def drop_kept_before(spool: Path, month: str) -> None:
    """Delete the copies of segments that were last written before a month such as `2026-11`."""
    for path in kept(spool):
        if path.parent.name < month:
            path.unlink(missing_ok=True)


def unpack(spool: Path, into: Path, *, most: int) -> Iterator[int]:
    """Unpack the copies into a folder, about `most` bytes at a time.

    Yields, for each part, how many copies in it were damaged: of those what precedes the damage
    is there. The folder is empty before each part.
    """
    unpacked = damaged = 0
    _emptied(into)
    for path in kept(spool):
        target = into / path.name.removesuffix(".gz")
        damaged += not _unpacked(path, target)
        unpacked += target.stat().st_size
        if unpacked >= most:
            yield damaged
            unpacked = damaged = 0
            _emptied(into)
    if any(into.iterdir()) or damaged:
        yield damaged
    shutil.rmtree(into)


def _move(spool: Path, segment: Segment, loaded: int, known: Known) -> int:
    try:
        fd = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return 0
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(fd)
        if status.st_nlink == 0 or status.st_size > loaded:
            return 0
        if status.st_size:
            month = time.strftime("%Y-%m", time.gmtime(status.st_mtime))
            target = spool / FOLDER / month / f"{segment.id}{KEPT_SUFFIX}"
            _compress(fd, target, status, known)
        os.unlink(segment.path)
    except BlockingIOError:
        return 0
    finally:
        os.close(fd)
    return 1


def _compress(fd: int, target: Path, status: os.stat_result, known: Known) -> None:
    """Copy a file compressed, durably, with its times; the name appears when all is there."""
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        sync_folder(target.parent.parent)
        sync_folder(target.parent.parent.parent)
    part = target.with_name(target.name + PART_SUFFIX)
    try:
        with open(part, "wb") as raw:
            os.fchmod(raw.fileno(), 0o600)
            with gzip.GzipFile("", "wb", LEVEL, raw, mtime=0) as packed:
                for block in _blocks(fd, known):
                    packed.write(block)
            raw.flush()
            os.utime(raw.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
            os.fsync(raw.fileno())
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _blocks(fd: int, known: Known) -> Iterator[bytes]:
    """Yield a file's bytes; by the line where somebody may have to be left out."""
    if known.people:
        with open(os.dup(fd), "rb") as file:
            file.seek(0)
            for line, _ in without(file, known):
                yield line
        return
    offset = 0
    while block := os.pread(fd, _BLOCK, offset):
        yield block
        offset += len(block)


def _unpacked(path: Path, target: Path) -> bool:
    with open(target, "wb") as out:
        try:
            with gzip.open(path, "rb") as packed:
                while block := packed.read(_BLOCK):
                    out.write(block)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return False
    return True


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
