"""Bringing a store in ClickHouse that an older Pawl made to the tables of this one.

Events stay as they are; what is made of them is dropped and made anew. Nobody may load meanwhile:
servers of the older Pawl are stopped before the first of the new one starts.
"""

import logging

from pawl.store.events import clickhouse_schema
from pawl.store.events.clickhouse_link import Link
from pawl.store.events.clickhouse_loading import remake, windows
from pawl.store.events.schema import FORMAT

_log = logging.getLogger(__name__)


def upgrade(link: Link) -> None:
    """Make the tables that are made of events anew; dying in between has it done again."""
    place = link.place
    _log.warning("%s is of an older Pawl: its tables are made anew.", place)
    link.everywhere([*clickhouse_schema.drop_derived(place), *clickhouse_schema.statements(place)])
    with link.session() as session:
        for window in windows(session, "true", {}):
            remake(session, window)
        into = clickhouse_schema.written(place, "meta")
        session.insert_rows(into, ["name", "value"], [["format", str(FORMAT)]])
