"""Become a program that dies with whoever started it. Run as a script, by itself (Linux, macOS).

Arguments: the number of the process that started us, then the program's argv. A server has many
threads, and a child of such a process must not run Python of ours between fork and exec; so this
small script does it after. It imports nothing of ours.
"""

import ctypes
import os
import signal
import sys

_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the program; returns only on failure."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(arguments[0]):  # It died before the line above.
        os._exit(1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these; programs expect them.
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(arguments[1], arguments[1:])  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"{arguments[1]} cannot be started: {error.strerror}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.exit(127)
