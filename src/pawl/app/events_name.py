"""What the events of this machine are called where several servers share records."""

from __future__ import annotations


def events_name(own: str) -> str:
    """Return `own` for a store of this machine's own, else the cluster and database of all of them.

    Two servers on one cluster see the same events, so what they tell of these must stand under one
    name: else alerts would be told twice and spend counted twice. Raises BadValue for a
    PAWL_EVENTS_URL that names nothing.
    """
    from pawl.app import events_url
    from pawl.store.events.clickhouse_place import read_place

    url = events_url()
    return own if url is None else read_place(url).shared_name
