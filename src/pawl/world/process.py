"""Start an agent's process and end everything it started, however well that hid.

Linux: Pawl makes itself the reaper of its descendants (`PR_SET_CHILD_SUBREAPER`, prctl(2)), so
a daemon that detached itself becomes Pawl's own child instead of init's, and can be found by
parentage whatever process group, session or environment it gave itself. The agent itself dies
with Pawl (`PR_SET_PDEATHSIG`), because an agent that nobody supervises must not go on spending.

macOS has neither. There the descendants seen once a second are remembered with their start
times, and the agent's process group is ended with them; a process that detached itself between
two looks can get away, and the run's record cannot know of it.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from pawl.base.errors import Refused
from pawl.world.process_table import LINUX, Process, descendants, marked, processes, send

RUN_MARK = "PAWL_RUN_ID"
"""The variable in every environment below a run: how the next start knows what a dead run left."""

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>
_PIPE_BYTES = 1024 * 1024
_FREEZE_ROUNDS = 50
_KILL_WAIT_S = 5.0
_SURE_LOOKS = 3
"""Looks in a row that must find nobody. The table is read process by process, and one that forks
and ends meanwhile can be missing from it both as itself and as its child."""
_LOOK_EVERY_S = 1.0


class Spawned:
    """An agent's process. `stdout` and `stderr` are the reading ends of its pipes, non-blocking."""

    def __init__(self, popen: "subprocess.Popen[bytes]") -> None:
        assert popen.stdout is not None
        assert popen.stderr is not None
        self._popen = popen
        self.pid = popen.pid
        self.stdout = popen.stdout.fileno()
        self.stderr = popen.stderr.fileno()
        for fd in (self.stdout, self.stderr):
            os.set_blocking(fd, False)
            _widen(fd)

    @property
    def status(self) -> int | None:
        """The exit code, or minus the signal, or None while it lives (see `Tree.reap`)."""
        return self._popen.returncode

    def ended(self, status: int) -> None:
        """Take note of how it ended; `Tree.reap` calls this."""
        self._popen.returncode = status

    def close(self) -> None:
        """Close the pipes."""
        for pipe in (self._popen.stdout, self._popen.stderr):
            if pipe is not None:
                pipe.close()


class Tree:
    """Everything below this process, except what was there before.

    `pass_fds` stay open in the agent's process.
    """

    pass_fds: Sequence[int] = ()

    def __init__(self) -> None:
        self.reaper = _become_subreaper() if LINUX else False
        self._before = {p.pid: p.start for p in descendants(processes(), {os.getpid()})}
        self._spawned: Spawned | None = None
        self._seen: dict[int, Process] = {}
        self._looked = 0.0

    def spawn(self, argv: Sequence[str], *, environment: Mapping[str, str], folder: str) -> Spawned:
        """Start the agent with our own stdin, in a session of its own.

        Call before any thread starts: the child runs Python between fork and exec. Raises Refused
        when the program cannot be started.
        """
        program = find_program(argv[0], environment, folder)
        try:
            popen = subprocess.Popen(
                argv,
                executable=program,
                cwd=folder,
                env=dict(environment),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                bufsize=0,
                pass_fds=self.pass_fds,
                preexec_fn=dies_with_parent(),
            )
        except OSError as error:
            raise Refused(
                f"{argv[0]} cannot be started: {error.strerror or error}.",
                hint="See that the file is a program for this machine and may be executed.",
            ) from error
        self._spawned = Spawned(popen)
        return self._spawned

    def reap(self) -> int:
        """Take note of every child that has ended; return how many."""
        count = 0
        if not LINUX and time.monotonic() - self._looked > _LOOK_EVERY_S:
            self._looked = time.monotonic()
            self.members()
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return count
            if pid == 0:
                return count
            count += 1
            if self._spawned is not None and pid == self._spawned.pid:
                self._spawned.ended(os.waitstatus_to_exitcode(status))

    def members(self) -> list[Process]:
        """Return what lives below us and is part of the run, parents first."""
        table = processes()
        below = descendants(table, {os.getpid()})
        if not LINUX:
            self._seen.update((p.pid, p) for p in below)
            still = {p.pid for p in self._seen.values() if _lives(p, table)}
            below += [p for p in descendants(table, still) if p.pid not in still]
            known = {p.pid for p in below}
            below += [table[pid] for pid in sorted(still - known)]
        # What was there before us, a job of the shell we replaced, is not ours; nor is what it
        # starts. `ps` itself is a child of ours while it runs.
        others = {p.pid for p in below if self._before.get(p.pid) == p.start}
        others |= {p.pid for p in descendants(table, others)}
        return [p for p in below if p.pid not in others and not p.zombie]

    def terminate(self, number: int = signal.SIGTERM) -> int:
        """Tell every member to end, stopped ones included; return how many were told."""
        told = 0
        self._send_group(number)
        for process in self.members():
            told += send(process, number)
            send(process, signal.SIGCONT)
        return told

    def kill(self) -> int:
        """Kill every member; return how many. What cannot be killed is left after five seconds.

        All are frozen first, until a look finds nobody new: a process that forks faster than it
        is killed cannot get away while none of them runs.
        """
        frozen: dict[int, Process] = {}
        self._send_group(signal.SIGKILL)
        quiet = 0
        for _ in range(_FREEZE_ROUNDS):
            fresh = [p for p in self.members() if frozen.get(p.pid) != p]
            for process in fresh:
                send(process, signal.SIGSTOP)
                frozen[process.pid] = process
            quiet = 0 if fresh else quiet + 1
            if quiet == _SURE_LOOKS:
                break
        killed = 0
        for process in frozen.values():
            killed += send(process, signal.SIGKILL)
        until = time.monotonic() + _KILL_WAIT_S
        quiet = 0
        while quiet < _SURE_LOOKS and time.monotonic() < until:
            left = self.members()
            for process in left:
                if frozen.setdefault(process.pid, process) is process:
                    killed += 1
                send(process, signal.SIGKILL)
            self.reap()
            quiet = 0 if left else quiet + 1
            if left:
                time.sleep(0.005)
        self.reap()
        return killed

    def _send_group(self, number: int) -> None:
        """Send a signal to the agent's process group, where parentage alone does not tell."""
        if not LINUX and self._spawned is not None and self._spawned.status is None:
            try:
                os.killpg(self._spawned.pid, number)
            except (ProcessLookupError, PermissionError):
                pass  # It ended just now.


