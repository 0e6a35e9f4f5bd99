"""Which events are new to whoever asks: those loaded after a mark, in the order of loading.

The mark is a row's number in the embedded engine together with the event in it. Rows only move
when events are deleted; then another event, or none, is where the mark was, and the answer is that
it no longer stands. Whoever asked starts anew. ClickHouse numbers no rows: see `clickhouse_news`.
"""

from collections.abc import Iterator

import msgspec

from pawl.store.events.answers import Rows, events, moment
from pawl.telemetry.event import Event

_NEWEST = "SELECT rowid, id FROM events ORDER BY rowid DESC LIMIT 1"
_STANDS = "SELECT id FROM events WHERE rowid = $row"
_AFTER = "SELECT rowid, e.* FROM events AS e WHERE rowid > $row ORDER BY rowid LIMIT $limit"
_NTH = """SELECT time FROM events WHERE time >= $since AND time < $until
ORDER BY time DESC LIMIT 1 OFFSET $most"""
_PAGE = """SELECT * FROM events
WHERE (time > $since OR (time = $since AND id > $id)) AND time < $until
ORDER BY time, id LIMIT $limit"""


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
    found = rows(_AFTER, {"row": mark.row, "limit": limit})
    if not found:
        return (), mark
    last = found[-1]
    told = tuple(events(row[1:] for row in found))
    return told, Mark(row=int(last[0]), id=str(last[1]))


def between(
    rows: Rows, since: str, until: str, most: int, page: int
) -> Iterator[tuple[Event, ...]]:
    """Yield pages of the newest `most` events of a time, oldest first."""
    begin, end = moment(since), moment(until)
    oldest = rows(_NTH, {"since": begin, "until": end, "most": most})
    at, identity = (oldest[0][0], "\U0010ffff") if oldest else (begin, "")
    while True:
        asked = {"since": at, "id": identity, "until": end, "limit": page}
        found = rows(_PAGE, asked)
        if not found:
            return
        identity, at = found[-1][0], found[-1][1]
        yield tuple(events(found))


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
