"""Bounded batches of whole lines from the spool, ready for the engine's own reader.

The engine reads whole files, and a live segment has an end that is still being written. So the
bytes that are not loaded yet, up to the last newline, are copied into one file a batch; many
small segments become one batch, a large one becomes several. Only bytes are moved here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from pawl.store.spool import MAX_LINE_BYTES, Segment, segments

BATCH_BYTES = 64 * 1024 * 1024
_BLOCK = 4 * MAX_LINE_BYTES
"""Longer lines are passed over; the spool's writer never makes one half as long."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one file holds: `lines` of it, and the new "loaded up to" of each segment.

    `bad` counts lines too long to be events, `torn` half lines at the end of dead segments,
    which are within the new offsets. `bytes` is the file's size.
    """

    lines: int
    bytes: int
    offsets: dict[str, int]
    bad: int
    torn: int


def batches(
    spool: Path, loaded: Mapping[str, int], file: Path, *, batch_bytes: int = BATCH_BYTES
) -> Iterator[Batch]:
    """Yield batches until each segment is copied to its last whole line, as it was found.

    The caller loads `file`, which the next step overwrites. Segments written meanwhile wait for
    the next drain.
    """
    collected = _Collected(file)
    try:
        for segment in segments(spool):
            for _ in _copy(segment, loaded.get(segment.id, 0), collected):
                if collected.bytes >= batch_bytes:
                    yield collected.taken()
        if collected.offsets:
            yield collected.taken()
    finally:
        collected.close()


class _Collected:
    """The batch being made."""

    def __init__(self, file: Path) -> None:
        self._file = open(file, "wb")  # noqa: SIM115 - closed by close()
        self._clear()

    def _clear(self) -> None:
        self.lines = self.bytes = self.bad = self.torn = 0
        self.offsets: dict[str, int] = {}

    def write(self, text: bytes) -> None:
        self._file.write(text)
        self.bytes += len(text)
        self.lines += text.count(b"\n")

    def taken(self) -> Batch:
        self._file.flush()
        batch = Batch(
            lines=self.lines, bytes=self.bytes, offsets=self.offsets, bad=self.bad, torn=self.torn
        )
        self._clear()
        # The next write starts over; the reader of this batch is done by then.
        self._file.seek(0)
        return batch

    def truncate(self) -> None:
        if self.bytes == 0:
            self._file.truncate(0)

    def close(self) -> None:
        self._file.close()


def _copy(segment: Segment, offset: int, into: _Collected) -> Iterator[None]:
    """Copy a segment's whole lines block by block, pausing after each."""
    if segment.size <= offset:
        return
    try:
        source = segment.path.open("rb")
    except FileNotFoundError:
        return
    with source:
        source.seek(offset)
        while offset < segment.size:
            block = source.read(min(_BLOCK, segment.size - offset))
            if not block:
                return  # A failed write was cut back meanwhile.
            end = block.rfind(b"\n") + 1
            if end == 0 and offset + len(block) >= segment.size:
                if not segment.live:
                    into.torn += 1
                    into.offsets[segment.id] = segment.size
                return
            if end == 0:
                end = len(block) + _length_to_newline(source, segment.size)
                into.bad += 1
            else:
                into.truncate()
                into.write(block[:end])
            offset += end
            into.offsets[segment.id] = offset
            source.seek(offset)
            yield


def _length_to_newline(source: BinaryIO, size: int) -> int:
    length = 0
    while source.tell() < size:
        part = source.read(min(_BLOCK, size - source.tell()))
        newline = part.find(b"\n")
        if newline >= 0:
            return length + newline + 1
        if not part:
            break
        length += len(part)
    return length
