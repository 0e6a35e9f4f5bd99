"""Kill whoever ships changes at random moments: no half transition, and the ledger makes it all."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.services.made_desk import Made

from pawl.changes.change import State
from pawl.changes.manifest import changed
from pawl.store.records.check import check
from pawl.store.records.engine import open_records, reading

CHILD = Path(__file__).with_name("change_child.py")
ROOT = Path(__file__).resolve().parents[2]
KILLS = 25
SEED = int(os.environ.get("PAWL_KILL_SEED", "6"))


@pytest.mark.heavy
def test_kill_9_during_rollouts_leaves_what_the_ledger_makes(tmp_path: Path) -> None:
    """After the kills every change is where its events say, with its decision and its messages.

    PAWL_KILL_SEED names another seed.
    """
    folder = tmp_path / "data"
    open_records(folder).dispose()
    _play(folder)
    engine = open_records(folder)
    try:
        report = check(engine, replay=True)
        assert report.intact, report.difference
        assert report.difference is None, report.difference
        desk = Made(engine).desk
        known = desk.list(limit=1000)
        assert len({each.state for each in known}) >= 3
        # Asked for apart: a fast machine ships more changes than one answer holds.
        moving = {each.id: each for each in desk.list(_MOVING, limit=1000)}
        for name, by in desk.registry().rolling.items():
            assert all(name in changed(moving[each].manifest) for each in by)
            assert sum(moving[each].state is State.ROLLING_OUT for each in by) <= 1
        assert {each for by in desk.registry().rolling.values() for each in by} == {*moving}
        for change in {each.id: each for each in (*known, *moving.values())}.values():
            for kept in desk.decisions_of(change.id):
                assert desk.replay(kept.decision_id).identical
            if change.state in _MOVING:
                assert desk.decision(change.decision).allowed
        with reading(engine) as connection:
            told = Counter(
                row["type"]
                for row in connection.execute("SELECT type FROM ledger WHERE type LIKE 'change.%'")
            )
            said = Counter(
                row["body"].split('"summary":"')[1].split(") ")[1].split('"')[0].split(" of ")[0]
                for row in connection.execute("SELECT body FROM outbox")
            )
        for kind, words in _TOLD.items():
            assert told[kind] == said[words] > 0, (kind, told, said)
    finally:
        engine.dispose()


_MOVING = (State.ROLLING_OUT, State.ROLLING_BACK, State.ROLLBACK_FAILED)
_TOLD = {
    "change.submitted": "asks for a review",
    "change.approved": "is approved.",
    "change.rollback-started": "is going back.",
    "change.rolled-back": "was rolled back.",
}


def _play(folder: Path) -> None:
    """Ship in two processes, and kill one of them again and again."""
    chance = random.Random(SEED)
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    count = 0
    running: list[subprocess.Popen[bytes]] = []
    complaints: list[bytes] = []

    def start() -> None:
        nonlocal count
        count += 1
        running.append(
            subprocess.Popen(
                [sys.executable, str(CHILD), str(folder), str(count * 1000)],
                env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE,
            )
        )  # fmt: skip

    def kill(place: int) -> None:
        process = running.pop(place)
        process.kill()
        complaints.append(process.communicate()[1])

    try:
        start()
        start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.6, 1.4))
            kill(chance.randrange(2))
            start()
    finally:
        while running:
            kill(0)
    assert [each for each in complaints if each] == []
