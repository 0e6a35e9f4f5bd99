"""Which events are new to whoever asks: those loaded after a mark, in the order of loading.

The mark is a row's number in the embedded engine together with the event in it. Rows only move
when events are deleted; then another event, or none, is where the mark was, and the answer is that
it no longer stands. Whoever asked starts anew. ClickHouse numbers no rows: see `clickhouse_news`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from pawl.base import typed
from pawl.store.events.answers import Rows, moment
from pawl.store.events.schema import EVENT_COLUMNS
from pawl.telemetry.event import Event, Kind, Source

_NEWEST = "SELECT rowid, id FROM events ORDER BY rowid DESC LIMIT 1"
_STANDS = "SELECT id FROM events WHERE rowid = $row"
_AFTER = "SELECT rowid, id, {event} FROM events WHERE rowid > $row ORDER BY rowid LIMIT $limit"
_NTH = """SELECT time FROM events WHERE time >= $since AND time < $until
ORDER BY time DESC LIMIT 1 OFFSET $most"""
_LAST_ID = "\U0010ffff"
"""No id comes behind it."""
_BOUNDS = """SELECT time, id FROM (
    SELECT time, id, row_number() OVER (ORDER BY time, id) AS number FROM events
    WHERE time >= $since AND (time > $since OR id > $id) AND time < $until)
WHERE number % $page = 0 ORDER BY time, id"""
_PAGE = """SELECT {columns} FROM events
WHERE time >= $since AND (time > $since OR id > $id)
    AND time <= $last AND (time < $last OR id <= $last_id) AND time < $until
ORDER BY time, id"""
"""The bounds come first, so that the engine skips what lies outside instead of sorting it."""
_TOLD = {
    "time": "strftime(time, '%Y-%m-%dT%H:%M:%S.%fZ')",
    "attributes": "coalesce(attributes, MAP {})",
}
_PARTS = (f"'{name}': " + _TOLD.get(name, f'"{name}"') for name in EVENT_COLUMNS)
_EVENT = f"to_json({{{', '.join(_PARTS)}}})"
"""An event as text: the engine writes and msgspec reads it in a third of the time of a row."""
_AT_ONCE = 1_000
"""Texts read at once; nobody else gets to work in this process meanwhile."""
_EMPTY = ':""'
_READER = typed.decoder(list[Event])
_KINDS, _SOURCES = frozenset(Kind), frozenset(Source)

Told = Callable[[list[tuple[Any, ...]]], list[Event]]
"""Rows of one column or more as events."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Up to where somebody has seen the events: a row and what is in it; -1 is before the first."""

    row: int = -1
    id: str = ""


def newest(rows: Rows) -> Mark:
    """Return the mark of the event loaded last."""
    found = rows(_NEWEST, {})
    return Mark(row=int(found[0][0]), id=str(found[0][1])) if found else Mark()


def after(rows: Rows, mark: Mark, limit: int) -> tuple[tuple[Event, ...], Mark] | None:
    """Return the first events loaded after a mark with the mark of the last; None if it moved."""
    if mark.row >= 0 and rows(_STANDS, {"row": mark.row}) != [(mark.id,)]:
        return None
    found = rows(_AFTER.replace("{event}", _EVENT), {"row": mark.row, "limit": limit})
    if not found:
        return (), mark
    number, identity, _ = found[-1]
    told = tuple(events_of([row[2] for row in found]))
    return told, Mark(row=int(number), id=str(identity))


def between(
    rows: Rows, since: str, until: str, most: int, page: int
) -> Iterator[tuple[Event, ...]]:
    """Yield pages of the newest `most` events of a time, oldest first."""
    return pages(
        rows, since, until, most, page, _EVENT, lambda found: events_of([row[0] for row in found])
    )


def pages(
    rows: Rows, since: str, until: str, most: int, page: int, columns: str, told: Told
) -> Iterator[tuple[Event, ...]]:
    """Yield what `between` does, with the columns that an engine gives events by.

    Where the pages end is asked once, and then for each page by its bounds. What is loaded
    meanwhile is in its page or in none, and comes again behind the mark taken before.
    """
    end = moment(until)
    since_time: object = moment(since)
    oldest = rows(_NTH, {"since": since_time, "until": end, "most": most})
    since_id = ""
    if oldest:
        since_time, since_id = oldest[0][0], _LAST_ID
    asked = {"since": since_time, "id": since_id, "until": end}
    statement = _PAGE.replace("{columns}", columns)
    for last, last_id in [*rows(_BOUNDS, asked | {"page": page}), (end, _LAST_ID)]:
        found = rows(statement, asked | {"last": last, "last_id": last_id})
        asked |= {"since": last, "id": last_id}
        if found:
            yield tuple(told(found))


def events_of(texts: Sequence[str]) -> list[Event]:
    """Return events of the engine's texts; kinds and sources of a later Pawl are passed over."""
    found: list[Event] = []
    for begin in range(0, len(texts), _AT_ONCE):
        part = texts[begin : begin + _AT_ONCE]
        text = f"[{','.join(part)}]"
        if _EMPTY not in text:  # An attribute that says nothing is none.
            try:
                found += _READER.decode(text)
                continue
            except msgspec.ValidationError:
                pass  # A kind of a later Pawl, or an attribute without a value.
        found += filter(None, map(_event, part))
    return found


def _event(text: str) -> Event | None:
    values = msgspec.json.decode(text)
    if values["kind"] not in _KINDS or values["source"] not in _SOURCES:
        return None
    values["attributes"] = {name: value for name, value in values["attributes"].items() if value}
    return typed.convert(values, Event)


_RUN_OF = """SELECT coalesce(e.run_id, s.run_id, e.session_id) AS place
FROM events AS e LEFT JOIN run_sessions AS s ON s.session_id = e.session_id
WHERE {where} AND coalesce(e.run_id, s.run_id, e.session_id) IS NOT NULL
ORDER BY e.run_id IS NULL, e.time,
    CASE WHEN e.time >= s.since AND e.time < s.until THEN 0 ELSE 1 END, place LIMIT 1"""
_WHERE = {
    "event": "e.id = $id",
    "request": "(e.request_id = $id OR e.message_id = $id OR e.id = $id)",
    "session": "e.session_id = $id",
    "run": "e.run_id = $id",
}


def run_of(rows: Rows, kind: str, identity: str) -> str | None:
    """Return the run or observed session that an event, a request or a session is part of.

    Of several runs that carried one session it is the one that did so at the time.
    """
    if kind not in _WHERE:
        return None
    found = rows(_RUN_OF.replace("{where}", _WHERE[kind]), {"id": identity})
    return str(found[0][0]) if found else None
