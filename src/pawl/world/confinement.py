"""Hold an agent and the commands of a case to the copy they work in, and off the network.

The holding itself is done by `confined`, a script that each program begins as; `way_out` is the
process at the other end. On a machine that has no unprivileged namespaces nothing can be held,
and whoever asks is told so before anything starts.
"""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from pawl.base.errors import Refused
from pawl.evals.holding import CommandEnd, Hold, Seen, Ways
from pawl.world.process import Spawned, Tree, find_program
from pawl.world.process_table import LINUX
from pawl.world.way_out import WayOut

_SCRIPT = str(Path(__file__).with_name("confined.py"))
_PROBE_S = 20.0
_OUTPUT_BYTES = 16 * 1024
_TEMPORARY = "/tmp"  # noqa: S108
_LOADS = ("LD_", "GLIBC_", "MALLOC_", "PYTHON")
_MODULES = "/node_modules/"


@cache
def why_not() -> str:
    """Return why programs cannot be held on this machine, or nothing where they can."""
    if not LINUX:
        return "this system has no unprivileged network namespaces"
    with WayOut(Ways()) as way:
        plan = _plan(
            Hold(part=True, network="none", writable=(), tmp=""), way, "/bin/true", spare=()
        )
        try:
            subprocess.run(
                [*_launcher(), msgspec.json.encode(plan).decode(), "true"],
                check=False,
                timeout=_PROBE_S,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(way.door.fileno(),),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"its trial failed: {error}"
        seen = way.finish()
    told = seen.reports[-1] if seen.reports else {"failed": "it told nothing"}
    if told.get("failed"):
        return f"the machine has no unprivileged network namespaces ({told['failed']})"
    return "" if told.get("network") else "its network namespace has more than loopback"


class Confinement:
    """What holds one trial: its way out, its probes, and the trees of its programs."""

    def __init__(self, hold: Hold, ways: Ways) -> None:
        self.hold = hold
        self._ways = ways
        self._way = WayOut(ways) if LINUX else None
        self._outside, self._targets = _listen_outside() if hold.network == "none" else ([], [])

    def __enter__(self) -> "Confinement":
        return self

    def __exit__(self, *_: object) -> None:
        if self._way is not None:
            self._way.close()
        for each in self._outside:
            each.close()

    def tree(self) -> Tree:
        """Return the tree of the agent: its program is held, and has the way out."""
        return _HeldTree(self._way, self.hold, self._targets, watched=True, ways=self._ways)

    def finish(self) -> Seen:
        """Return what was seen; no program may start after this."""
        return Seen() if self._way is None else self._way.finish()

    def run(
        self, command: str, *, folder: str, environment: Mapping[str, str], timeout_s: float
    ) -> CommandEnd:
        """Run a shell command, held as the agent was but without its way out, to its end."""
        tree = _HeldTree(self._way, self.hold, self._targets, watched=False, ways=Ways())
        try:
            child = tree.spawn(["/bin/sh", "-c", command], environment=environment, folder=folder)
        except Refused as error:
            return CommandEnd(status=None, timed_out=False, output=str(error).encode())
        try:
            timed_out, output = _heard(tree, child, timeout_s)
        finally:
            tree.kill()
            child.close()
        status = None if timed_out or (child.status or 0) < 0 else child.status
        return CommandEnd(status=status, timed_out=timed_out, output=output)


class _HeldTree(Tree):
    def __init__(
        self,
        way: WayOut | None,
        hold: Hold,
        targets: Sequence[tuple[str, int]],
        *,
        watched: bool,
        ways: Ways,
    ) -> None:
        super().__init__()
        self._way, self._hold, self._targets = way, hold, targets
        self._watched, self._ways = watched, ways
        self.pass_fds = () if way is None else (way.door.fileno(),)

    def spawn(self, argv: Sequence[str], *, environment: Mapping[str, str], folder: str) -> Spawned:
        """Start a program that holds itself before it becomes the agent; raises Refused."""
        if self._way is None:
            return super().spawn(argv, environment=environment, folder=folder)
        program = find_program(argv[0], environment, folder)
        # What would load code into the program that does the holding is set when it has.
        late = {name: environment[name] for name in environment if name.startswith(_LOADS)}
        early = {name: value for name, value in environment.items() if name not in late}
        spare = [environment[name] for name in ("PAWL_HOOK_SOCKET",) if name in environment]
        plan = _plan(
            self._hold,
            self._way,
            program,
            argv=argv,
            late=late,
            spare=spare,
            watch=self._watched,
            ports=_ports(self._ways) if self._watched else (),
            probes=self._targets,
        )
        text = msgspec.json.encode(plan).decode()
        return super().spawn([*_launcher(), text, *argv], environment=early, folder=folder)


def _plan(
    hold: Hold,
    way: WayOut,
    program: str,
    *,
    spare: Sequence[str],
    argv: Sequence[str] = (),
    late: Mapping[str, str] | None = None,
    watch: bool = False,
    ports: Sequence[int] = (),
    probes: Sequence[tuple[str, int]] = (),
) -> dict[str, object]:
    named = [word for word in argv[1:] if os.path.isabs(word) and os.path.lexists(word)]
    kept = {*hold.needed, *(each for word in (program, *named) for each in _folders_of(word))}
    # The hooks' socket lies in /tmp where the path of the data folder is too long for one.
    kept |= {os.path.dirname(path) for path in spare}
    return {
        "door": way.door.fileno(),
        "program": program,
        "part": hold.part,
        "network": hold.network,
        "writable": list(hold.writable),
        # Where the program itself lies in /tmp, that stays, and can only be read.
        "tmp": "" if _TEMPORARY in kept else hold.tmp,
        "kept": sorted(kept),
        "hidden": [path for path in hold.hidden if os.path.isdir(path)],
        "memory": hold.memory,
        "spare": list(spare),
        "late": dict(late or {}),
        "watch": watch,
        "ports": list(ports),
        "probes": [list(each) for each in probes],
    }


def _folders_of(program: str) -> tuple[str, ...]:
    """Return the folders that a program lies in: where it was found, and where it really is.

    A package of npm's is no program without the packages beside it.
    """
    found = {os.path.dirname(program)}
    real = os.path.realpath(program)
    top, modules, _ = real.partition(_MODULES)
    found.add(top + modules.rstrip("/") if modules else os.path.dirname(real))
    return tuple(each for each in sorted(found) if each)


def _launcher() -> list[str]:
    return [sys.executable, "-I", "-S", _SCRIPT]


def _ports(ways: Ways) -> tuple[int, ...]:
    forwarded = () if ways.forward is None else (ways.forward[1],)
    return (*forwarded, ways.proxy_port)


def _listen_outside() -> tuple[list[socket.socket], list[tuple[str, int]]]:
    """Listen where every process outside can connect: what is held must not reach it.

    On loopback, and at this machine's own address where it has one. Each is tried from here
    first: an address that nobody reaches proves nothing of who cannot.
    """
    listening, targets = [], []
    for host in ("127.0.0.1", _own_address()):
        if not host:
            continue
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.bind((host, 0))
            listener.listen(8)
            with socket.create_connection(listener.getsockname(), timeout=2.0):
                pass
        except OSError:
            listener.close()
            continue
        listening.append(listener)
        targets.append((host, int(listener.getsockname()[1])))
    return listening, targets


def _own_address() -> str:
    """Return the address that this machine would go out from, or nothing; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        found = str(asking.getsockname()[0])
    return "" if found.startswith(("127.", "0.")) else found


def _heard(tree: Tree, child: Spawned, timeout_s: float) -> tuple[bool, bytes]:
    """Return whether a child had to be ended, and the end of what it printed."""
    until = time.monotonic() + timeout_s
    pipes, output = {child.stdout, child.stderr}, bytearray()
    while child.status is None:
        left = until - time.monotonic()
        if left <= 0:
            return True, bytes(output[-_OUTPUT_BYTES:])
        for fd in select.select(sorted(pipes), (), (), min(left, 0.05))[0]:
            piece = os.read(fd, 256 * 1024)
            output += piece
            if not piece:
                pipes.discard(fd)
        del output[:-_OUTPUT_BYTES]
        if not pipes:
            time.sleep(0.005)
        tree.reap()
    for fd in pipes:
        try:
            while piece := os.read(fd, 256 * 1024):
                output += piece
                del output[:-_OUTPUT_BYTES]
        except BlockingIOError:
            pass
    return False, bytes(output[-_OUTPUT_BYTES:])
