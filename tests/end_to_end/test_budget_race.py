"""A hundred runs start at once against a hard budget that fits ten: ten start, none too many."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from pawl.alerts.budget_numbers import numbers
from pawl.services.budget_files import Read
from pawl.services.budget_desk import Desk
from pawl.governance.ledger import PAWL
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records
from pawl.store.records.runs import RunRecords
from pawl.world import clock

FITS = 10
CAP = 2_000_000
"""Micro-USD that each run reserves."""
RESPONSE = 375_000
"""Micro-USD of one answer of the agent: 100,000 tokens in at 3 and 5,000 out at 15 a million."""

AGENT = """#!{python} -IS
import json, os, pathlib, time
name = "%d" % os.getpid()
here = pathlib.Path(__file__).parent
def say(value):
    os.write(1, json.dumps(value).encode() + b"\\n")
(here / "started" / name).write_text(os.environ.get("PAWL_RUN_ID", ""))
say({{"type": "system", "subtype": "init", "session_id": name, "model": "claude-sonnet-4-5"}})
while not (here / "go").exists():
    time.sleep(0.02)
for number in range(40):
    key = "%s-%d" % (name, number)
    say({{"type": "assistant", "session_id": name, "request_id": "r" + key,
         "message": {{"id": "m" + key, "model": "claude-sonnet-4-5", "role": "assistant",
                     "content": [{{"type": "text", "text": "hi"}}],
                     "usage": {{"input_tokens": 100000, "output_tokens": 5000}}}}}})
    time.sleep(0.05)
say({{"type": "result", "subtype": "success", "is_error": False, "result": "done",
     "session_id": name, "num_turns": 40}})
"""


class Scene:
    """An agent that waits for a word, a data folder with one hard budget, and runs of it."""

    def __init__(self, root: Path, *, fits: int = FITS) -> None:
        self.agent = root / "work" / "claude"
        self.data = root / "data"
        self.started = self.agent.parent / "started"
        for folder in (self.started, self.data):
            folder.mkdir(parents=True)
        self.agent.write_text(AGENT.format(python=sys.executable))
        self.agent.chmod(0o755)
        limit = fits * CAP / 1_000_000
        (self.data / "budgets.toml").write_text(
            f'[[budgets]]\nname = "all"\nscope = "organisation"\nhard_usd = {limit}\n'
        )
        self.environment = {
            **os.environ, "PAWL_DEVELOPER": "ada",
        }  # fmt: skip

    def start(self) -> "subprocess.Popen[bytes]":
        command = (sys.executable, "-m", "pawl", "--data", str(self.data), "run", "--json")
        return subprocess.Popen(
            (*command, "--max-usd", "2", "--", str(self.agent), "-p", "x"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
            cwd=self.agent.parent,
        )

    def go(self) -> None:
        (self.agent.parent / "go").touch()

    @property
    def running(self) -> int:
        return len(list(self.started.iterdir()))


@contextmanager
def records(data: Path) -> Iterator[Engine]:
    engine = open_records(data)
    try:
        yield engine
    finally:
        engine.dispose()


def wait_until(holds: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Wait for what other processes do; fails when it does not come about."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.05)


def test_it(tmp_path: Path) -> None:
    """x"""
    n = int(os.environ.get("N", "100"))
    scene = Scene(tmp_path)
    t = time.time()
    ps = [scene.start() for _ in range(n)]
    wait_until(lambda: sum(p.poll() is not None for p in ps) >= n - FITS, 300)
    print("refused after", time.time() - t, scene.running)
    assert scene.running == FITS
    scene.go()
    outs = [p.communicate() for p in ps]
    codes = sorted(p.returncode for p in ps)
    print(codes, time.time() - t)
    for (o, e), p in zip(outs, ps):
        if p.returncode not in (5, 6):
            print(p.returncode, o[-300:], e[-500:])
    for (o, e), p in list(zip(outs, ps)):
        if p.returncode == 6:
            print(msgspec.json.decode(o)["cost"])
