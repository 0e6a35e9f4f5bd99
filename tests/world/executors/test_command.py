"""The executor `command`: the operator's own program, bounded, and gone when its time is over."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.world.executors.made_orders import opened, order

from pawl.base.errors import BadValue
from pawl.changes.executing import Errand, is_as_wanted
from pawl.changes.manifest import part_digest
from pawl.changes.parts import Prompt
from pawl.world import commanded
from pawl.world.executor import NotExecuted


def script(folder: Path, name: str, text: str) -> str:
    """Write a program and return its path."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return str(path)


WRITES = """
import json, os, sys
told = json.load(sys.stdin)
open("live.json", "w").write(json.dumps(told["parts"]))
open("calls", "a").write(" ".join(os.environ.get(n, "-") for n in (
    "PAWL_INTENT", "PAWL_CHANGE", "PAWL_KIND", "PAWL_STAGE", "PAWL_EXPOSURE", "PAWL_SEQUENCE",
    "PAWL_TOKEN", "OTHER")) + chr(10))
"""
READS = """
import json
print(json.dumps({"parts": json.load(open("live.json"))}))
"""


def test_what_was_called_is_read_back(tmp_path: Path) -> None:
    """The program gets the order, and what the other one prints is what there is."""
    known = {"PAWL_TOKEN": "secret", "OTHER": "kept"}
    argv = [script(tmp_path, "put", WRITES)]
    executor = opened(
        "command", tmp_path, known, argv=argv, read_back=(script(tmp_path, "get", READS),)
    )
    executor.call(order())
    assert is_as_wanted(executor.read_back(order()), order().parts)
    executor.call(order(Errand.ROLLBACK, parts={"prompt/support": None}, stage="", exposure=0.0))
    seen = executor.read_back(order())
    assert not is_as_wanted(seen, order().parts)
    assert seen.parts == {"prompt/support": None}
    assert (tmp_path / "calls").read_text().splitlines() == [
        "chg-1.5 chg-1 start canary 0.1 5 - kept",
        "chg-1.5 chg-1 rollback  0 5 - kept",
    ]


def test_digests_are_as_good_as_parts(tmp_path: Path) -> None:
    """Who only knows the digest of each part may print that."""
    right = part_digest(Prompt(text="Be brief."))
    printing = script(
        tmp_path, "get", f"print('{json.dumps({'digests': {'prompt/support': right}})}')"
    )
    executor = opened("command", tmp_path, argv=(printing,), read_back=(printing,))
    assert is_as_wanted(executor.read_back(order()), order().parts)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "import sys; sys.stderr.write('no such host\\n'); sys.exit(3)",
            "status 3. It said: no such",
        ),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
        ("print('x' * 100)", "not of the form"),
        ("print('{}')", "either `parts` or `digests`"),
        ("print('{\"digests\": {}}')", "does not speak of prompt/support"),
        ("while True: print('x' * 100000)", "printed more than"),
        ("import time; time.sleep(60)", "not done within 1 s"),
    ],
)
def test_whatever_else_it_does_is_a_failure(
    tmp_path: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A status, a signal, a flood, silence and nonsense are each told, and confirm nothing."""
    monkeypatch.setattr(commanded, "OUTPUT_MAX", 1_000_000)
    program = script(tmp_path, "get", text)
    executor = opened("command", tmp_path, argv=(program,), read_back=(program,), timeout="1s")
    with pytest.raises(NotExecuted, match=said):
        executor.read_back(order())


def test_what_it_started_ends_with_its_time(tmp_path: Path) -> None:
    """A program that ran out of time is killed with all it started, detached or not."""
    text = """
import os, subprocess, sys, time
for more in ({}, {"start_new_session": True}):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], **more)
    open("pids", "a").write(f"{child.pid} ")
time.sleep(600)
"""
    program = script(tmp_path, "put", text)
    executor = opened("command", tmp_path, argv=(program,), read_back=(program,), timeout="2s")
    with pytest.raises(NotExecuted, match="within 2 s"):
        executor.call(order())
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 2
    for pid in pids:
        assert not _lives(int(pid))


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_large_order_goes_in_whole(tmp_path: Path) -> None:
    """An order larger than a pipe does not stop who reads it late, or never."""
    parts = {"prompt/support": Prompt(text="x" * 1_000_000)}
    program = script(tmp_path, "put", "import sys; print(len(sys.stdin.read()) > 1_000_000)")
    deaf = script(tmp_path, "deaf", "print('no')")
    for argv in ((program,), (deaf,)):
        executor = opened("command", tmp_path, argv=argv, read_back=argv)
        executor.call(order(parts=parts))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"argv": ("no-such-program-here",), "read_back": ("true",)},
        {"argv": ("./put",), "read_back": ("true",)},
        {"argv": ("true",), "read_back": ()},
        {"argv": ("true",), "read_back": ("true",), "timeout": "soon"},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    """A program that is not there is told of before anything depends on it."""
    with pytest.raises(BadValue):
        opened("command", tmp_path, **settings)


def test_a_name_is_not_looked_for_where_we_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative folder on PATH, which may be an assessed tree, names no program."""
    script(tmp_path, "deploy", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}/usr/bin")
    with pytest.raises(BadValue, match="no program"):
        opened("command", tmp_path, argv=("deploy",), read_back=("true",))
