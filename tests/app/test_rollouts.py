"""Wiring of rollouts: whose claims are free, and which executors a machine has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pawl.app.rollouts import _holder, _is_gone, executors
from pawl.base.errors import BadFile, BadValue


def test_a_holder_that_ended_is_gone_and_one_that_lives_is_not() -> None:
    """So is another process that got its number; one of another machine nobody here knows."""
    mine = _holder()
    assert not _is_gone(mine)
    space, number, start = mine.rsplit(":", 2)
    assert number == str(os.getpid())
    assert _is_gone(f"{space}:{number}:{start}0")
    child = subprocess.run(
        [sys.executable, "-c", "from pawl.app.rollouts import _holder; print(_holder())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert _is_gone(child.stdout.strip())
    for unknown in (f"elsewhere:pid:{number}0:1", "", "a", f"{space}:x:1", f"{space}:{number}:"):
        assert not _is_gone(unknown)


def test_a_machine_has_the_executors_that_it_names(tmp_path: Path) -> None:
    """One that is not set up, or cannot work, is told by where it would stand."""
    (tmp_path / "pawl.toml").write_text(
        "[changes.executors.command]\n"
        'argv = ["true"]\nread_back = ["true"]\ntimeout = "7s"\n'
        "[changes.executors.webhook]\n"
        'url = "http://127.0.0.1/"\n'
    )
    opened = executors(tmp_path)
    assert opened("command").timeout_s == 7
    with pytest.raises(BadValue, match="no executor 'git-revert'"):
        opened("git-revert")
    with pytest.raises(BadValue, match="webhook"):
        opened("webhook")
    (tmp_path / "pawl.toml").write_text("[changes.executors.rm]\n")
    with pytest.raises(BadFile):
        executors(tmp_path)
