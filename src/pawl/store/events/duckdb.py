"""Events in DuckDB, embedded, behind one owner.

One connection to `events.duckdb`; each thread asks through a cursor of its own, and loading is
serialised. Nothing outside is reachable from SQL: no extensions are loaded, and files only in
the store's own folder.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import msgspec

from pawl.base.errors import Unavailable
from pawl.runs.record import RunRow
from pawl.store.events import answers, loading
from pawl.store.events.batches import BATCH_BYTES, Batch, batches, remove_loaded
from pawl.store.events.owner import OwnerLock
from pawl.store.events.prices import reprice
from pawl.store.events.schema import FORMAT, TABLES
from pawl.store.spool import segments
from pawl.telemetry.bill import Bill, Key
from pawl.telemetry.event import Event
from pawl.telemetry.tool_use import ToolUse
from pawl.telemetry.usage import Usage

FILE_NAME = "events.duckdb"
MARK_NAME = "events.mark"


class StoreBroken(Unavailable):
    """The engine cannot open or change its file."""

    code = "events-store-broken"


class Drained(msgspec.Struct, frozen=True, kw_only=True):
    """What one loading of the spool did.

    `events` are new to the store; `repeated` were in it already. `torn` counts last lines that a
    dead writer left half written, `bad` whole lines that are no event. `removed` counts segments
    that were fully loaded and deleted. `remaining_bytes` is what was not loaded yet.
    """

    events: int = 0
    repeated: int = 0
    torn: int = 0
    bad: int = 0
    removed: int = 0
    remaining_bytes: int = 0


class DuckEvents:
    """The events store of one data folder. Opening takes the lock, `close` lets go of it.

    Safe to use from several threads. `url` tells other processes where this owner answers.
    Raises StoreBusy when another process owns the store (it names the owner) and StoreBroken
    when the file cannot be opened. `memory_limit` is the engine's, in its own notation.
    """

    def __init__(self, folder: Path, *, url: str | None = None, memory_limit: str = "2GB") -> None:
        self._folder = folder
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = OwnerLock(folder, url)
        self._cursors = threading.local()
        self._changing = threading.Lock()
        try:
            with self._explained():
                self._connection = self._open(memory_limit)
                self._prepare()
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Close the engine and let go of the lock."""
        with self._changing:
            self._connection.close()
            self._lock.release()

    def __enter__(self) -> "DuckEvents":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def announce(self, url: str) -> None:
        """Tell other processes where this owner answers, once that is known."""
        self._lock.announce(url)

    # -- changes ----------------------------------------------------------------------------------

    def drain(self, spool: Path, *, batch_bytes: int = BATCH_BYTES) -> Drained:
        """Load every segment up to its last whole line; delete those sealed and fully loaded.

        Loading the same bytes twice changes nothing: what is loaded and up to where is one
        transaction, and an event's id counts once whatever file it stands in. A segment goes
        only after the transaction that loaded its end is durable.
        """
        if not segments(spool):
            return Drained()
        done = Drained()
        with self._changing, self._explained():
            cursor = self._cursor()
            loaded = loading.loaded_offsets(cursor)
            file = self._folder / "load.ndjson"
            try:
                for batch in batches(spool, loaded, file, batch_bytes=batch_bytes):
                    done = self._load(batch, file, done)
                    loaded.update(batch.offsets)
            finally:
                file.unlink(missing_ok=True)
            removed = remove_loaded(spool, loaded)
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

        A request belongs to the month it was first seen in and goes as a whole.
        """
        cutoff = answers.moment(f"{month}-01T00:00:00.000000Z")
        with self._change() as cursor:
            deleted = loading.forget_before(cursor, cutoff)
        with self._changing, self._explained():
            # The engine gives the space back when it writes a checkpoint.
            self._cursor().execute("CHECKPOINT")
        return deleted

    def make_anew(self) -> None:
        """Make requests, rollup and runs anew from all events."""
        with self._change() as cursor:
            loading.make_anew(cursor)

    # -- questions --------------------------------------------------------------------------------

    def bill(
        self,
        by: tuple[Key, ...],
        *,
        since: str | None = None,
        until: str | None = None,
        filters: Mapping[Key, str] | None = None,
        prices: tuple[str, str] = ("", ""),
    ) -> Bill:
        """Return the bill of requests first seen in `since <= time < until` (canonical times).

        Of both times the hour counts; minutes are cut off, because the rollup is by the hour.
        `prices` is the version and date of the price table, which the bill states.
        """
        return answers.ask_bill(
            self._rows, by, since=since, until=until, filters=filters or {}, prices=prices
        )

    def runs(
        self,
        *,
        agent: str | None = None,
        project: str | None = None,
        developer: str | None = None,
        outcome: str | None = None,
        text: str | None = None,
        since: str | None = None,
        sort: str = "started",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[RunRow], int]:
        """Return one page of runs and observed sessions, and how many there are in all.

        `outcome` is one of the outcomes, `running` or `observed`. `text` is looked for, in any
        case, in id, agent, project, developer, branch and models. `sort` is one of
        `answers.RUN_SORTS`. Raises BadValue for an unknown sort or outcome.
        """
        conditions = {
            "agent": agent,
            "project": project,
            "developer": developer,
            "outcome": outcome,
            "text": text,
            "since": since,
        }
        return answers.ask_runs(
            self._rows,
            conditions=conditions,
            sort=sort,
            descending=descending,
            limit=limit,
            offset=offset,
        )

    def run(self, run_id: str) -> RunRow | None:
        """Return one run or observed session, or None."""
        found, _ = answers.ask_runs(
            self._rows,
            conditions={"run_id": run_id},
            sort="started",
            descending=True,
            limit=1,
            offset=0,
        )
        return found[0] if found else None

    def outcomes(self, since: str | None = None) -> dict[str, int]:
        """Return how many runs started since a time ended how: outcome, `running`, `observed`."""
        return answers.ask_outcomes(self._rows, since)

    def choices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the agents and the projects that any run has."""
        return answers.ask_choices(self._rows)

    def timeline(
        self, run_id: str, *, limit: int = 5000, offset: int = 0
    ) -> tuple[tuple[Event, ...], int]:
        """Return events of a run or observed session in time order, and the number of all.

        To a run belong its own events and those of the sessions it carried while it was the
        newest run to carry them.
        """
        return answers.ask_timeline(self._rows, run_id, limit, offset)

    def requests(self, run_id: str, *, limit: int = 5000, offset: int = 0) -> tuple[Event, ...]:
        """Return a run's requests, each once, as its payer told it, in time order."""
        return answers.ask_requests(self._rows, run_id, limit, offset)

    def tools(
        self, *, since: str | None = None, until: str | None = None, run_id: str | None = None
    ) -> list[ToolUse]:
        """Return the tools used, the most called first. A call told twice counts once."""
        return answers.ask_tools(self._rows, since=since, until=until, run_id=run_id)

    # -- within -----------------------------------------------------------------------------------

    def _open(self, memory_limit: str) -> duckdb.DuckDBPyConnection:
        settings: dict[str, Any] = {
            "memory_limit": memory_limit,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "temp_directory": str(self._folder / "events.spill"),
        }
        connection = duckdb.connect(str(self._folder / FILE_NAME), config=settings)
        # The loaded file is named as a pattern that means itself; both spellings are this folder.
        folders = sorted({str(self._folder), loading.literal(self._folder)})
        connection.execute("SET allowed_directories = $folders", {"folders": folders})
        connection.execute("SET enable_external_access = false")
        # With these two, DuckDB 2.0.0 crashed or reported corrupt strings after some tens of
        # transactions that delete and insert in one table; see tests/crash.
        connection.execute("SET disabled_optimizers = 'late_materialization,join_filter_pushdown'")
        connection.execute("SET lock_configuration = true")
        return connection

    def _prepare(self) -> None:
        with self._transaction() as cursor:
            for table in TABLES:
                cursor.execute(table)
            known = cursor.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
            if known is None:
                cursor.execute("INSERT INTO meta VALUES ('format', $format)", {"format": FORMAT})
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
                fresh, repeated, bad = loading.load_lines(cursor, file, batch.lines)
            loading.note_loads(cursor, batch.offsets)
        return msgspec.structs.replace(
            done,
            events=done.events + fresh,
            repeated=done.repeated + repeated,
            bad=done.bad + batch.bad + bad,
            torn=done.torn + batch.torn,
        )

    def _forget_loads(self, gone: Set[str]) -> None:
        """Drop what is known of segments that are gone; their names never come back."""
        if gone:
            with self._transaction() as cursor:
                cursor.execute(
                    "DELETE FROM loads WHERE segment IN (SELECT unnest($gone))",
                    {"gone": sorted(gone)},
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
            raise StoreBroken(
                f"the events store did not answer: {str(error).splitlines()[0]}",
                place=str(self._folder / FILE_NAME),
                hint="See that the disk has space, then try again.",
            ) from error

    def _write_mark(self) -> None:
        beside = self._folder / f"{MARK_NAME}.new"
        beside.write_text(os.urandom(16).hex())
        beside.replace(self._folder / MARK_NAME)
