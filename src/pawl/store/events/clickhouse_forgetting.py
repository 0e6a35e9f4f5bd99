"""Forget people in ClickHouse: in every row of every server, and in what is loaded later.

Who was forgotten is a table of fingerprints that all servers read. Rows are rewritten where they
lie, events first. What is made of them is made anew, as a change of these events would make it, and
only then rewritten too: so whoever dies in between leaves rows that name what is still to be done.

A loading that began before somebody was forgotten may end after it. So each change asks before
and after, and whoever finds more people than his folder has seen rewrites once more: its copies
of loaded segments, and the tables. No statement holds a name: the engine keeps those of mutations.
"""

# ruff: noqa: S608 - what is put into statements are names and digests of ours.

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec

from pawl.base.canonical import sha256_hex
from pawl.governance.forgetting import FORGOTTEN, fingerprint
from pawl.store.events import kept
from pawl.store.events.clickhouse_link import Link, Session
from pawl.store.events.clickhouse_loading import CHUNK_EVENTS
from pawl.store.events.clickhouse_names import Spellings
from pawl.store.events.clickhouse_schema import Personal, personal, register_statements, written
from pawl.store.events.clickhouse_upkeep import keep_up
from pawl.store.events.dialect import TIME
from pawl.store.events.engine import StoreBroken
from pawl.store.events.forgetting import rewrite
from pawl.store.spool import FOLDER_NAME, sync_folder

SEEN = "events.forgotten.seen"
"""In the data folder: the digest of the register up to which everything here was rewritten."""
_LOCK = "events.forgotten.lock"
_ROUNDS_MOST = 8
"""Rewritings of what loadings that had begun earlier bring back, before that is given up."""
_LOOK_EVERY_S = 0.2


class Forgotten(msgspec.Struct, frozen=True):
    """Who was forgotten: pairs of a salt and a fingerprint under it."""

    people: frozenset[tuple[str, str]] = frozenset()

    def holds(self, name: str) -> bool:
        """Say whether a name was forgotten."""
        salts = {salt for salt, _ in self.people}
        return any((salt, fingerprint(salt, name)) in self.people for salt in salts)

    @property
    def digest(self) -> str:
        """A text that is another one whenever somebody more is forgotten."""
        return sha256_hex(msgspec.json.encode(sorted(self.people))) if self.people else ""


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What was rewritten: `events` in the store, `lines` in this folder's copies of segments.

    Afterwards the names were looked for in `tables` tables, each one of one server, and no row
    held one. `old_parts` are files that the engine has replaced and not deleted yet.
    """

    events: int = 0
    lines: int = 0
    tables: int = 0
    old_parts: int = 0


class Forgetting:
    """What was forgotten in one store, and this data folder's part in it."""

    def __init__(self, link: Link, folder: Path) -> None:
        self._link = link
        self._folder = folder

    def known(self) -> Forgotten:
        """Return who was forgotten in the store, by any server."""
        try:
            rows = self._link.rows("SELECT salt, fingerprint FROM forgotten", {})
        except StoreBroken as broken:
            if "UNKNOWN_TABLE" not in broken.message:
                raise
            # Nobody ever was: the store was made by an older Pawl. A server that is down now
            # gets the table later.
            with suppress(StoreBroken):
                self._link.everywhere(register_statements(self._link.place))
            return Forgotten()
        return Forgotten(frozenset((str(salt), str(told)) for salt, told in rows))

    def remember(self, names: Iterable[str], chance: str) -> None:
        """Add people to the register, on every server, before anything is erased."""
        salt = min((salt for salt, _ in self.known().people), default=chance)
        self.adopt((salt, fingerprint(salt, name)) for name in names)

    def adopt(self, people: Iterable[tuple[str, str]]) -> None:
        """Add pairs of a salt and a fingerprint to the register."""
        rows = [list(pair) for pair in sorted(set(people))]
        if rows:
            self._link.everywhere(register_statements(self._link.place))
            with self._link.session() as session:
                into = written(self._link.place, "forgotten")
                session.insert_rows(into, ["salt", "fingerprint"], rows)

    @contextmanager
    def change(self) -> Iterator[Forgotten]:
        """Wrap a change of the store; yields who is to be left out of it."""
        known = self.up_to_date()
        yield known
        self.up_to_date()

    def up_to_date(self) -> Forgotten:
        """See that what was written here before somebody was forgotten is rewritten."""
        known = self.known()
        if known.digest != self._seen():
            self.sweep()
        return known

    def sweep(self) -> Swept:
        """Rewrite this folder's copies and every table, until no row holds a forgotten name."""
        known = self.known()
        self.adopt(known.people)  # A replica that was away when it was written gets it as well.
        lines = self._rewrite_copies(known)
        swept = self.sweep_tables()
        self._note_seen(known)
        return msgspec.structs.replace(swept, lines=lines)

    def sweep_tables(self) -> Swept:
        """Rewrite every table until no row of any server holds a forgotten name."""
        events, tables = _rewrite_tables(self._link, self.known())
        return Swept(events=events, tables=tables, old_parts=_old_parts(self._link))

    def _rewrite_copies(self, known: Forgotten) -> int:
        # Two processes may find the same to do, and a copy has one name while it is written.
        fd = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            return sum(rewrite(path, known) for path in kept.kept(self._folder / FOLDER_NAME))
        finally:
            os.close(fd)

    def _seen(self) -> str:
        try:
            return (self._folder / SEEN).read_text().strip()
        except FileNotFoundError:
            return ""

    def _note_seen(self, known: Forgotten) -> None:
        beside = self._folder / f"{SEEN}.{os.getpid()}.new"
        with open(beside, "w") as file:
            file.write(known.digest)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._folder / SEEN)
        sync_folder(self._folder)


