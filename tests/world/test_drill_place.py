"""The sandbox of a drill: its own environment, and nothing is left of it."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pawl.base.errors import CannotTell
from pawl.world.drill_place import DrillPlace, clear_left, drill_place
from pawl.world.process_table import LINUX, processes

linux = pytest.mark.skipif(not LINUX, reason="detached processes are found by their mark")
DETACHED = """
import os, sys, time
if os.fork():
    sys.exit(0)
os.setsid()
open("pid", "w").write(str(os.getpid()))
time.sleep(60)
"""


def ended(place: DrillPlace, *command: str) -> tuple[int, bytes]:
    """Run a program to its end."""
    child = place.start(command)
    until = time.monotonic() + 30
    while (status := child.poll()) is None:
        assert time.monotonic() < until
        place.wait(0.01)
    return status, child.output()


def test_a_program_sees_nothing_of_the_real_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither keys nor servers nor the data folder come through; home and data are its own."""
    for name in (
        "ANTHROPIC_API_KEY",
        "PAWL_SERVER",
        "PAWL_TOKEN",
        "PAWL_RECORDS_URL",
        "https_proxy",
    ):
        monkeypatch.setenv(name, "secret")
    with drill_place("drl_env") as place:
        code = "import os, json; print(json.dumps(dict(os.environ)))"
        status, output = ended(place, sys.executable, "-S", "-c", code)
        text = output.decode()
        assert status == 0
        assert "secret" not in text
        assert f'"PAWL_DATA": "{place.folder}/data"' in text
        assert f'"HOME": "{place.folder}/home"' in text
    assert not place.folder.exists()


@linux
def test_what_hides_is_counted_and_ended() -> None:
    """A process in a session of its own, whose parent is gone, dies with the sandbox."""
    with drill_place("drl_hidden") as place:
        ended(place, sys.executable, "-c", DETACHED)
        file = place.folder / "work" / "pid"
        until = time.monotonic() + 30
        while not (file.exists() and file.read_text()):
            assert time.monotonic() < until
            time.sleep(0.01)
        assert place.processes() == 1
        pid = int(file.read_text())
    found = processes().get(pid)
    assert found is None or found.zombie


@linux
def test_what_a_dead_run_left_is_cleared(tmp_path: Path) -> None:
    """Its programs are ended and its folder is removed, and no other run's."""
    with drill_place("drl_dead") as place, drill_place("drl_other") as other:
        child = place.start(("sleep", "60"))
        until = time.monotonic() + 30
        while place.processes() != 1:  # Its environment is seen only once it has been started.
            assert time.monotonic() < until
            time.sleep(0.01)
        clear_left("drl_dead")
        while child.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert not place.folder.exists()
        assert other.folder.exists()


def test_a_program_that_is_not_there_cannot_be_started() -> None:
    """It is named."""
    with drill_place("drl_none") as place, pytest.raises(CannotTell, match="no-such-program"):
        place.start(("no-such-program",))


def test_what_it_wrote_is_counted() -> None:
    """Bytes of files, links not followed."""
    with drill_place("drl_bytes") as place:
        before = place.written_bytes()
        (place.folder / "data" / "a").write_bytes(b"x" * 1000)
        os.symlink("/etc", place.folder / "data" / "etc")
        assert 1000 <= place.written_bytes() - before < 1100


def test_a_repository_around_the_sandbox_has_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where temporary folders lie in a repository, that one's limits are not the sandbox's."""
    subprocess.run(("git", "init", "-q", str(tmp_path)), check=True)
    (tmp_path / "pawl.toml").write_text("[limits]\nwall = 'nonsense'\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with drill_place("drl_inside") as place:
        assert place.folder.is_relative_to(tmp_path)
        status, _ = ended(place, *place.pawl, "run", "--", "true")
        assert status == 0
