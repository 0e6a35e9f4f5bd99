"""Which processes there are, who started them, and sending each a signal safely.

Linux: read from /proc; a signal goes through a file descriptor of the process (pidfd), checked
against its start time, so a number that was given to another process meanwhile is never hit.
macOS: read from `ps`; numbers are checked against start times just before the signal.
"""

import os
import signal
import subprocess
import sys
from typing import NamedTuple

LINUX = sys.platform == "linux"
_MAX_ENVIRON = 1024 * 1024


class Process(NamedTuple):
    """One process. `start` tells two processes with the same number apart."""

    pid: int
    parent: int
    start: str
    zombie: bool


def processes() -> dict[int, Process]:
    """Return every process that can be seen, by number."""
    return _from_proc() if LINUX else _from_ps()


def descendants(table: dict[int, Process], roots: set[int]) -> list[Process]:
    """Return the processes below `roots`, parents first; the roots are not among them."""
    children: dict[int, list[Process]] = {}
    for process in table.values():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [child for root in sorted(roots) for child in children.get(root, ())]
    seen = set(roots)
    while waiting:
        process = waiting.pop(0)
        if process.pid not in seen:
            seen.add(process.pid)
            found.append(process)
            waiting.extend(children.get(process.pid, ()))
    return found


def send(process: Process, number: int) -> bool:
    """Send a signal to exactly this process; return whether it was there to get it."""
    try:
        if not LINUX:
            if _from_ps().get(process.pid, process)._replace(zombie=False, parent=0) != (
                process._replace(zombie=False, parent=0)
            ):
                return False
            os.kill(process.pid, number)
            return True
        fd = os.pidfd_open(process.pid)
        try:
            now = _stat(process.pid)
            if now is None or now.start != process.start:
                return False
            signal.pidfd_send_signal(fd, number)
            return True
        finally:
            os.close(fd)
    except (ProcessLookupError, PermissionError):
        return False


def marked(name: str) -> dict[str, list[Process]]:
    """Return the processes whose environment at their start had a variable, by its value.

    Only those of the same user can be seen; an empty answer where there is no /proc.
    """
    found: dict[str, list[Process]] = {}
    if not LINUX:
        return found
    wanted = name.encode() + b"="
    for process in _from_proc().values():
        if process.zombie:
            continue
        try:
            with open(f"/proc/{process.pid}/environ", "rb", buffering=0) as file:
                environment = file.read(_MAX_ENVIRON)
        except OSError:
            continue
        for entry in environment.split(b"\0"):
            if entry.startswith(wanted):
                value = os.fsdecode(entry[len(wanted) :])
                found.setdefault(value, []).append(process)
                break
    return found


def _from_proc() -> dict[int, Process]:
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (process := _stat(int(name))) is not None:
            found[process.pid] = process
    return found


def _stat(pid: int) -> Process | None:
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        text = os.read(fd, 4096)
    except OSError:
        return None  # It ended between the two calls.
    finally:
        os.close(fd)
    # The name in parentheses may hold anything, parentheses included; what follows may not.
    fields = text.rpartition(b")")[2].split()
    if len(fields) < 20:
        return None
    return Process(pid, int(fields[1]), fields[19].decode(), fields[0] in (b"Z", b"X"))


def _from_ps() -> dict[int, Process]:
    command = ("ps", "-A", "-o", "pid=,ppid=,stat=,lstart=")
    listed = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True).stdout
    found = {}
    for line in listed.splitlines():
        fields = line.split(None, 3)
        if len(fields) == 4:
            pid, parent, state, start = fields
            found[int(pid)] = Process(int(pid), int(parent), start, state.startswith("Z"))
    return found
