"""`pawl` with a clock that a file winds; started by tests.

Called with that file and then the arguments of `pawl`. The file holds how many seconds the clock is
ahead, and is read again at each look, so a server that runs is wound as well. Clocks that measure
patience (`time.monotonic`) stay as they are.
"""

import sys
import time
from pathlib import Path

from pawl.cli.main import main

_REAL = time.time
_FILE = Path(sys.argv[1])


def _wound() -> float:
    try:
        return _REAL() + float(_FILE.read_text())
    except (OSError, ValueError):
        return _REAL()


if __name__ == "__main__":
    time.time = _wound
    raise SystemExit(main(sys.argv[2:]))
