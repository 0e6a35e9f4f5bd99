"""The spool: where an event becomes durable before anybody is told that it was taken.

A spool is a folder of append-only NDJSON segments, one canonical event a line. Every writer
process has segments of its own and holds an exclusive lock (flock) on the one it writes. The
lock is the only mark of life: `close()` seals a segment by letting go of it, and so does the
kernel when the writer dies, so a sealed segment and one whose writer was killed are read alike.
Only the torn last line of a dead writer is lost, and that was never acknowledged.

A segment's name is the label given to the writer, a number and some chance; a name never comes
back, so "this segment is loaded up to byte n" stays true for ever. After any failed write the
segment is cut back to what was acknowledged and left for good: a reader that saw bytes which
were then cut off can never mistake later ones for them.

Imports no store engine: the supervised run and the hooks start with this module.
"""

import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import msgspec

from pawl.base import typed
from pawl.base.errors import Unavailable
from pawl.telemetry.event import Event

FOLDER_NAME = "spool"
"""In the data folder. What is loaded is kept in a folder below it, which is no part of it."""
SUFFIX = ".ndjson"
MAX_SEGMENT_BYTES = 64 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024
"""An event whose line is longer loses its attributes and the tails of its texts: memory of
every reader is bounded by this, and an honest event is a thousand times smaller."""
_MAX_TEXT = 4096
_LABEL = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_ENCODER = msgspec.json.Encoder()
_DECODER = typed.decoder(Event)


class SpoolFull(Unavailable):
    """The disk did not take the events; nothing that was acknowledged is touched."""

    code = "spool-full"


class Segment(NamedTuple):
    """One segment file. `live` says that its writer still holds it."""

    id: str
    path: Path
    size: int
    live: bool


class SegmentRead(NamedTuple):
    """Events of whole lines from an offset on, and the offset to go on from.

    `torn` is 1 when a dead writer left half a line at the end, which is passed over; the half
    line of a live writer waits. `bad` counts whole lines that are no event.
    """

    events: list[Event]
    next_offset: int
    torn: int
    bad: int


class SpoolWriter:
    """Appends events to segments of its own. Not for several threads at once, but for this: while
    one thread is in `keep`, another may go on with `append` and `take`.

    `segment_id` is a label of letters, digits, `-`, `_` and `.`, such as a run id. Creates the
    folder; the first segment is made by the first commit, so an idle writer leaves no file.
    Raises SpoolFull when the folder or a segment cannot be made.
    """

    def __init__(
        self, folder: Path, segment_id: str, *, max_bytes: int = MAX_SEGMENT_BYTES
    ) -> None:
        if not _LABEL.fullmatch(segment_id) or segment_id.startswith("."):
            raise ValueError(f"{segment_id!r} cannot name a segment")
        self._folder = folder
        self._label = segment_id
        self._max_bytes = max_bytes
        self._pending = bytearray()
        self._fd: int | None = None
        self._size = 0
        self._count = 0
        self._path = folder
        self._made_durable(lambda: folder.mkdir(parents=True, exist_ok=True))

    @property
    def pending_bytes(self) -> int:
        """Bytes that were appended and are not durable yet."""
        return len(self._pending)

    def append(self, events: Iterable[Event]) -> None:
        """Take events into memory; they are not durable before `commit`."""
        for event in events:
            self._pending += _line(event)

    def commit(self) -> None:
        """Make everything appended durable: one write, one fdatasync. Then it is acknowledged.

        Raises SpoolFull when the disk refuses (no space, quota, file size, input/output error).
        What was acknowledged stays as it was and what was appended stays in memory: call
        `commit` again to try again in a new segment, or `discard` to go on without it.
        """
        if self._pending:
            self.keep(self._pending)
            self._pending.clear()

    def take(self) -> bytearray:
        """Hand over everything appended since, for `keep`; empty when there is nothing.

        From here on it is the caller's: what is taken and not kept is gone.
        """
        batch, self._pending = self._pending, bytearray()
        return batch

    def keep(self, batch: bytearray) -> None:
        """Make a batch from `take` durable, as `commit` does with what is appended.

        Raises SpoolFull; then nothing of the batch is in the spool, and it may be tried again.
        """
        if self._fd is not None and self._size >= self._max_bytes:
            self._seal()
        self._made_durable(lambda: self._write(batch))
        self._size += len(batch)

    def discard(self) -> int:
        """Forget what is appended and not durable; return its bytes."""
        size = len(self._pending)
        self._pending.clear()
        return size

    def close(self) -> None:
        """Seal the segment. What was not committed is gone; closing twice is harmless."""
        self._pending.clear()
        self._seal()

    def __enter__(self) -> "SpoolWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _made_durable(self, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            self._abandon()
            raise SpoolFull(
                f"the events could not be written: {error.strerror or error}.",
                place=str(self._path),
                hint=_REMEDIES.get(error.errno or 0, "See that the disk works, then try again."),
            ) from error

    def _write(self, batch: bytearray) -> None:
        if self._fd is None:
            self._open()
        assert self._fd is not None
        view = memoryview(batch)
        try:
            written = 0
            while written < len(view):
                written += os.write(self._fd, view[written:])
        finally:
            view.release()
        _datasync(self._fd)

    def _open(self) -> None:
        self._count += 1
        name = f"{self._label}.{self._count}.{os.urandom(6).hex()}{SUFFIX}"
        self._path = self._folder / name
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._fd = os.open(self._path, flags, 0o600)
        self._size = 0
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        if os.fstat(self._fd).st_nlink == 0:
            # A loader found the file before it was locked, took it for a dead writer's empty
            # segment and removed it. Nothing was in it; make another.
            self._seal()
            return self._open()
        sync_folder(self._folder)
        return None

    def _abandon(self) -> None:
        if self._fd is not None:
            try:
                os.ftruncate(self._fd, self._size)
            except OSError:
                pass  # The tail is at worst a torn line, which readers pass over.
            self._seal()

    def _seal(self) -> None:
        if self._fd is not None:
            fd, self._fd = self._fd, None
            os.close(fd)


