"""Kill whoever declares incidents of alerts at random moments: each firing declares once."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.alerts.made_alerts import alerts, an_alert
from tests.services.made_desk import Clock
from tests.services.made_incident_desk import MadeIncidents
from tests.store.records.conftest import opened, postgres_url  # noqa: F401 - fixtures

from pawl.alerts.alert import Alerts
from pawl.alerts.state import State
from pawl.incidents.incident import Happening
from pawl.services.alert_incidents import AlertIncidents
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading
from pawl.store.records.timers import TimerRecords
from pawl.world.clock import now

CHILD = Path(__file__).with_name("alert_incident_child.py")
ROOT = Path(__file__).resolve().parents[2]
KILLS = 12
SEED = int(os.environ.get("PAWL_KILL_SEED", "7"))


@pytest.mark.heavy
def test_kill_9_among_alerts_declares_each_firing_once(
    opened: Callable[[], Engine],  # noqa: F811 - a fixture
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    """On both engines: rows and ledger agree, no key was told twice, and what still fires has its
    incident after one more look. PAWL_KILL_SEED names another seed.
    """
    from tests.crash.alert_incident_child import POLICY

    engine = opened()
    url = None
    if "postgresql" in request.node.name:
        url = request.getfixturevalue("postgres_url")
    _play(tmp_path / "data", url)
    report = check(engine, replay=True)
    assert report.intact, report.difference
    assert report.difference is None, report.difference
    made = MadeIncidents(engine, Clock(now()))
    made.clock.wind(hours=24)
    records = AlertRecords(engine)
    looking = AlertIncidents(
        records, TimerRecords(engine), made.desk, POLICY, made.clock, about={}, responses={}
    )
    # Whoever was killed last may have left nothing that fires.
    for store in range(2):
        at = made.clock()
        last = an_alert(fired_at=at, state=State.FIRING, scope=(("project", f"shop-{store}"),))
        decided = Decided(alerts=alerts(last, at=at))

        def decide(before: Alerts, silences: object, told: Decided = decided) -> Decided:
            return told

        records.look(f"store-{store}", "after", at, decide, every_s=0, stale_s=0)
    looking.look()
    firing = [each.alert for each in records.alerts() if each.alert.state is State.FIRING]
    assert len(firing) == 2
    linked = {link.id for each in made.desk.ongoing() for link in each.links}
    assert {each.id for each in firing} <= linked
    keys = [each.open_key for each in made.desk.ongoing()]
    assert len(keys) == len(set(keys)) <= 8
    with reading(engine) as connection:
        rows = connection.execute(
            "SELECT idempotency_key, type, body FROM ledger WHERE type IN "
            f"('{Happening.DECLARED.value}', '{Happening.SIGNALLED.value}')"
        )
        told = Counter(str(row["idempotency_key"]) for row in rows)
    assert len(told) >= KILLS // 2
    assert set(told.values()) == {1}
    before = {each.id: each.version for each in made.desk.list(limit=1_000)}
    AlertIncidents(
        records, TimerRecords(engine), made.desk, POLICY, made.clock, about={}, responses={}
    ).look()
    assert {each.id: each.version for each in made.desk.list(limit=1_000)} == before


def _play(folder: Path, url: str | None) -> None:
    """Let two processes look, and kill one of them again and again."""
    chance = random.Random(SEED)
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    running: list[subprocess.Popen[bytes]] = []
    complaints: list[bytes] = []
    count = 0

    def start() -> None:
        nonlocal count
        count += 1
        told = [
            sys.executable,
            str(CHILD),
            str(folder),
            str(count * 1_001),
            *([url] if url else []),
        ]
        running.append(
            subprocess.Popen(
                told, env={**os.environ, "PYTHONPATH": path},
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
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
            victim = chance.randrange(2)
            at_work = running[victim].stdout
            assert at_work is not None
            # However slow the machine, each is at work when it is killed.
            assert at_work.readline() == b"at work\n"
            time.sleep(chance.uniform(0, 0.3))
            kill(victim)
            start()
    finally:
        while running:
            kill(0)
    assert [each for each in complaints if each] == []
