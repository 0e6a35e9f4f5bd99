"""Changes and rollouts of the desk: what was approved, shipped and taken back here.

Reads: the records of this machine or of the database that PAWL_RECORDS_URL names; with
PAWL_SERVER those of that server.
"""

from pawl.investigation.facts import Facts
from pawl.world.source import Asking, Source


def _missing(asking: Asking) -> str:
    return "" if asking.recorded is not None else "there are no records here."


def _look(asking: Asking) -> Facts:
    assert asking.recorded is not None
    return Facts(changes=asking.recorded.changes(asking.window.since, asking.window.until))


SOURCE = Source(title="Changes and rollouts", answers=("changes",), missing=_missing, look=_look)