def _rewrite_tables(link: Link, known: Forgotten) -> tuple[int, int]:
    """Rewrite until nothing is found; return how many events, and how many tables were asked."""
    events, tables = 0, personal()
    for _ in range(_ROUNDS_MOST):
        found = _find(link, tables, known)
        if not any(found.values()):
            return events, len(tables) * len(link.place.hosts)
        names = Spellings(set().union(*found.values()))
        hours = _hours(link, tables, names)
        with link.session() as session:
            events += session.count(f"SELECT count() FROM events WHERE {names.of_row(tables[0])}")
        _mutate(link, tables[:1], names)
        with link.session() as session:
            _remake(session, hours)
        _mutate(link, tables[1:], names)
    raise StoreBroken(
        "names come back while they are taken out: servers are loading what holds them.",
        place=str(link.place),
        hint="Stop the servers that load into it, then forget the person again.",
    )


def _find(link: Link, tables: tuple[Personal, ...], known: Forgotten) -> dict[str, set[str]]:
    """Return the forgotten names in the rows of each table, as they are spelt, on any server."""
    found: dict[str, set[str]] = {}
    for table in tables:
        column = "arrayJoin(developer)" if table.packed else "developer"
        asked = f"SELECT DISTINCT {column} AS name FROM {table.rows}"
        told = {name for rows in link.ask_each(asked) for (name,) in rows if name}
        found[table.rows] = {name for name in told if name != FORGOTTEN and known.holds(name)}
    return found


def _hours(link: Link, tables: tuple[Personal, ...], names: Spellings) -> list[datetime]:
    """Return the hours in which any row of any server holds one of the names."""
    found: set[datetime] = set()
    for table in tables:
        asked = (
            f"SELECT DISTINCT toStartOfHour({table.when}) AS hour FROM {table.rows}"
            f" WHERE {names.of_row(table)}"
        )
        found.update(hour for rows in link.ask_each(asked) for (hour,) in rows)
    return sorted(found)


def _mutate(link: Link, tables: tuple[Personal, ...], names: Spellings) -> None:
    """Rewrite rows of tables on every server, and wait until each of them has done so."""
    link.everywhere([names.mutation(table) for table in tables])
    listed = ", ".join(f"'{table.rows}'" for table in tables)
    asked = (
        "SELECT countIf(NOT is_done), anyIf(latest_fail_reason, latest_fail_reason != '' AND"
        " NOT is_done) FROM system.mutations WHERE database = currentDatabase()"
        f" AND table IN ({listed})"
    )
    while True:
        answers = [rows[0] for rows in link.ask_each(asked)]
        for _, reason in answers:
            if reason:
                raise StoreBroken(
                    f"the events store cannot rewrite its rows: {str(reason)[:300]}",
                    place=str(link.place),
                    hint="See to that (its system.mutations tells more), then try again.",
                )
        if not any(waiting for waiting, _ in answers):
            return
        time.sleep(_LOOK_EVERY_S)


def _remake(session: Session, hours: list[datetime]) -> None:
    """Make anew what is made of the events that were rewritten, some hours at a time."""
    for table in ("forgotten_hours", "forgotten_chunk"):
        session.raw(f"DROP TEMPORARY TABLE IF EXISTS {table}")
        session.raw(f"CREATE TEMPORARY TABLE {table} (hour {TIME}) ENGINE = Memory")
    if not hours:
        return
    session.insert_rows("forgotten_hours", ["hour"], [[hour] for hour in hours])
    within = f"developer = '{FORGOTTEN}' AND toStartOfHour(time) GLOBAL IN (SELECT hour FROM {{}})"
    session.table(
        "forgotten_counts",
        f"SELECT toStartOfHour(time) AS hour, count() AS events FROM events"
        f" WHERE {within.format('forgotten_hours')} GROUP BY hour",
    )
    chunk: list[datetime] = []
    held = 0
    counted = session.rows("SELECT hour, events FROM forgotten_counts ORDER BY hour")
    for number, (hour, events) in enumerate(counted, 1):
        chunk.append(hour)
        held += events
        if held < CHUNK_EVENTS and number < len(counted):
            continue
        session.raw("TRUNCATE TEMPORARY TABLE forgotten_chunk")
        session.insert_rows("forgotten_chunk", ["hour"], [[each] for each in chunk])
        keep_up(session, f"SELECT * FROM events WHERE {within.format('forgotten_chunk')}")
        chunk, held = [], 0


def _old_parts(link: Link) -> int:
    listed = ", ".join(f"'{table.rows}'" for table in personal())
    asked = (
        "SELECT count() FROM system.parts WHERE database = currentDatabase()"
        f" AND NOT active AND table IN ({listed})"
    )
    return sum(int(rows[0][0]) for rows in link.ask_each(asked))
