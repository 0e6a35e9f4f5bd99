"""Walk through all events in the order of their times, a page at a time."""

from collections.abc import Iterator

from pawl.store.events.answers import Rows, events, moment
from pawl.store.events.queries import query
from pawl.telemetry.event import Event

PAGE = 50_000


def walk_history(rows: Rows, since: str, until: str, *, page: int = PAGE) -> Iterator[Event]:
    """Yield the events of `since <= time < until` (canonical times), by time and id.

    Pages follow one another by the last event, so what is loaded meanwhile repeats nothing.
    """
    time, identity = moment(since), ""
    while True:
        parameters = {"time": time, "id": identity, "until": moment(until), "limit": page}
        found = rows(query("history"), parameters)
        yield from events(found)
        if len(found) < page:
            return
        columns = Event.__struct_fields__
        identity, time = found[-1][columns.index("id")], found[-1][columns.index("time")]
