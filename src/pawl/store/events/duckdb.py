"""Events in DuckDB, embedded, behind one owner.

One connection to `events.duckdb`; each thread asks through a cursor of its own, and loading is
serialised. Nothing outside is reachable from SQL: no extensions are loaded, and files only in
the store's own folder. What is loaded is kept in a second copy (`kept`), of which the file can be
made anew.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from pawl.store.events import answers, forgetting, kept, loading, remaking
from pawl.store.events.batches import BATCH_BYTES, Batch, batches
from pawl.store.events.drained import Drained, added
from pawl.store.events.engine import (
    FILE_NAME,
    StoreBroken,
    make_tables,
    open_engine,
    read_everything,
    remake_tables,
    says_damage,
)
from pawl.store.events.owner import OwnerLock
from pawl.store.events.prices import reprice
from pawl.store.events.schema import FORMAT
from pawl.store.events.store import EventsStore
from pawl.store.spool import FOLDER_NAME, segments
from pawl.telemetry.usage import Usage

MARK_NAME = "events.mark"
_PRUNE_EVERY_S = 3600.0
_UNPACKED_BYTES = 256 * 1024 * 1024
_log = logging.getLogger(__name__)


class Remade(msgspec.Struct, frozen=True, kw_only=True):
    """How the store's file was made anew from the second copy and the spool.

    `damaged` counts compressed segments that could be read in part only; `aside` is where the
    file that was replaced is now.
    """

    events: int
    bad: int
    damaged: int
    aside: str | None


class DuckEvents(EventsStore):
    """The events store of one data folder. Opening takes the lock, `close` lets go of it.

    Safe to use from several threads. `url` tells other processes where this owner answers.
    Raises StoreBusy when another process owns the store (it names the owner) and StoreBroken
    when the file cannot be opened. `memory_limit` is the engine's, in its own notation. A file
    that is damaged is moved aside and made anew from the second copy and the spool in the same
    folder, with a warning in the log; `remade` then says what became of it.
    """

    def __init__(self, folder: Path, *, url: str | None = None, memory_limit: str = "2GB") -> None:
        self._folder = folder
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = OwnerLock(folder, url)
        self._cursors = threading.local()
        self._changing = threading.Lock()
        self._memory_limit = memory_limit
        self._pruned = -_PRUNE_EVERY_S
        self.remade: Remade | None = None
        try:
            with self._explained():
                self._open_or_remake(folder / FOLDER_NAME)
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Close the engine and let go of the lock."""
        with self._changing:
            self._connection.close()
            self._lock.release()

    def announce(self, url: str) -> None:
        """Tell other processes where this owner answers, once that is known."""
        self._lock.announce(url)

    # -- changes ----------------------------------------------------------------------------------

    def drain(self, spool: Path, *, batch_bytes: int = BATCH_BYTES) -> Drained:
        """Load every segment up to its last whole line; keep those sealed and fully loaded.

        Loading the same bytes twice changes nothing: what is loaded and up to where is one
        transaction, and an event's id counts once whatever file it stands in. A segment leaves
        the spool, compressed, only after the transaction that loaded its end is durable.
        """
        if not segments(spool):
            return Drained()
        with self._changing, self._explained():
            done, loaded, size = self._load_folder(spool, batch_bytes)
        # Questions and other changes go on while segments are compressed; and a drain compresses
        # about what it loads, so that the one after a great import is a small one again.
        known = forgetting.register(self._folder)
        most = max(kept.AT_ONCE_BYTES, 2 * size)
        removed = kept.keep_loaded(spool, loaded, most=most, known=known)
        if time.monotonic() - self._pruned > _PRUNE_EVERY_S:
            self._pruned = time.monotonic()
            kept.prune(spool, time.time())
        with self._changing, self._explained():
            present = segments(spool)
            self._forget_loads(loaded.keys() - {segment.id for segment in present})
        remaining = sum(max(0, s.size - loaded.get(s.id, 0)) for s in present)
        return msgspec.structs.replace(done, removed=removed, remaining_bytes=remaining)

    def reprice(self, price: Callable[[str, Usage, str], int | None], version: str) -> int:
        """Price anew each request whose `price_version` is not `version`; return how many.

        `price` takes a model, its tokens and an ISO day and returns micro-USD, or None when it
        knows no price. A request without tokens keeps the cost its sender reported.
        """
        with self._change() as cursor:
            return reprice(cursor, price, version)

    def drop_before(self, month: str) -> int:
        """Delete the events before a month such as `2026-11`; return how many.

        A request belongs to the month it was first seen in and goes as a whole. They stay away
        when the file is made anew.
        """
        with self._explained():
            remaking.note_dropped(self._folder, month)
            kept.drop_kept_before(self._folder / FOLDER_NAME, month)
        deleted = self._drop(month)
        with self._changing, self._explained():
            # The engine gives the space back when it writes a checkpoint.
            self._cursor().execute("CHECKPOINT")
        return deleted

    def make_anew(self) -> None:
        """Make requests, rollup and runs anew from all events."""
        with self._change() as cursor:
            loading.make_anew(cursor)

    def rebuild(self, spool: Path) -> Remade:
        """Make the store's file anew from the second copy of loaded segments and from the spool.

        Nobody may ask meanwhile. The old file is moved aside. Costs are those that the events
        were sent with until the next `reprice`. Raises StoreBroken when the new file is not
        right or cannot be made; the old one is then where it was, and the next opening tries
        again.
        """
        with self._explained():
            with self._changing:
                remaking.demand(self._folder, "remake")
                self._connection.close()
            self._remake(spool)
        assert self.remade is not None
        return self.remade

    # -- copying out ------------------------------------------------------------------------------

    def identity(self) -> str:
        """Return a name of this store that no other has; made the first time it is asked for."""
        with self._changing, self._explained(), self._transaction() as cursor:
            found = cursor.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
            if found is not None:
                return str(found[0])
            made = os.urandom(8).hex()
            cursor.execute("INSERT INTO meta VALUES ('identity', $made)", {"made": made})
            return made

    def hours(self) -> list[tuple[datetime, int]]:
        """Return each hour that has events, and how many."""
        return self._rows(
            "SELECT date_trunc('hour', time) AS hour, count(*) FROM events GROUP BY 1 ORDER BY 1",
            {},
        )

    def copy_out(self, since: datetime, until: datetime, file: Path) -> None:
        """Write the events of some hours into a file of the store's folder, one a line."""
        named = str(file).replace("'", "''")
        window = f"time >= TIMESTAMP '{since}' AND time < TIMESTAMP '{until}'"
        with self._explained():
            self._cursor().execute(
                f"COPY (SELECT * FROM events WHERE {window} ORDER BY time, id)"  # noqa: S608
                f" TO '{named}' (FORMAT json)"
            )

    # -- within -----------------------------------------------------------------------------------

    def _open_or_remake(self, spool: Path) -> None:
        demanded = remaking.demanded(self._folder)
        if demanded == "remake" or (remaking.is_missing(self._folder) and kept.kept(spool)):
            self._remake(spool)
            return
        try:
            self._connect(FILE_NAME)
            if demanded == "check":
                read_everything(self._connection)
                remaking.settled(self._folder)
        except duckdb.Error as error:
            if not says_damage(error):
                raise
            _log.warning(
                "%s is damaged (%s). It is moved aside and made anew from the spool.",
                self._folder / FILE_NAME,
                str(error).splitlines()[0],
            )
            with suppress(AttributeError, duckdb.Error):
                self._connection.close()
            remaking.demand(self._folder, "remake")
            self._remake(spool)

    def _connect(self, name: str) -> None:
        self._cursors = threading.local()
        self._connection = open_engine(self._folder, name, self._memory_limit)
        self._prepare()

    def _remake(self, spool: Path) -> None:
        """Make the file anew under another name, hold it against its own events, swap them."""
        folder, unpacked = self._folder, self._folder / remaking.UNPACKED
        remaking.begin(folder)
        self._connect(remaking.NEW_NAME)
        done, damaged = Drained(), 0
        try:
            for wrong in kept.unpack(spool, unpacked, most=_UNPACKED_BYTES):
                part, loaded, _ = self._load_folder(unpacked, BATCH_BYTES)
                self._forget_loads(loaded.keys())
                damaged += wrong
                done = added(done, part)
            part, _, _ = self._load_folder(spool, BATCH_BYTES)
            done = added(done, part)
            if month := remaking.dropped_before(folder):
                self._drop(month)
            self._see_that_it_is_right(done.events)
            self._cursor().execute("CHECKPOINT")
        finally:
            self._connection.close()
            shutil.rmtree(unpacked, ignore_errors=True)
        aside = remaking.finish(folder)
        self._connect(FILE_NAME)
        self._write_mark()
        self.remade = Remade(
            events=done.events,
            bad=done.bad,
            damaged=damaged,
            aside=None if aside is None else str(aside),
        )
        _log.warning(
            "%s was made anew: %d events; %d of the compressed segments are damaged. %s",
            folder / FILE_NAME,
            done.events,
            damaged,
            f"The old file is {aside}." if aside else "There was no old file.",
        )

    def _see_that_it_is_right(self, events: int) -> None:
        """Raise StoreBroken when ids repeat or keeping up gave another rollup than at once."""
        rollup = "SELECT * FROM rollup ORDER BY ALL"
        kept_up = self._rows(rollup, {})
        self.make_anew()
        (ids,) = self._rows("SELECT count(*), count(DISTINCT id) FROM events", {})
        if self._rows(rollup, {}) != kept_up or ids[0] != ids[1] or ids[0] > events:
            raise StoreBroken(
                "the file that was made anew does not add up.",
                place=str(self._folder / remaking.NEW_NAME),
                hint="See that the disk and the memory work, then try again.",
            )

    def _drop(self, month: str) -> int:
        cutoff = answers.moment(f"{month}-01T00:00:00.000000Z")
        with self._change() as cursor:
            return loading.forget_before(cursor, cutoff)

    def _load_folder(self, spool: Path, batch_bytes: int) -> tuple[Drained, dict[str, int], int]:
        """Load what is new in a folder of segments; return that, all known offsets, its bytes."""
        done, size = Drained(), 0
        loaded = loading.loaded_offsets(self._cursor())
        file = self._folder / "load.ndjson"
        try:
            for batch in batches(spool, loaded, file, batch_bytes=batch_bytes):
                done = self._load(batch, file, done)
                loaded.update(batch.offsets)
                size += batch.bytes
        finally:
            file.unlink(missing_ok=True)
        return done, loaded, size

    def _prepare(self) -> None:
        with self._transaction() as cursor:
            make_tables(cursor)
            known = cursor.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
            if known is None:
                cursor.execute("INSERT INTO meta VALUES ('format', $format)", {"format": FORMAT})
            elif int(known[0]) < FORMAT:
                _log.warning("%s is of an older Pawl: its tables are made anew.", self._folder)
                remake_tables(cursor)
                loading.make_anew(cursor)
                cursor.execute(
                    "UPDATE meta SET value = $format WHERE name = 'format'", {"format": FORMAT}
                )
            elif int(known[0]) > FORMAT:
                raise StoreBroken(
                    f"the store is of format {known[0]}, this Pawl knows {FORMAT}.",
                    place=str(self._folder / FILE_NAME),
                    hint="Update Pawl on this machine.",
                )

    def _load(self, batch: Batch, file: Path, done: Drained) -> Drained:
        fresh = repeated = bad = 0
        with self._change(locked=True) as cursor:
            if batch.lines:
                known = forgetting.register(self._folder)
                fresh, repeated, bad = loading.load_lines(cursor, file, batch.lines, known)
            loading.note_loads(cursor, batch.offsets)
        part = Drained(events=fresh, repeated=repeated, bad=batch.bad + bad, torn=batch.torn)
        return added(done, part)

    def _forget_loads(self, gone: Set[str]) -> None:
        """Drop what is known of segments that are gone; their names never come back."""
        if gone:
            with self._transaction() as cursor:
                cursor.execute(
                    """DELETE FROM loads
                    WHERE segment IN (SELECT unnest(from_json($gone, '["VARCHAR"]')))""",
                    {"gone": msgspec.json.encode(sorted(gone)).decode()},
                )

    @contextmanager
    def _change(self, *, locked: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """One change of what the questions answer, between two changes of the mark.

        Twice, so that whoever dies in between leaves no mark that an old answer still fits.
        """
        with nullcontext() if locked else self._changing, self._explained():
            self._write_mark()
            with self._transaction() as cursor:
                yield cursor
            self._write_mark()

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        # A cursor of its own for every change: its temporary tables end with it.
        cursor = self._connection.cursor()
        try:
            cursor.execute("BEGIN")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):  # A failed commit has rolled back already.
                    cursor.execute("ROLLBACK")
                raise
        finally:
            cursor.close()

    def _rows(self, statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._cursor().execute(statement, dict(parameters)).fetchall()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        found: duckdb.DuckDBPyConnection | None = getattr(self._cursors, "cursor", None)
        if found is None:
            found = self._cursors.cursor = self._connection.cursor()
        return found

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, OSError) as error:
            if isinstance(error, duckdb.Error) and says_damage(error):
                with suppress(OSError):
                    if not remaking.demanded(self._folder):
                        remaking.demand(self._folder, "check")
            raise StoreBroken(
                f"the events store did not answer: {str(error).splitlines()[0]}",
                place=str(self._folder / FILE_NAME),
                hint="See that the disk has space, then try again.",
            ) from error

    def _write_mark(self) -> None:
        beside = self._folder / f"{MARK_NAME}.new"
        beside.write_text(os.urandom(16).hex())
        beside.replace(self._folder / MARK_NAME)
