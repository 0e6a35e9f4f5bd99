"""Alerts of our own that fired in the window.

Reads: the ledger of this machine or of the database that PAWL_RECORDS_URL names; with
PAWL_SERVER those of that server.
"""

from pawl.investigation.facts import Facts
from pawl.world.source import Asking, Source


def _missing(asking: Asking) -> str:
    return "" if asking.recorded is not None else "there are no records here."


def _look(asking: Asking) -> Facts:
    assert asking.recorded is not None
    return Facts(alarms=asking.recorded.alarms(asking.window.since, asking.window.until))


SOURCE = Source(title="Alerts", answers=("alerts",), missing=_missing, look=_look)
