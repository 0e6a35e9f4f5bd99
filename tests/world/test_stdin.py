"""What a child reads from stdin meanwhile is ours, and afterwards it is what it was."""

import subprocess
import sys

_CODE = """
import os, subprocess, sys
from pawl.world.stdin import stdin_holds, stdin_rewinder
if sys.argv[1] == "closed":
    os.close(0)
with stdin_holds(b"x" * 300_000):
    again = stdin_rewinder()
    for _ in range(2):
        print(len(subprocess.run(["cat"], capture_output=True).stdout), again())
if sys.argv[1] == "closed":
    try:
        os.fstat(0)
    except OSError:
        print("closed")
else:
    print(sys.stdin.read())
"""


def ran(kind: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _CODE, kind],
        input="mine",
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")[:-1]


def test_a_child_reads_it_again_and_again() -> None:
    """A second attempt reads the same, and our own stdin was not touched."""
    assert ran("open") == ["300000 True", "300000 True", "mine"]


def test_a_closed_stdin_stays_closed() -> None:
    """Where there was none before there is none after."""
    assert ran("closed") == ["300000 True", "300000 True", "closed"]
