"""Which events are new to whoever asks, where several servers load and no row has a number.

Each event has the time at which it arrived, by the clock of the database server that took it in.
It is told of `SETTLED_S` later: by then every insert that began before it is done, so that nothing
arrives behind a mark. A mark is a time and an event, and always stands.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pawl.store.events.answers import Rows, events
from pawl.store.events.news import Mark, pages
from pawl.telemetry.event import Event

SETTLED_S = 15
"""Seconds in which an insert of events is done, clocks of servers set apart included."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NOW = "SELECT now64(6, 'UTC')"
_AFTER = """SELECT * FROM arrivals
WHERE arrived <= $until AND (arrived > $since OR (arrived = $since AND id > $id))
ORDER BY arrived, id LIMIT $limit"""


def newest(rows: Rows) -> Mark:
    """Return the mark behind which is everything that arrived in the last `SETTLED_S`."""
    ((now,),) = rows(_NOW, {})
    return Mark(row=_number(now - timedelta(seconds=SETTLED_S)))


def after(rows: Rows, mark: Mark, limit: int) -> tuple[tuple[Event, ...], Mark]:
    """Return the first events that arrived after a mark, with the mark of the last."""
    asked: Mapping[str, object] = {
        "since": _instant(max(0, mark.row)),
        "id": mark.id,
        "until": _instant(newest(rows).row),
        "limit": limit,
    }
    found = rows(_AFTER, asked)
    if not found:
        return (), mark
    told = tuple(events(row[:-1] for row in found))
    return told, Mark(row=_number(found[-1][-1]), id=str(found[-1][0]))


def between(
    rows: Rows, since: str, until: str, most: int, page: int
) -> Iterator[tuple[Event, ...]]:
    """Yield pages of the newest `most` events of a time, oldest first."""
    return pages(rows, since, until, most, page, "*", events)


def _number(moment: Any) -> int:
    return int((moment.replace(tzinfo=UTC) - _EPOCH) / _MICROSECOND)


def _instant(number: int) -> datetime:
    return (_EPOCH + number * _MICROSECOND).replace(tzinfo=None)
