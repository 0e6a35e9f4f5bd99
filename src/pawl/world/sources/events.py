"""What agents told: requests, errors, refused tools, cost and models, and traces of work.

Reads: the events store of this machine, or the ClickHouse database that PAWL_EVENTS_URL names;
with PAWL_SERVER that of the server.
"""

from pawl.investigation.facts import Facts
from pawl.world.source import Asking, Source


def _missing(asking: Asking) -> str:
    return "" if asking.recorded is not None else "there are no records here."


def _look(asking: Asking) -> Facts:
    assert asking.recorded is not None
    return asking.recorded.event_facts(asking.window.since, asking.window.until, asking.terms)


SOURCE = Source(title="Events and traces", answers=("events",), missing=_missing, look=_look)
