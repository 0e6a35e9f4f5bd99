"""Files around making the store's file anew, so that dying at any step is harmless.

A mark says what the next opening must do: look through the whole file (`check`) or make it anew
(`remake`). The new file is made beside under another name. When it is whole, the damaged one is
moved aside, never deleted, the new one takes its name, and only then does the mark go.
"""

import os
from pathlib import Path

from pawl.store.events.engine import FILE_NAME
from pawl.store.spool import sync_folder

MARK = "events.remake"
NEW_NAME = "events.new.duckdb"
UNPACKED = "events.unpacked"
DROPPED = "events.dropped"
_WAL = ".wal"


def demanded(folder: Path) -> str:
    """Return what the next opening must do: `check`, `remake` or nothing."""
    return _text(folder / MARK)


def demand(folder: Path, what: str) -> None:
    """Have the next opening do something."""
    _put(folder / MARK, what)


def is_missing(folder: Path) -> bool:
    """Say whether there is no file, or one without a byte, which the engine takes for new."""
    file = folder / FILE_NAME
    return not file.exists() or file.stat().st_size == 0


def begin(folder: Path) -> None:
    """Remove what an earlier attempt left."""
    for name in (NEW_NAME, NEW_NAME + _WAL):
        (folder / name).unlink(missing_ok=True)


def finish(folder: Path) -> Path | None:
    """Put the new file, which is closed, in the place of the old one; return where that is now."""
    with open(folder / NEW_NAME, "rb") as file:
        os.fsync(file.fileno())
    aside = None
    if (folder / FILE_NAME).exists() or (folder / (FILE_NAME + _WAL)).exists():
        aside = _free_name(folder)
        for ending in (_WAL, ""):
            if (folder / (FILE_NAME + ending)).exists():
                (folder / (FILE_NAME + ending)).replace(f"{aside}{ending}")
        sync_folder(folder)
    (folder / NEW_NAME).replace(folder / FILE_NAME)
    sync_folder(folder)
    settled(folder)
    return aside


def settled(folder: Path) -> None:
    """The next opening has nothing more to do."""
    (folder / MARK).unlink(missing_ok=True)
    sync_folder(folder)


def dropped_before(folder: Path) -> str:
    """Return the latest month before which events were dropped on purpose, or nothing."""
    return _text(folder / DROPPED)


def note_dropped(folder: Path, month: str) -> None:
    """Note, before it happens, that the events before a month go for good."""
    if month > dropped_before(folder):
        _put(folder / DROPPED, month)


def _free_name(folder: Path) -> Path:
    number = 1
    while (aside := folder / f"events.damaged-{number}.duckdb").exists():
        number += 1
    return aside


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def _put(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    with open(beside, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)