def lines(events: Iterable[Event]) -> bytearray:
    """Return events as the lines that `keep` takes, for whoever collects batches by itself."""
    made = bytearray()
    for event in events:
        made += _line(event)
    return made


def segments(folder: Path) -> list[Segment]:
    """Return the spool's segments, oldest name first; an absent folder has none."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if _is_segment(entry))
    except FileNotFoundError:
        return []
    found = (_look(folder / name) for name in names)
    return [segment for segment in found if segment is not None]


def read_segment(path: Path, offset: int = 0, *, max_bytes: int | None = None) -> SegmentRead:
    """Return the events in whole lines of a segment from `offset` on.

    `max_bytes` bounds what is read in one go; call again with `next_offset`. Raises
    FileNotFoundError when a loader has removed the segment.
    """
    with open(path, "rb") as file:
        live = _is_locked(file.fileno())
        file.seek(offset)
        text = file.read(-1 if max_bytes is None else max_bytes)
        at_end = file.tell() == os.fstat(file.fileno()).st_size
    whole, newline, rest = text.rpartition(b"\n")
    if rest and not newline and not at_end:
        raise ValueError("max_bytes is less than one line")
    events, bad = [], 0
    for line in whole.split(b"\n") if newline else ():
        try:
            events.append(_DECODER.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            bad += 1
    torn = int(bool(rest) and at_end and not live)
    next_offset = offset + len(text) if torn else offset + len(whole) + len(newline)
    return SegmentRead(events, next_offset, torn, bad)


def _line(event: Event) -> bytes:
    line = _encoded(event)
    if len(line) > MAX_LINE_BYTES:
        texts = {
            name: value[:_MAX_TEXT]
            for name, value in msgspec.structs.asdict(event).items()
            if type(value) is str
        }
        lost = {"oversized": str(len(line))}
        line = _encoded(msgspec.structs.replace(event, **texts, attributes=lost))
    return line + b"\n"


def _encoded(event: Event) -> bytes:
    try:
        return _ENCODER.encode(event)
    except UnicodeEncodeError:
        # A lone surrogate, from a file name or an agent's output, has no UTF-8 form.
        texts = {
            name: _plain(value)
            for name, value in msgspec.structs.asdict(event).items()
            if type(value) is str
        }
        attributes = {_plain(key): _plain(value) for key, value in event.attributes.items()}
        return _ENCODER.encode(msgspec.structs.replace(event, **texts, attributes=attributes))


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _is_segment(entry: "os.DirEntry[str]") -> bool:
    return entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False)


def _look(path: Path) -> Segment | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None  # A loader removed it meanwhile.
    try:
        live = _is_locked(fd)
        return Segment(path.name.removesuffix(SUFFIX), path, os.fstat(fd).st_size, live)
    finally:
        os.close(fd)


def _is_locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(fd, fcntl.LOCK_UN)
    return False


def sync_folder(folder: Path) -> None:
    """Make a new file's name durable; its bytes alone are not enough after a power loss."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


_datasync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync.

_FREE_SPACE = "Free some space, or move the data folder with PAWL_DATA, then try again."
_REMEDIES = {
    errno.ENOSPC: _FREE_SPACE,
    errno.EDQUOT: "Free some of the quota, or move the data folder with PAWL_DATA.",
    errno.EFBIG: "Raise the limit on file sizes (ulimit -f), then try again.",
    errno.EACCES: "Make the data folder writable, or move it with PAWL_DATA.",
    errno.EROFS: "Make the data folder writable, or move it with PAWL_DATA.",
}
