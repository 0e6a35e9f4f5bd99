"""`pawl up` whose clock of incidents is killed or hangs after its first look; started by a test.

Called with `killed` or `stuck`, then the arguments of `pawl`.
"""

import sys
import threading

from pawl.cli.main import main
from pawl.services.incident_timers import IncidentTimers

_LOOK = IncidentTimers.tick
_LOOKED = threading.Event()


def _once(self: IncidentTimers) -> object:
    """Look once; afterwards never come back, or end the thread without a word."""
    if not _LOOKED.is_set():
        _LOOKED.set()
        return _LOOK(self)
    if sys.argv[1] == "killed":
        raise SystemExit
    threading.Event().wait()
    raise AssertionError


if __name__ == "__main__":
    IncidentTimers.tick = _once  # type: ignore[method-assign,assignment]
    raise SystemExit(main(sys.argv[2:]))
