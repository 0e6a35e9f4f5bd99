"""The events store in ClickHouse, opened to forget people in it while servers go on loading."""

from pathlib import Path

from pawl.store.events.clickhouse import ClickEvents
from pawl.store.events.eraser import Erased
from pawl.store.spool import FOLDER_NAME, segments


class ClickEraser(ClickEvents):
    """An events store of which everybody may ask meanwhile. Raises StoreAway and StoreBroken."""

    def forget(self, names: tuple[str, ...], chance: str) -> Erased:
        """Forget people, now and whenever they are told of again, by whichever server.

        Whoever dies in between has forgotten a part; doing it again, or the next server that
        loads anything, does the rest.
        """
        spool = self._folder / FOLDER_NAME
        self.drain(spool)  # So that what waits is counted, and not only kept away.
        with self._changing:
            self._be_ready()
            self._forgetting.remember(names, chance)
            done = self._forgetting.sweep()
        while self.drain(spool).removed:
            pass
        with self._changing:
            proof = self._forgetting.sweep_tables()
        return Erased(
            events=done.events + proof.events,
            lines=done.lines,
            open_segments=sum(segment.live for segment in segments(spool)),
            searched=proof.tables,
            old_parts=proof.old_parts,
            left_behind=self._left_behind(),
        )

    def _left_behind(self) -> tuple[str, ...]:
        """Return the files of an embedded store that nobody asks any more."""
        found: list[Path] = sorted(self._folder.glob("events.d*.duckdb*"))
        found += sorted(self._folder.glob("events.duckdb*"))
        return tuple(map(str, found))