def find_program(name: str, environment: Mapping[str, str], folder: str) -> str:
    """Return the path of a program as the child would find it; raises Refused."""
    if os.sep in name:
        found = os.path.join(folder, name)
        if os.path.isfile(found) and os.access(found, os.X_OK):
            return found
        what = "is not executable" if os.path.exists(found) else "does not exist"
        raise Refused(f"{name} {what}.", hint="Check the path of the agent's command.")
    path = environment.get("PATH", os.defpath)
    located = shutil.which(name, path=path)
    if located is None:
        raise Refused(
            f"The command {name!r} was not found on PATH.",
            hint="Install the agent, or give the path of its program.",
        )
    return os.path.join(folder, located)


def kill_marked(run_id: str, *, spare: int) -> int:
    """Kill what a dead run left: processes whose environment carries its id; return how many.

    `spare` is a process that is not touched, together with those above it: Pawl itself, which
    may run inside the very run that it cleans up after.
    """
    table = processes()
    spared = set()
    while spare in table and spare not in spared:
        spared.add(spare)
        spare = table[spare].parent
    killed = 0
    for _ in range(_FREEZE_ROUNDS):
        found = [p for p in marked(RUN_MARK).get(run_id, []) if p.pid not in spared]
        hit = sum(send(process, signal.SIGKILL) for process in found)
        if not hit:
            break
        killed += hit
        time.sleep(0.005)
    return killed


def _lives(process: Process, table: dict[int, Process]) -> bool:
    now = table.get(process.pid)
    return now is not None and now.start == process.start


def _widen(fd: int) -> None:
    """Give a pipe room for bursts, so that the agent seldom waits for us (Linux)."""
    if LINUX:
        import fcntl

        try:
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            pass  # The user's share of pipe memory is used up: the usual 64 KiB do.


def _prctl() -> Callable[[int, int], int] | None:
    import ctypes

    try:
        function = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    function.restype = ctypes.c_int
    return lambda option, value: int(function(option, value, 0, 0, 0))


def _become_subreaper() -> bool:
    prctl = _prctl()
    return prctl is not None and prctl(_SET_CHILD_SUBREAPER, 1) == 0


def die_with_parent(parent: int) -> None:
    """Have this process, which `parent` has just forked, die with it (Linux)."""
    prctl = _prctl() if LINUX else None
    if prctl is not None:
        prctl(_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It died before the line above.
        os._exit(1)


def dies_with_parent(number: int = signal.SIGKILL) -> Callable[[], None] | None:
    """Return what a child does between fork and exec to get a signal when we die; None where
    the system has no such thing. No thread may run when the child is started."""
    prctl = _prctl() if LINUX else None
    if prctl is None:
        return None
    parent = os.getpid()

    def prepare() -> None:
        prctl(_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # We died before the line above.
            os._exit(1)

    return prepare
