"""Events in ClickHouse, on one server or a cluster, loaded by as many servers as there are.

The same questions, answered from the same tables, as in the embedded engine (`duckdb`). There is
no owner: whoever loads leaves the same rows, however often and in whatever order it is tried.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from pawl.store.events import answers, clickhouse_news, clickhouse_schema, kept
from pawl.store.events import clickhouse_loading as loading
from pawl.store.events.batches import BATCH_BYTES, Batch, batches
from pawl.store.events.clickhouse_forgetting import Forgetting, Forgotten
from pawl.store.events.clickhouse_link import Link, Session
from pawl.store.events.clickhouse_place import Place, read_place
from pawl.store.events.clickhouse_upgrade import upgrade
from pawl.store.events.drained import Drained, added
from pawl.store.events.engine import StoreAway, StoreBroken
from pawl.store.events.forgetting import Register
from pawl.store.events.news import Mark
from pawl.store.events.schema import DERIVED, FORMAT
from pawl.store.events.store import EventsStore
from pawl.store.spool import segments
from pawl.telemetry.event import Event
from pawl.telemetry.usage import Usage

_PRUNE_EVERY_S = 3600.0
_LOOK_EVERY_S = 60.0
"""Seconds between two looks of an idle server at whom others have forgotten."""
_LEFT_ALONE_S = 1.0
"""Seconds for which a server that did not answer is not asked again."""
_ALL: loading.Window = (datetime(1900, 1, 1), datetime(2299, 12, 31))  # noqa: DTZ001 - the engine's own bounds, in its naive UTC
_log = logging.getLogger(__name__)


class ClickEvents(EventsStore):
    """The events store at a URL; `folder` is this server's data folder.

    Tables that are not there are made. Safe to use from several threads, and by several servers
    at once. Raises BadValue for a URL that names nothing, StoreAway when no server answers, and
    StoreBroken when a newer Pawl made the tables. With `patient` a server that does not answer
    yet is asked again by whatever is asked of the store.
    """

    drain_every_s = 5.0

    def __init__(self, url: str, folder: Path, *, patient: bool = False) -> None:
        self.place: Place = read_place(url)
        self._folder = folder
        self._link = Link(self.place)
        self._changing = threading.Lock()
        self._pruned = -_PRUNE_EVERY_S
        self._priced = ""
        self._pricing_broke = True
        self._unpriced: loading.Window | None = _ALL
        self._forgetting = Forgetting(self._link, folder)
        self._looked = -_LOOK_EVERY_S
        self._ready = False
        self._away: tuple[float, StoreAway] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(*([StoreAway] if patient else [])):
            self._be_ready()

    def close(self) -> None:
        """Let go of the connections."""
        with self._changing:
            self._link.close()

    def announce(self, url: str) -> None:
        """Nobody has to ask this server: every one of them answers from the same store."""

    # -- changes ----------------------------------------------------------------------------------

    def drain(self, spool: Path, *, batch_bytes: int = BATCH_BYTES) -> Drained:
        """Load every segment up to its last whole line; keep those sealed and fully loaded.

        What is loaded and up to where is noted after the events are in and what is made of them
        is up to date. Dying before that, or a replica that does not answer, leaves the segment in
        the spool; loading it again changes nothing but what was missing.
        """
        if not segments(spool):
            self._look_for_forgotten()
            return Drained()
        with self._change() as forgotten:
            done, loaded, size = self._load_folder(spool, batch_bytes, forgotten)
        most = max(kept.AT_ONCE_BYTES, 2 * size)
        removed = kept.keep_loaded(spool, loaded, most=most, known=forgotten)
        if time.monotonic() - self._pruned > _PRUNE_EVERY_S:
            self._pruned = time.monotonic()
            kept.prune(spool, time.time())
        remaining = sum(max(0, s.size - loaded.get(s.id, 0)) for s in segments(spool))
        return msgspec.structs.replace(done, removed=removed, remaining_bytes=remaining)

    def reprice(self, price: Callable[[str, Usage, str], int | None], version: str) -> int:
        """Price each request of an earlier `price_version`; return how many.

        The first call looks through all of them, later ones through the hours this server has
        loaded into since. A request without tokens keeps the cost its sender reported.
        """
        with self._change(), self._link.session() as session:
            if self._pricing_broke:
                loading.finish_pricing(session)
            self._pricing_broke = True
            if version != self._priced:
                self._unpriced = _ALL
            if self._unpriced is None:
                self._pricing_broke = False
                return 0
            count = sum(
                loading.reprice(session, price, version, window)
                for window in loading.windows(session, *_asks_for_price(self._unpriced, version))
            )
            self._priced, self._unpriced, self._pricing_broke = version, None, False
            return count

    def drop_before(self, month: str) -> int:
        """Delete the events before a month such as `2026-11`; return how many.

        Whole months are dropped at once, on every server. A request belongs to the month it was
        first seen in and goes as a whole.
        """
        cutoff = answers.moment(f"{month}-01T00:00:00.000000Z")
        with self._change(), self._link.session() as session:
            hidden = loading.hide_later_tellings(session, cutoff)
            counted = session.rows(
                "SELECT count() FROM events WHERE time < {cutoff:DateTime64(6, 'UTC')}",
                {"cutoff": cutoff},
            )
            loading.note_dropped_runs(session, cutoff)
            months = loading.months_before(session, month)
            self._link.everywhere(loading.drop_statements(months))
            loading.forget_runs(session)
        return hidden + int(counted[0][0])

    def make_anew(self) -> None:
        """Make requests, rollups and runs anew from all events. Nobody may load meanwhile."""
        derived = [name for name in DERIVED if name != "request_sources"]
        with self._change():
            self._link.everywhere([f"TRUNCATE TABLE {name}_rows" for name in derived])
            with self._link.session() as session:
                for window in loading.windows(session, "true", {}):
                    loading.remake(session, window)

    def import_lines(self, lines: bytes, count: int, segment: str) -> tuple[int, int, int]:
        """Load NDJSON of `count` events under a name; return as `loading.load_lines` does."""
        with self._change() as forgotten:
            told = self._load_lines(lines, count, forgotten)
            with self._link.session() as session:
                loading.note_loads(session, {segment: count})
            return told

    def adopt(self, register: Register) -> None:
        """Have whom another store has forgotten forgotten here as well."""
        self._be_ready()
        self._forgetting.adopt((register.salt, each) for each in register.people)

    def imported(self, names: list[str]) -> dict[str, int]:
        """Return how many events were loaded under each of some names."""
        self._be_ready()
        with self._link.session() as session:
            return loading.loaded_offsets(session, names)

    # -- what is new -------------------------------------------------------------------------------

    def newest_mark(self) -> Mark:
        """Return the mark of what arrived so long ago that nothing can arrive before it."""
        return clickhouse_news.newest(self._rows)

    def events_after(self, mark: Mark, *, limit: int = 5000) -> tuple[tuple[Event, ...], Mark]:
        """Return the first events that arrived after a mark; `SETTLED_S` after they did."""
        return clickhouse_news.after(self._rows, mark, limit)

    def events_from(
        self, since: str, until: str, *, most: int, page: int = 20_000
    ) -> Iterator[tuple[Event, ...]]:
        """Yield pages of the newest `most` events of `since <= time < until`, oldest first."""
        return clickhouse_news.between(self._rows, since, until, most, page)

    # -- within -----------------------------------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[Forgotten]:
        """One change of the store; yields who is to be left out of it."""
        with self._changing:
            self._be_ready()
            with self._forgetting.change() as forgotten:
                yield forgotten

    def _look_for_forgotten(self) -> None:
        """See now and then whether another server was told to forget somebody."""
        if time.monotonic() - self._looked > _LOOK_EVERY_S:
            with self._changing:
                self._be_ready()
                self._forgetting.up_to_date()
            self._looked = time.monotonic()

    def _be_ready(self) -> None:
        """See that the tables are there; a server that did not answer just now is left alone."""
        if self._ready:
            return
        if self._away is not None and time.monotonic() < self._away[0]:
            raise self._away[1]
        try:
            self._prepare()
        except StoreAway as away:
            self._away = time.monotonic() + _LEFT_ALONE_S, away
            raise
        self._ready = True

    def _prepare(self) -> None:
        create = f"CREATE DATABASE IF NOT EXISTS {self.place.database}"
        known = self._known_format()
        if known is None:
            self._link.everywhere([create], database=False)
            self._link.everywhere(clickhouse_schema.statements(self.place))
            with self._link.session() as session:
                into = clickhouse_schema.written(self.place, "meta")
                session.insert_rows(into, ["name", "value"], [["format", str(FORMAT)]])
        elif known < FORMAT:
            upgrade(self._link)
        elif known > FORMAT:
            raise StoreBroken(
                f"the store is of format {known}, this Pawl knows {FORMAT}.",
                place=str(self.place),
                hint="Update Pawl on this machine, or copy the store with an older one.",
            )

    def _known_format(self) -> int | None:
        try:
            found = self._link.rows("SELECT value FROM meta WHERE name = 'format'", {})
        except StoreBroken as broken:
            if "UNKNOWN_TABLE" in broken.message or "UNKNOWN_DATABASE" in broken.message:
                return None
            raise
        return int(found[0][0]) if found else None

    def _load_folder(
        self, spool: Path, batch_bytes: int, forgotten: Forgotten
    ) -> tuple[Drained, dict[str, int], int]:
        done, size = Drained(), 0
        present = [segment.id for segment in segments(spool)]
        file = self._folder / f"load.{os.getpid()}.ndjson"
        with self._link.session() as session:
            loaded = loading.loaded_offsets(session, present)
        try:
            for batch in batches(spool, loaded, file, batch_bytes=batch_bytes):
                done = self._load(batch, file, done, forgotten)
                loaded.update(batch.offsets)
                size += batch.bytes
        finally:
            file.unlink(missing_ok=True)
        return done, loaded, size

    def _load(self, batch: Batch, file: Path, done: Drained, forgotten: Forgotten) -> Drained:
        fresh = repeated = bad = 0
        if batch.lines:
            lines = file.read_bytes()[: batch.bytes]
            fresh, repeated, bad = self._load_lines(lines, batch.lines, forgotten)
        with self._link.session() as session:
            loading.note_loads(session, batch.offsets)
        part = Drained(events=fresh, repeated=repeated, bad=batch.bad + bad, torn=batch.torn)
        return added(done, part)

    def _load_lines(self, lines: bytes, count: int, forgotten: Forgotten) -> tuple[int, int, int]:
        try:
            return self._load_into(lines, count, forgotten)
        except loading.NamesStored:
            self._forgetting.sweep_tables()
            return self._load_into(lines, count, forgotten)

    def _load_into(self, lines: bytes, count: int, forgotten: Forgotten) -> tuple[int, int, int]:
        with self._link.session() as session:
            told = loading.load_lines(session, lines, count, forgotten)
            if told[0] or told[1]:
                self._note_unpriced(session)
            return told

    def _note_unpriced(self, session: Session) -> None:
        """Widen the hours that the next pricing looks through by those of what was loaded."""
        ((since, until),) = session.rows(
            "SELECT toStartOfHour(min(time)), toStartOfHour(max(time)) + INTERVAL 1 HOUR FROM told"
        )
        if since is not None:
            held = self._unpriced or (since, until)
            self._unpriced = (min(held[0], since), max(held[1], until))

    def _rows(self, statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        self._be_ready()
        return self._link.rows(statement, parameters)


def _asks_for_price(window: loading.Window, version: str) -> tuple[str, dict[str, object]]:
    where = (
        "kind = 'request' AND time >= {since:DateTime64(6, 'UTC')}"
        " AND time < {until:DateTime64(6, 'UTC')}"
        " AND (price_version IS NULL OR price_version < {version:String})"
    )
    return where, {"since": window[0], "until": window[1], "version": version}
