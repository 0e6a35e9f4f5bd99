"""Nothing an agent starts gets away, and nothing else is touched."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pawl.base.errors import Refused
from pawl.world.process import RUN_MARK, Spawned, Tree, find_program, kill_marked
from pawl.world.process_table import descendants, processes

linux = pytest.mark.skipif(sys.platform != "linux", reason="a subreaper is Linux's")

DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, str(os.getpid()).encode() + b"\\n")
    os.closerange(0, 64)
    time.sleep(60)
os.wait()
"""

STORM = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"x\\n")
until = time.monotonic() + 20
while time.monotonic() < until:
    if os.fork(): os._exit(0)
    os.setsid()
    time.sleep(0.0005)
"""

STORM_KILLED = """
import os, select, sys, time
from pawl.world.process import Tree
tree = Tree()
storm = (sys.executable, "-I", "-S", "-c", sys.argv[1])
child = tree.spawn(storm, environment=os.environ, folder="/")
select.select([child.stdout], [], [], 30)
print("stormed" if os.read(child.stdout, 16) else "silent")
time.sleep(0.1)
tree.kill()
print(tree.members())
time.sleep(0.1)
print(tree.members())
child.close()
"""


@pytest.fixture
def tree() -> Iterator[Tree]:
    tree = Tree()
    yield tree
    tree.kill()


def spawn(tree: Tree, code: str, **environment: str) -> Spawned:
    command = (sys.executable, "-I", "-S", "-c", code)
    return tree.spawn(command, environment={**os.environ, **environment}, folder="/")


def first_line(child: Spawned) -> str:
    for _ in range(500):
        try:
            return os.read(child.stdout, 4096).decode()
        except BlockingIOError:
            time.sleep(0.01)
    raise AssertionError("nothing was printed in five seconds")


def wait_for_end(tree: Tree, child: Spawned) -> int:
    for _ in range(500):
        tree.reap()
        if child.status is not None:
            return child.status
        time.sleep(0.01)
    raise AssertionError("it did not end in five seconds")


def test_status_tells_exit_codes_and_signals(tree: Tree) -> None:
    """An exit code is told as it is, a signal as its negative number."""
    child = spawn(tree, "raise SystemExit(7)")
    assert wait_for_end(tree, child) == 7
    child.close()
    child = spawn(tree, "import os; os.kill(os.getpid(), 9)")
    assert wait_for_end(tree, child) == -9
    child.close()


@linux
def test_a_daemon_that_hid_in_another_session_is_found_and_killed(tree: Tree) -> None:
    """Detached twice, deaf to TERM, without open files: parentage still tells."""
    child = spawn(tree, DAEMON)
    daemon = int(first_line(child))
    assert wait_for_end(tree, child) == 0
    assert daemon in {process.pid for process in tree.members()}
    assert tree.terminate() == 1
    time.sleep(0.05)
    assert tree.members() != []
    assert tree.kill() == 1
    assert tree.members() == []
    assert daemon not in processes()
    child.close()


@linux
def test_a_fork_storm_ends() -> None:
    """A process that is never the same for a millisecond is frozen before it is killed.

    In a process of its own: what other tests left running, a database say, may lose a parent in
    the meantime, and whoever loses theirs comes to us.
    """
    found = subprocess.run(
        (sys.executable, "-c", STORM_KILLED, STORM),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.stdout.splitlines() == ["stormed", "[]", "[]"]


def test_what_was_there_before_is_not_touched() -> None:
    """A job of the shell that Pawl replaced is neither told nor killed."""
    with subprocess.Popen(["sleep", "60"]) as other:
        tree = Tree()
        child = spawn(tree, "import time; print(1, flush=True); time.sleep(60)")
        first_line(child)
        assert [process.pid for process in tree.members()] == [child.pid]
        tree.kill()
        assert other.poll() is None
        other.kill()
        child.close()


@linux
def test_a_dead_runs_processes_are_known_by_their_environment() -> None:
    """Only what carries the run's id is killed."""
    run = f"run_{os.urandom(8).hex()}"
    marked = subprocess.Popen(["sleep", "60"], env={**os.environ, RUN_MARK: run})
    other = subprocess.Popen(["sleep", "60"], env={**os.environ, RUN_MARK: f"{run}x"})
    with marked, other:
        time.sleep(0.05)  # Between fork and exec a child still has our environment.
        assert kill_marked(run, spare=os.getpid()) == 1
        assert marked.wait(5) == -9
        assert other.poll() is None
        other.kill()


def test_descendants_come_parents_first_and_without_cycles() -> None:
    """The walk ends on any table, even one read while processes came and went."""
    table = processes()
    found = descendants(table, {1, os.getppid()})
    seen = {1, os.getppid()}
    for process in found:
        assert process.parent in seen
        seen.add(process.pid)


def test_a_missing_program_is_refused(tmp_path: Path) -> None:
    """A name that is not on PATH, a path that is not there, a file that may not run."""
    plain = tmp_path / "plain"
    plain.write_text("no program")
    for name in ("no-such-program-anywhere", str(tmp_path / "gone"), str(plain)):
        with pytest.raises(Refused):
            find_program(name, os.environ, str(tmp_path))


def test_a_program_is_found_as_the_child_would_find_it(tmp_path: Path) -> None:
    """The child's own PATH counts, and a relative path starts at the run's folder."""
    program = tmp_path / "agent"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_program("agent", {"PATH": str(tmp_path)}, "/") == str(program)
    assert find_program("./agent", {}, str(tmp_path)) == f"{tmp_path}/./agent"


def test_a_file_that_is_no_program_is_refused(tree: Tree, tmp_path: Path) -> None:
    """What the system cannot execute is a refusal with its reason."""
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELFnonsense")
    broken.chmod(0o755)
    with pytest.raises(Refused):
        tree.spawn((str(broken),), environment=os.environ, folder="/")
