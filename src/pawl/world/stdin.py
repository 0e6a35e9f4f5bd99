"""Pawl's stdin, which the agent reads and Pawl does not."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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


@contextmanager
def stdin_holds(content: bytes) -> Iterator[None]:
    """Have whoever is started meanwhile read this from stdin, as a file that can be read again.

    It is a file without a name: no argument of a process, which others on the machine can list.
    """
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        if file.fileno() == 0:  # There was no stdin, so the file has its place already.
            os.set_inheritable(0, True)
            yield
            return
        before = os.dup(0)
        try:
            os.dup2(file.fileno(), 0)
            yield
        finally:
            os.dup2(before, 0)
            os.close(before)
