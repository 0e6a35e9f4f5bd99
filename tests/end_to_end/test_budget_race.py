"""Many runs start at once against a hard budget that fits a few: as many start, none too many."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from pawl.alerts.budget_account import Account
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.check import check
from pawl.store.records.engine import Engine, open_records
from pawl.world import clock

CAP = 2_000_000
"""Micro-USD that each run reserves."""
RESPONSE = 375_000
"""Micro-USD of one answer: 100,000 tokens in at 3 USD and 5,000 out at 15 USD a million."""
PAUSE_S = 1.0
"""Seconds between two answers: faster than models answer, slower than a busy machine reads."""

AGENT = """#!{python} -IS
import json, os, pathlib, time
name = "%d" % os.getpid()
here = pathlib.Path(__file__).parent
def say(value):
    os.write(1, json.dumps(value).encode() + b"\\n")
(here / "started" / name).touch()
say({{"type": "system", "subtype": "init", "session_id": name, "model": "claude-sonnet-4-5"}})
while not (here / "go").exists():
    time.sleep(0.05)
for number in range(12):
    key = "%s-%d" % (name, number)
    say({{"type": "assistant", "session_id": name, "request_id": "r" + key,
         "message": {{"id": "m" + key, "model": "claude-sonnet-4-5", "role": "assistant",
                     "content": [{{"type": "text", "text": "hi"}}],
                     "usage": {{"input_tokens": 100000, "output_tokens": 5000}}}}}})
    time.sleep({pause})
say({{"type": "result", "subtype": "success", "is_error": False, "result": "done",
     "session_id": name, "num_turns": 12}})
"""


class Scene:
    """An agent that waits for a word, a data folder with one hard budget, and runs of it."""

    def __init__(self, root: Path, *, fits: int) -> None:
        self.runs: list[subprocess.Popen[bytes]] = []
        self.agent = root / "work" / "claude"
        self.data = root / "data"
        self.started = self.agent.parent / "started"
        for folder in (self.started, self.data):
            folder.mkdir(parents=True)
        self.agent.write_text(AGENT.format(python=sys.executable, pause=PAUSE_S))
        self.agent.chmod(0o755)
        limit = fits * CAP / 1_000_000
        (self.data / "budgets.toml").write_text(
            f'[[budgets]]\nname = "all"\nscope = "organisation"\nhard_usd = {limit}\n'
        )

    def start(self) -> "subprocess.Popen[bytes]":
        """Start one run; it reserves CAP."""
        command = (sys.executable, "-m", "pawl", "--data", str(self.data), "run", "--json")
        run = subprocess.Popen(
            (*command, "--max-usd", str(CAP / 1_000_000), "--", str(self.agent), "-p", "x"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.agent.parent,
        )
        self.runs.append(run)
        return run

    def end(self) -> None:
        """End what a failed test left running, agents included."""
        for run in self.runs:
            if run.poll() is None:
                run.terminate()
        for run in self.runs:
            if run.stdout is not None and not run.stdout.closed:
                run.communicate()

    @property
    def begun(self) -> int:
        """How many agents were ever started."""
        return len(list(self.started.iterdir()))

    def account(self) -> Account:
        """Return what the records say of the one budget."""
        with records(self.data) as engine:
            ((account,),) = [each.accounts for each in BudgetRecords(engine).standing(clock.now())]
            return account


@contextmanager
def records(data: Path) -> Iterator[Engine]:
    """Open the records of a data folder."""
    engine = open_records(data)
    try:
        yield engine
    finally:
        engine.dispose()


def wait_until(holds: Callable[[], bool], timeout_s: float = 400.0) -> None:
    """Wait for what other processes do; fails when it does not come about."""
    end = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.05)


def ended(runs: "list[subprocess.Popen[bytes]]") -> int:
    """Return how many runs have ended."""
    return sum(run.poll() is not None for run in runs)


def play(root: Path, *, asked: int, fits: int, killed: int) -> None:
    """Start many, see some get in; kill some of those, see as many others get in."""
    scene = Scene(root, fits=fits)
    try:
        race(scene, asked=asked, fits=fits, killed=killed)
    finally:
        scene.end()


def race(scene: Scene, *, asked: int, fits: int, killed: int) -> None:
    """Play it in a scene that is ended afterwards."""
    runs = [scene.start() for _ in range(asked)]
    wait_until(lambda: ended(runs) == asked - fits and scene.begun == fits)
    refused = [run for run in runs if run.poll() is not None]
    inside = [run for run in runs if run.poll() is None]
    for run in refused:
        stdout, stderr = run.communicate()
        told = msgspec.json.decode(stdout)
        assert (run.returncode, told["outcome"]) == (5, "refused"), stderr
        assert "The budget all (organisation, " in told["error"]["message"]
    assert scene.account().reserved_micros == fits * CAP

    for run in inside[:killed]:
        run.send_signal(signal.SIGKILL)
        run.communicate()
    again = [scene.start() for _ in range(killed)]
    wait_until(lambda: scene.begun == fits + killed)
    one_more = scene.start()
    one_more.communicate()
    assert one_more.returncode == 5
    assert scene.account().reserved_micros == fits * CAP

    (scene.agent.parent / "go").touch()
    spent = 0
    for run in (*inside[killed:], *again):
        stdout, stderr = run.communicate()
        told = msgspec.json.decode(stdout)
        assert (run.returncode, told["outcome"]) == (6, "stopped"), stderr
        cost = round(told["cost"]["usd"] * 1_000_000)
        assert CAP <= cost <= CAP + RESPONSE
        spent += cost
    account = scene.account()
    assert (account.reserved_micros, account.settled_micros) == (0, spent)
    with records(scene.data) as engine:
        report = check(engine, replay=True)
        assert report.intact, report.difference


def test_eight_runs_at_once_against_a_budget_that_fits_three(tmp_path: Path) -> None:
    """Three start, five are told why not; after killing two, two more start."""
    play(tmp_path, asked=8, fits=3, killed=2)


@pytest.mark.heavy
def test_a_hundred_runs_at_once_against_a_budget_that_fits_ten(tmp_path: Path) -> None:
    """Ten start; none overspends by more than one answer; five that are killed give theirs back."""
    play(tmp_path, asked=100, fits=10, killed=5)
