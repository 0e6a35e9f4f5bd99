"""What lies in the spool, for those who read it beside its loader."""

import os
from collections.abc import Sequence
from pathlib import Path

from pawl.store.spool import SUFFIX, read_segment
from pawl.telemetry.event import Event

_READ_BYTES = 2 * 1024 * 1024


SPOOL = "spool"
"""The spool's folder in the data folder."""


class SpoolFolder:
    """The segments of one spool; a segment that a loader removed meanwhile has no events."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each segment, by file name."""
        try:
            with os.scandir(self._folder) as entries:
                return {
                    entry.name: entry.stat(follow_symlinks=False).st_size
                    for entry in entries
                    if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False)
                }
        except FileNotFoundError:
            return {}

    def read(self, segment: str, offset: int) -> tuple[Sequence[Event], int]:
        """Return the events from an offset on, and the offset after them."""
        try:
            found = read_segment(self._folder / segment, offset, max_bytes=_READ_BYTES)
        except FileNotFoundError:
            return (), offset
        return found.events, found.next_offset
