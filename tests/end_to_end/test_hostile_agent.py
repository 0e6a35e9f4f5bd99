"""Whatever an agent does, no process of it is left and no run goes without a record."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from pawl.runs.record import Outcome, RunRecord
from pawl.store.records.check import check
from pawl.store.records.engine import open_records
from pawl.store.records.runs import RunRecords
from pawl.store.spool import read_segment, segments
from pawl.telemetry.event import Kind

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

HOSTILE = Path(__file__).parent / "hostile_agent.py"
LIMITS = (
    ("--timeout", ("0.3", "0.8", "1.5")),
    ("--idle", ("0.3", "0.6")),
    ("--grace", ("0.05", "0.2")),
    ("--max-tokens", ("100", "10000")),
    ("--max-usd", ("0.001", "0.1")),
    ("--max-turns", ("1", "3")),
    ("--max-tool-calls", ("1", "2")),
    ("--max-output", ("1000", "500000")),
    ("--deny-tool", ("Bash", "Web*")),
)
OUTCOME_OF_EXIT = {
    0: Outcome.SUCCEEDED,
    1: Outcome.AGENT_FAILED,
    3: Outcome.UNREADABLE,
    6: Outcome.STOPPED,
    130: Outcome.INTERRUPTED,
    143: Outcome.INTERRUPTED,
}


class Case(NamedTuple):
    """One run: its seed, the limits it gets, and the signal its supervisor gets, if any."""

    seed: int
    flags: tuple[str, ...]
    signal: int | None


def make_case(seed: int) -> Case:
    dice = random.Random(seed)
    flags = ["--timeout", "3", "--grace", "0.2"]  # Later flags win: an upper bound for all.
    for flag, values in dice.sample(LIMITS, dice.randrange(4)):
        flags += [flag, dice.choice(values)]
    sent = dice.choice([None] * 6 + [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
    return Case(seed, tuple(flags), sent)


class Arena:
    """A data folder, and a program called `claude` that is not what it seems."""

    def __init__(self, root: Path) -> None:
        self.data = root / "data"
        self.mark = f"hostile-{os.urandom(6).hex()}"
        self.agent = root / "bin" / "claude"
        self.agent.parent.mkdir()
        shutil.copy(HOSTILE, self.agent)
        self.agent.chmod(0o755)

    def run(self, case: Case) -> tuple[Case, int, bytes]:
        command = [sys.executable, "-m", "pawl", "--data", str(self.data), "run", "--json"]
        command += [*case.flags, "--", str(self.agent), "-p", "do your worst"]
        marks = {"HOSTILE_SEED": str(case.seed), "HOSTILE_MARK": self.mark}
        if case.signal == signal.SIGKILL:
            # Once the supervisor is gone, only the environment still proves whose a process is.
            marks["HOSTILE_KEEPS_ENVIRONMENT"] = "1"
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | marks,
            cwd=self.agent.parent,
        ) as process:
            if case.signal is not None:
                time.sleep(0.2 + random.Random(case.seed).random())
                process.send_signal(case.signal)
            stdout, _ = process.communicate(timeout=60)
        return case, process.returncode, stdout

    def left(self) -> list[str]:
        """Whatever still carries the mark, in its environment or in its name."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if self.mark.encode() in told and state != "Z":
                found.append(f"{entry.name} {(entry / 'cmdline').read_bytes()!r}")
        return found


def play(arena: Arena, seeds: range) -> None:
    with ThreadPoolExecutor(4) as pool:
        played = list(pool.map(arena.run, map(make_case, seeds)))
    # Whatever the killed supervisors left, the next start puts in order.
    quiet = Case(seed=0, flags=("--timeout", "3", "--grace", "0.2"), signal=None)
    played.append(arena.run(quiet))
    assert arena.left() == []
    records = open_records(arena.data)
    try:
        runs = RunRecords(records)
        for case, code, stdout in played:
            judge(case, code, stdout, runs)
        assert runs.unfinished() == []
        killed = sum(code == -signal.SIGKILL for _, code, _ in played)
        unseen = [run for run in runs.recent(1000) if run.reason is not None]
        assert len(unseen) <= killed
        started = {
            event.run_id
            for segment in segments(arena.data / "spool")
            for event in read_segment(segment.path).events
            if event.kind is Kind.RUN_STARTED
        }
        unsettled = [run for run in started if run is None or runs.get(run) is None]
        assert unsettled == []
        assert check(records, replay=True).intact
    finally:
        records.dispose()
    _nothing_is_left(arena, quiet, killed)


def _nothing_is_left(arena: Arena, quiet: Case, killed: int) -> None:
    """A supervisor killed as it made its folder leaves one without a name, for an hour."""
    nameless = list((arena.data / "runs").glob(".run_*"))
    assert len(nameless) <= killed
    for folder in nameless:
        os.utime(folder, (0, 0))
    arena.run(quiet)
    assert list((arena.data / "runs").iterdir()) == []


def judge(case: Case, code: int, stdout: bytes, runs: RunRecords) -> None:
    """What a run said of itself is what the ledger has; one that said nothing got a signal.

    Killed, or told to end before it had begun to listen: the other checks see to those. Of one
    that was killed as it spoke, the run that it had begun to tell of is there.
    """
    if not stdout:
        assert case.signal is not None, case
        return
    if code == -signal.SIGKILL and not stdout.endswith(b"\n"):
        # A pipe takes a long line in parts; the first names the run.
        told = re.match(rb'\{"schema":"pawl\.run/1","run_id":"(run_[0-9a-z]{26})"', stdout)
        assert told is not None, case
        assert runs.get(told[1].decode()) is not None, case
        return
    record = msgspec.json.decode(stdout, type=RunRecord)
    if code >= 0:
        assert record.outcome is OUTCOME_OF_EXIT[code], case
    kept = runs.get(record.run_id)
    assert kept is not None, case
    assert kept.outcome == record.outcome, case
    assert "hunter2" not in record.stderr_tail, case


def test_eight_hostile_runs(tmp_path: Path) -> None:
    """Eight seeded runs: nothing left, nothing unrecorded, the ledger verifies."""
    play(Arena(tmp_path), range(8))


@pytest.mark.heavy
def test_two_hundred_hostile_runs(tmp_path: Path) -> None:
    """Two hundred seeded runs with random limits and signals: the same holds for each."""
    play(Arena(tmp_path), range(1000, 1200))
