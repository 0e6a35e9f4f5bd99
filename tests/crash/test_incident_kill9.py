"""Kill whoever handles incidents at random moments: one holder of a key, each page told once."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from tests.crash.incident_child import MAILING
from tests.services.made_incident_desk import MadeIncidents

from pawl.incidents.incident import ONGOING, Happening, Incident, State
from pawl.services.incident_letters import letters_of
from pawl.store.records.check import check
from pawl.store.records.connection import Connection
from pawl.store.records.engine import open_records, reading
from pawl.store.records.incident_rows import folded, happened_in, kind_of
from pawl.store.records.ledger import entries

CHILD = Path(__file__).with_name("incident_child.py")
ROOT = Path(__file__).resolve().parents[2]
KILLS = 25
SEED = int(os.environ.get("PAWL_KILL_SEED", "7"))


@pytest.mark.heavy
def test_kill_9_among_incidents_leaves_what_the_ledger_makes(tmp_path: Path) -> None:
    """After the kills rows, entries and messages agree, and no deadline was acted on twice.

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
        desk = MadeIncidents(engine).desk
        counts = desk.counts()
        assert sum(counts.values()) > KILLS
        assert {State.CLOSED} <= counts.keys()
        # Asked for apart: there may be more of the others than one answer holds.
        ongoing = desk.ongoing()
        assert len(ongoing) == sum(counts.get(state, 0) for state in ONGOING)
        keys = [each.open_key for each in ongoing]
        assert len(keys) == len(set(keys)) <= 3
        with reading(engine) as connection:
            fired = Counter(
                (row["subject"], msgspec.json.decode(row["body"])["tells"]["deadline"])
                for row in connection.execute(
                    "SELECT subject, body FROM ledger WHERE type IN "
                    f"('{Happening.PAGED.value}', '{Happening.BREACHED.value}')"
                )
            )
            sent = {row["id"] for row in connection.execute("SELECT id FROM outbox")}
            meant = _messages(connection)
        assert set(fired.values()) == {1}
        assert any(deadline.endswith("/breach") for _, deadline in fired)
        # Each message was kept with its event, or neither was.
        assert sent == meant
        assert len(sent) >= len(fired)
    finally:
        engine.dispose()


def _messages(connection: Connection) -> set[str]:
    """Return the ids of all messages that the events of a ledger make."""
    values: dict[str, Incident] = {}
    found: set[str] = set()
    for entry in entries(connection, "incident."):
        happened = happened_in(entry)
        known = values.get(happened.subject)
        values[happened.subject] = now = folded(kind_of(happened.type), known, happened)
        found |= {each.id for each in letters_of(now, happened, MAILING, happened.at)}
    return found


def _play(folder: Path) -> None:
    """Handle incidents in two processes, and kill one of them again and again."""
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
                env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
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
            # However slow the machine, each is at work when it is killed.
            at_work = running[victim].stdout
            assert at_work is not None
            assert at_work.readline() == b"at work\n"
            time.sleep(chance.uniform(0, 0.5))
            kill(victim)
            start()
    finally:
        while running:
            kill(0)
    assert [each for each in complaints if each] == []
