"""Prompts, answers and contents of tools: kept apart from events, and by day.

A day is that of the event. An event that claims to be of the future, or older than what is kept,
goes to the day it came, so that no clock but ours decides how long a text stays. What is too old
goes with its file, and no page of a database has to be searched for it.
"""

import re
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from pawl.governance.forgetting import normal
from pawl.store.content_days import ALONE, SHARED, DayFiles
from pawl.store.events.forgetting import register
from pawl.telemetry.content import Content, Role, kept_text

_OPEN_DAYS = 4
"""Days whose files stay open to write."""
_ROOM_OF_ONE = 256
"""Characters that a text takes of the room on a page beside its own, so that many empty ones are
not for nothing."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MIB = 1024 * 1024
_Row = tuple[object, ...]


class Stored(NamedTuple):
    """One text as it is kept. `day` is the one it is kept under."""

    event_id: str
    role: Role
    time: str
    characters: int
    text: str
    day: str


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How many days texts are kept, how many bytes of each, and how much of all."""

    days: int = 30
    max_bytes: int = 65_536
    max_mib: int = 4096


class _Open(NamedTuple):
    connection: sqlite3.Connection
    inode: int | None


class Contents:
    """The texts of one data folder, for any number of threads; `now` gives the canonical time.

    Nothing is made before the first text is kept.
    """

    def __init__(self, folder: Path, now: Callable[[], str], rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self._data = folder
        self._files = DayFiles(folder)
        self._now = now
        self._tidied = ""
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}

    # -- keeping ----------------------------------------------------------------------------------

    def keep(self, found: Sequence[Content]) -> int:
        """Store texts durably, without secrets; return how many were new.

        The first call of a day deletes the days that are too old.
        Texts of people who were forgotten are left out, and all of them while the folder is
        full. Raises ContentsUnavailable; what was stored before is not stored again.
        """
        if not found:
            return 0
        if self._tidied != self._now()[:10]:
            # Where no server runs nobody else does it.
            self.tidy()
        if self.full():
            return 0
        most = self.rules.max_bytes
        texts = [kept_text(each, most) for each in found]
        with self._files.explained(), self._lock, self._files.held(SHARED, make=True):
            # Asked under the lock: whoever forgets remembers the name first, and then waits.
            forgotten = register(self._data)
            now = self._now()
            rows: dict[str, list[_Row]] = {}
            strays: set[str] = set()
            for each, text in zip(found, texts, strict=True):
                if each.developer is not None and forgotten.holds(each.developer):
                    continue
                day = _day(each.time, now, self.rules.days)
                if day != each.time[:10]:
                    strays.add(each.event_id)
                rows.setdefault(day, []).append(_row(each, text))
            if strays:
                known = self._elsewhere(strays, but=now[:10])
                rows[now[:10]] = [row for row in rows[now[:10]] if row[:2] not in known]
            return sum(self._insert(day, rows[day]) for day in sorted(rows))

    def full(self) -> bool:
        """Say whether the folder has reached its bound; raises ContentsUnavailable."""
        with self._files.explained():
            return self._files.size() >= self.rules.max_mib * _MIB

    def _insert(self, day: str, rows: list[_Row]) -> int:
        if not rows:
            return 0
        connection = self._writing(day)
        before = connection.total_changes
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT OR IGNORE INTO content"
                " (event_id, role, session_id, run_id, developer, time, characters, text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute("COMMIT")
        except BaseException:
            connection.close()  # Which rolls back.
            del self._open[day]
            raise
        return connection.total_changes - before

    def _elsewhere(self, events: Iterable[str], *, but: str) -> set[_Row]:
        """Return which texts of events without a day of their own came on another day."""
        wanted = _as_json(sorted(events))
        found: set[_Row] = set()
        for day in self._files.days():
            if day != but:
                found.update(
                    self._asked(
                        day,
                        "SELECT event_id, role FROM content"
                        " WHERE event_id IN (SELECT value FROM json_each(?))",
                        wanted,
                    )
                )
        return found

    def _writing(self, day: str) -> sqlite3.Connection:
        held = self._open.pop(day, None)
        if held is not None:
            if self._files.inode(day) == held.inode:
                self._open[day] = held  # The last used is the last to be closed.
                return held.connection
            held.connection.close()
        connection = self._files.open(day)
        self._open[day] = _Open(connection, self._files.inode(day))
        while len(self._open) > _OPEN_DAYS:
            self._open.pop(next(iter(self._open))).connection.close()
        return connection

    # -- reading ----------------------------------------------------------------------------------

    def of_session(
        self, session_id: str, room: int, runs: Sequence[str] = ()
    ) -> tuple[list[Stored], bool]:
        """Return the texts of a session by time, and whether some are left out.

        Of the `runs` that carried it come those that are of no session. They take no more than
        `room` characters together, each some more than it is long. Raises ContentsUnavailable.
        """
        carried = _as_json(runs)
        found: list[Stored] = []
        left_out = False
        with self._files.explained(), self._files.held(SHARED):
            for day in self._files.days():
                rows = self._asked(
                    day,
                    "SELECT event_id, role, time, characters, text FROM content"
                    " WHERE session_id = ?1 OR (session_id IS NULL"
                    " AND run_id IN (SELECT value FROM json_each(?2)))"
                    " ORDER BY time, event_id, role",
                    _plain(session_id),
                    carried,
                )
                for event, role, time, characters, text in rows:
                    room -= len(str(text)) + _ROOM_OF_ONE
                    if room < 0:
                        left_out = True
                        break
                    told = (str(event), Role(str(role)), str(time))
                    found.append(Stored(*told, int(str(characters)), str(text), day))
                rows.close()
        return sorted(found, key=lambda each: (each.time, each.event_id)), left_out

    def days(self) -> list[str]:
        """Return the days of which texts are there, the oldest first."""
        return self._files.days()

    def _asked(self, day: str, question: str, *values: str) -> Generator[_Row, None, None]:
        connection = self._files.open(day)
        try:
            yield from connection.execute(question, values)
        finally:
            connection.close()

    # -- deleting ---------------------------------------------------------------------------------

    def tidy(self) -> int:
        """Delete the days that are older than what is kept; return how many.

        Days further ahead than that go too: whichever clock was wrong, nothing stays longer than
        was asked for. Raises ContentsUnavailable.
        """
        today = date.fromisoformat(self._now()[:10])
        first = (today - timedelta(days=self.rules.days)).isoformat()
        last = (today + timedelta(days=self.rules.days)).isoformat()
        gone = self._delete(lambda day: not first <= day <= last)
        self._tidied = today.isoformat()
        return gone

    def drop_before(self, day: str) -> int:
        """Delete the days before one, such as `2026-11-21`; return how many there were."""
        return self._delete(lambda each: each < day)

    def _delete(self, goes: Callable[[str], bool]) -> int:
        with self._files.explained():
            days = sorted(filter(goes, self._files.traces()))
        if not days:
            return 0
        today = date.fromisoformat(self._now()[:10])
        writable = (today - timedelta(days=1)).isoformat()
        with self._files.explained(), self._lock, self._files.held(ALONE):
            self._close()
            for day in days:
                if writable <= day <= today.isoformat():
                    self._files.erase(day, lambda each: each.execute("DELETE FROM content"))
                else:
                    self._files.remove(day)
            self._files.sync()
        return len(days)

    def forget(self, names: Iterable[str], sessions: Sequence[str]) -> int:
        """Erase the texts of people, and of sessions of theirs; return how many.

        No byte of them is left in the files. Names are compared without case. Raises
        ContentsUnavailable; doing it again does the rest.
        """
        gone = 0
        persons = frozenset(map(normal, names))
        theirs = _as_json(sessions)

        def erase(connection: sqlite3.Connection) -> None:
            nonlocal gone
            connection.create_function("is_of", 1, lambda name: normal(name) in persons)
            gone += connection.execute(
                "DELETE FROM content WHERE (developer IS NOT NULL AND is_of(developer))"
                " OR session_id IN (SELECT value FROM json_each(?1))"
                " OR run_id IN (SELECT value FROM json_each(?1))",
                (theirs,),
            ).rowcount

        with self._files.explained(), self._lock, self._files.held(ALONE):
            self._close()
            for day in self._files.days():
                self._files.erase(day, erase)
        return gone

    def close(self) -> None:
        """Close what is open; it can be used again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        opened, self._open = self._open, {}
        for held in opened.values():
            held.connection.close()


def _day(time: str, now: str, days: int) -> str:
    """Return the day under which a text is kept: its own, where that can be believed."""
    oldest = (date.fromisoformat(now[:10]) - timedelta(days=days)).isoformat()
    believed = oldest <= time[:10] and time <= now and _DAY.fullmatch(time[:10])
    return time[:10] if believed else now[:10]


def _row(each: Content, text: str) -> _Row:
    named = (each.event_id, each.role.value, each.session_id, each.run_id, each.developer)
    plain = (None if value is None else _plain(value) for value in named)
    return (*plain, each.time, each.characters, text)


def _as_json(names: Iterable[str]) -> str:
    return msgspec.json.encode([_plain(each) for each in names]).decode()


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
