"""Pawl's stdin, which the agent reads and Pawl does not."""

import os
import stat
from collections.abc import Callable


def stdin_rewinder() -> Callable[[], bool]:
    """Return what brings stdin back to where it is now, for another attempt.

    It answers False for a pipe: what an attempt read of it is gone. A terminal and /dev/null
    have nothing to bring back.
    """
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return lambda: True
    if stat.S_ISREG(mode):
        start = os.lseek(0, 0, os.SEEK_CUR)
        return lambda: os.lseek(0, start, os.SEEK_SET) == start
    repeatable = stat.S_ISCHR(mode)
    return lambda: repeatable
