"""The page of the whole loop is run, command by command, and answers what it says it answers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.test_tutorial import ROOT, matches, steps

PAGE = ROOT / "docs" / "the-whole-loop.md"
END = "-- ended --"


class Shell:
    """One shell that commands are typed into, one after another, as a newcomer does."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def type(self, command: str) -> str:
        """Type a command, and return what it prints."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\necho '{END}'\n")
        self._process.stdin.flush()
        told = ""
        while not told.endswith(f"{END}\n"):
            line = self._process.stdout.readline()
            assert line, f"$ {command}\nended the shell:\n{told}"
            told += line
        return told.removesuffix(f"{END}\n")

    def end(self) -> None:
        """End the shell."""
        assert self._process.stdout is not None
        self._process.communicate(timeout=60)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell in the clone, whose temporary folders are the test's."""
    program = tmp_path / "bin" / "pawl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m pawl "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PAWL_")}
    path = [str(program.parent), *(part for part in os.environ["PATH"].split(os.pathsep))]
    (tmp_path / "home").mkdir(exist_ok=True)
    opened = Shell(
        {
            **kept,
            "PATH": os.pathsep.join(path),
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path),
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
    )
    try:
        yield opened
    finally:
        opened.type('kill "$(cat "$PAWL_DATA/../up.pid")" 2> /dev/null || true')
        opened.end()


@pytest.mark.heavy
def test_the_page_of_the_whole_loop_runs(shell: Shell) -> None:
    """A newcomer who types what the page says sees what it shows."""
    page = PAGE.read_text()
    begin = re.search(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert begin is not None
    # The program under test stands before the one of a clone's own environment.
    told = shell.type(begin.group(1).replace("$PWD/.venv/bin:", ""))
    assert "The firm is in" in told, told
    commands = steps(page)
    assert len(commands) >= 30
    for command, shown in commands:
        told = shell.type(command)
        assert matches(shown, told), f"$ {command}\nshown:\n{shown}\ntold:\n{told}"
