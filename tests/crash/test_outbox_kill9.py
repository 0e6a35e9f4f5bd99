"""Kill whoever looks and whoever sends at random moments: no notice is lost, none is made twice."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pawl.alerts.budget import budgets_of
from pawl.alerts.budget_people import People
from pawl.governance.ledger import PAWL
from pawl.store.records.budgets import BudgetRecords, Files
from pawl.store.records.check import check
from pawl.store.records.engine import open_records, reading
from pawl.store.records.outbox import OutboxRecords
from pawl.world.clock import now

CHILD = Path(__file__).with_name("outbox_child.py")
ROOT = Path(__file__).resolve().parents[2]
KILLS = 30
SEED = int(os.environ.get("PAWL_KILL_SEED", "4"))


@pytest.mark.parametrize(
    ("role", "decided", "kills"),
    [
        pytest.param("look", "alert.firing", KILLS, marks=pytest.mark.heavy),
        ("spend", "budget.noticed", KILLS // 2),
    ],
)
def test_kill_9_loses_no_notice_and_doubles_none_beyond_at_least_once(
    tmp_path: Path, role: str, decided: str, kills: int
) -> None:
    """After the kills each decision has its notice, taken once or as often as a sender died.

    Decided are alerts by a server and shares of budgets by runs. The ledger is whole and makes
    the tables. PAWL_KILL_SEED names another seed.
    """
    folder, file = tmp_path / "data", tmp_path / "taken"
    engine = open_records(folder)
    each = {"name": "each", "scope": "project", "each": True, "hard_usd": 1}
    declared = budgets_of([each], source="team", people=People(), place="budgets.toml")
    BudgetRecords(engine).load(Files(declared=declared, sources=("team",)), PAWL, now())
    engine.dispose()
    sends_killed = _play(folder, file, role, kills)
    engine = open_records(folder)
    with reading(engine) as connection:
        rows = connection.execute(
            "SELECT subject FROM ledger WHERE type = :type", {"type": decided}
        )
        notices = {row["id"] for row in connection.execute("SELECT id FROM outbox")}
    report = check(engine, replay=True)
    engine.dispose()
    taken = Counter(file.read_text().split())
    assert report.intact, report.difference
    assert len(rows) == len(notices) > 3 * kills, (
        "a decision without its notice, or the other way round"
    )
    assert taken.keys() == notices, "a notice was lost"
    assert sum(times - 1 for times in taken.values()) <= sends_killed


def _play(folder: Path, file: Path, deciding: str, kills: int) -> int:
    """Decide and send until so many were killed and all was sent; return how many of senders."""
    chance = random.Random(SEED)
    roles = {
        deciding: lambda n: [deciding, str(folder), f"w{n}"],
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
        for _ in range(kills):
            time.sleep(chance.uniform(0.3, 0.9))
            role = chance.choice(list(roles))
            sends_killed += role != deciding
            kill(role)
            start(role)
        kill(deciding)
        engine = open_records(folder)
        try:
            _until_all_are_sent(OutboxRecords(engine))
        finally:
            engine.dispose()
    finally:
        for role in list(running):
            kill(role)
    assert [said for said in complaints if said] == []
    return sends_killed


def _until_all_are_sent(outbox: OutboxRecords) -> None:
    for _ in range(6000):
        if not outbox.counts().get("file", {}).get("waiting"):
            return
        time.sleep(0.01)
    raise AssertionError(f"not all was sent: {outbox.counts()}")
