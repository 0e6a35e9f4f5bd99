"""Kill the writer, the loader or both at random moments: nothing acknowledged is lost or twice."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pawl.store.events.duckdb import DuckEvents
from pawl.store.spool import read_segment, segments

CHILD = Path(__file__).with_name("child.py")
DERIVED = ("requests", "request_sources", "rollup", "runs", "run_sessions")
KILLS = 50
SEED = int(os.environ.get("PAWL_KILL_SEED", "9"))


class Killed:
    """A child process whose stdout goes to a file, so that nothing it said is lost with it."""

    def __init__(self, out: Path, *arguments: str) -> None:
        self._file = out.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(CHILD), *arguments], stdout=self._file, stderr=subprocess.PIPE
        )

    def kill(self) -> str:
        """Kill it with SIGKILL; return what it said on stderr before."""
        self.process.kill()
        _, said = self.process.communicate()
        self._file.close()
        return said.decode()


@contextmanager
def killed_at_the_end(children: dict[str, Killed]) -> Iterator[None]:
    try:
        yield
    finally:
        for child in children.values():
            child.kill()


@pytest.mark.heavy
def test_kill_9_at_random_moments_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    """After 50 kills the store holds every acknowledged id once, and its sums are right.

    So does a store that is made anew from the second copy. PAWL_KILL_SEED names another seed.
    """
    chance = random.Random(SEED)
    heard, loader_out = tmp_path / "acknowledged", tmp_path / "loader"
    children: dict[str, Killed] = {}
    complaints: list[str] = []
    writers = 0

    def start(role: str) -> None:
        nonlocal writers
        if role == "write":
            writers += 1
            children[role] = Killed(heard, "write", str(tmp_path), str(writers))
        else:
            children[role] = Killed(loader_out, "load", str(tmp_path))

    with killed_at_the_end(children):
        start("write")
        start("load")
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.1, 0.55))
            for role in chance.choice([["write"], ["load"], ["load"], ["write", "load"]]):
                complaints.append(children.pop(role).kill())
                start(role)
    assert [said for said in complaints if said] == []

    acknowledged = told(heard.read_bytes())
    torn = sum(read_segment(s.path).torn for s in segments(tmp_path / "spool"))
    with DuckEvents(tmp_path) as store:
        done = store.drain(tmp_path / "spool")
        assert (done.bad, done.remaining_bytes) == (0, 0)
        assert done.torn <= torn
        stored = [row[0] for row in store._rows("SELECT id FROM events", {})]
        kept_up = tables(store)
        store.make_anew()
        assert tables(store) == kept_up
        while segments(tmp_path / "spool"):  # A drain compresses only so many.
            assert store.drain(tmp_path / "spool").removed > 0
        store.rebuild(tmp_path / "spool")
        assert tables(store) == kept_up
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored), sorted(acknowledged - set(stored))[:5]
    assert len(acknowledged) > 1000


def told(lines: bytes) -> set[str]:
    """Return the ids in whole lines; each process writes a line in one piece or not at all."""
    whole, _, _ = lines.rpartition(b"\n")
    return set(whole.decode().split())


def tables(store: DuckEvents) -> dict[str, list[Any]]:
    return {name: sorted(map(repr, store._rows(f"SELECT * FROM {name}", {}))) for name in DERIVED}
