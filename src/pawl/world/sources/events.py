"""What agents told: requests, errors, refused tools, cost and models, and traces of work.

Reads: the events store of this machine, or the ClickHouse database that PAWL_EVENTS_URL names.
"""

from pawl.investigation.facts import Facts
from pawl.investigation.from_events import facts_of_events
from pawl.investigation.symptoms import epoch
from pawl.world.source import Asking, Source


def _missing(asking: Asking) -> str:
    return "" if asking.recorded is not None else "there are no records here."


def _look(asking: Asking) -> Facts:
    assert asking.recorded is not None
    since, until = asking.window.since, asking.window.until
    told = asking.recorded.events(since, until)
    return facts_of_events(told, epoch(since), epoch(until), asking.terms)


SOURCE = Source(title="Events and traces", answers=("events",), missing=_missing, look=_look)
