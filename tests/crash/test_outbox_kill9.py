"""Kill whoever looks and whoever sends at random moments: no notice is lost, none is made twice."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from pawl.store.records.check import check
from pawl.store.records.engine import open_records, reading
from pawl.store.records.outbox import OutboxRecords

CHILD = Path(__file__).with_name("outbox_child.py")
ROOT = Path(__file__).resolve().parents[2]
KILLS = 30
SEED = int(os.environ.get("PAWL_KILL_SEED", "4"))


def test_kill_9_loses_no_notice_and_doubles_none_beyond_at_least_once(tmp_path: Path) -> None:
    """After 30 kills each decided alert has its notice, taken once or as often as a sender died.

    The ledger is whole and makes the tables. PAWL_KILL_SEED names another seed.
    """
    chance = random.Random(SEED)
    folder, file = tmp_path / "data", tmp_path / "taken"
    open_records(folder).dispose()
    roles = {
        "look": lambda n: ["look", str(folder), f"w{n}"],
        "send": lambda n: ["send", str(folder), str(file), f"s{n}"],
        "other": lambda n: ["send", str(folder), str(file), f"o{n}"],
    }
    running: dict[str, subprocess.Popen[bytes]] = {}
    started = sends_killed = 0
    complaints: list[bytes] = []

    def start(role: str) -> None:
        nonlocal started
        started += 1
        path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
        running[role] = subprocess.Popen(
            [sys.executable, str(CHILD), *roles[role](started)],
            env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE,
        )  # fmt: skip

    def kill(role: str) -> None:
        process = running.pop(role)
        process.kill()
        complaints.append(process.communicate()[1])

    try:
        for role in roles:
            start(role)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.3, 0.9))
            role = chance.choice(list(roles))
            sends_killed += role != "look"
            kill(role)
            start(role)
        kill("look")
        engine = open_records(folder)
        _until_all_are_sent(OutboxRecords(engine))
    finally:
        for role in list(running):
            kill(role)
    assert [said for said in complaints if said] == []
    with reading(engine) as connection:
        rows = connection.execute("SELECT subject FROM ledger WHERE type = 'alert.firing'")
        notices = {row["id"] for row in connection.execute("SELECT id FROM outbox")}
    report = check(engine, replay=True)
    engine.dispose()
    taken = Counter(file.read_text().split())
    assert report.intact, report.difference
    assert len(rows) == len(notices) > 100, "an alert without its notice, or the other way round"
    assert taken.keys() == notices, "a notice was lost"
    assert sum(times - 1 for times in taken.values()) <= sends_killed


def _until_all_are_sent(outbox: OutboxRecords) -> None:
    for _ in range(6000):
        if not outbox.counts().get("file", {}).get("waiting"):
            return
        time.sleep(0.01)
    raise AssertionError(f"not all was sent: {outbox.counts()}")
