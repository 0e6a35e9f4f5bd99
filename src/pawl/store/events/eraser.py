"""The events store, opened to forget people in it."""

import contextlib
from pathlib import Path

import msgspec

from pawl.store.events import forgetting, kept, loading, remaking
from pawl.store.events.duckdb import DuckEvents
from pawl.store.events.engine import FILE_NAME
from pawl.store.spool import FOLDER_NAME, segments


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was forgotten in the events.

    `events` changed in the store, `lines` in the copies of loaded segments, `damaged_files` were
    files that had been set aside and could still hold the names. `open_segments` are still being
    written: what they hold of the person goes when their writer ends.
    """

    events: int = 0
    lines: int = 0
    damaged_files: int = 0
    open_segments: int = 0


class Eraser(DuckEvents):
    """An events store of which nobody may ask meanwhile. Raises StoreBusy and StoreBroken."""

    def forget(self, names: tuple[str, ...], chance: str) -> Erased:
        """Forget people, now and whenever they are told of again.

        Whoever dies in between has forgotten a part; doing it again does the rest.
        """
        folder = self._folder
        spool = folder / FOLDER_NAME
        self.drain(spool)  # So that what waits is counted, and not only kept away.
        with self._explained():
            known = forgetting.remember(folder, names, chance)
        while self.drain(spool).removed:
            pass
        with self._change() as cursor:
            events = forgetting.erase(cursor, "events", known)
            loading.make_anew(cursor)
        with self._explained():
            lines = sum(forgetting.rewrite(path, known) for path in kept.kept(spool))
            self._compact()
            aside = self._remove_set_aside()
        still = sum(segment.live for segment in segments(spool))
        return Erased(events=events, lines=lines, damaged_files=aside, open_segments=still)

    def sessions_of(self, developer: str) -> list[str]:
        """Return the sessions and runs that any event of a developer is of."""
        found = self._rows(
            """SELECT DISTINCT unnest([session_id, run_id]) AS name FROM events
            WHERE developer = $developer""",
            {"developer": developer},
        )
        return sorted(name for (name,) in found if name is not None)

    def _compact(self) -> None:
        """Swap the file for a copy of it: what was erased is still in the blocks it had."""
        with self._changing:
            name = FILE_NAME.removesuffix(".duckdb")
            forgetting.compact(self._connection, self._folder, name, remaking.NEW_NAME)
            self._connection.close()
            aside = remaking.finish(self._folder)
            if aside is not None:
                for ending in ("", ".wal"):
                    Path(f"{aside}{ending}").unlink(missing_ok=True)
            self._connect(FILE_NAME)
            self._write_mark()

    def _remove_set_aside(self) -> int:
        gone = 0
        for path in self._folder.glob("events.damaged-*.duckdb*"):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                gone += path.suffix == ".duckdb"
        return gone
