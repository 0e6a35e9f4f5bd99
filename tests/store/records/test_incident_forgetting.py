"""Forgetting somebody in the middle of an incident, and killing its ticker: all of it goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.services.made_incident_desk import (
    ANN,
    SUE,
    TYPED,
    MadeIncidents,
    action,
    incident,
    refused,
)

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.governance.ledger import PAWL
from pawl.incidents.action import Proof, Work
from pawl.incidents.incident import Happening
from pawl.store.records.check import check
from pawl.store.records.connection import Engine
from pawl.store.records.engine import reading
from pawl.store.records.forgetting import forget

ROUTE = Route(to=("pia",), rules=("incident",), scope={"person": "*"})
CHILD = Path(__file__).with_name("incident_child.py")
ROOT = Path(__file__).resolve().parents[3]


def same(made: MadeIncidents) -> None:
    """Hold that the ledger is whole and the rows are what it makes of them."""
    report = check(made.engine, replay=True)
    assert report.intact
    assert report.difference is None, report.difference


@pytest.mark.parametrize("who", ["ann", "leo", "sue"])
def test_an_incident_goes_on_without_a_name(engine: Engine, who: str) -> None:
    """Whoever is forgotten was paged, declares, commands, was offered it, fixes and owns work."""
    mailing = Mailing(policy=Policy(routes=(ROUTE,)), channels=("pia",))
    made = MadeIncidents(engine, mailing=lambda: mailing)
    waiting = made.declared(key="waits")
    led = incident(made.desk.accept(made.declared(key="led").id, TYPED))
    led = incident(made.desk.accept(led.id, SUE))
    incident(made.desk.join(led.id, ANN))
    incident(made.desk.offer(led.id, "leo", SUE))
    one = action(
        made.desk.open_action(led.id, "Try it", "leo", "2026-12-01", Work.CODE, "prompt/a", ANN)
    )
    action(made.desk.claim_action(one.id, ANN))
    ids = {"ann": "github:1", "leo": "github:2", "sue": "github:3"}
    forget(engine, (who, ids[who]), PAWL, made.clock(), reason="asked", key="k")
    same(made)
    with reading(engine) as connection:
        for table in ("ledger", "incidents", "actions", "outbox"):
            for row in connection.execute(f"SELECT * FROM {table}"):
                assert f'"{who}"' not in str(row), (table, row)
                assert f'"{ids[who]}"' not in str(row), (table, row)
    made.clock.wind(seconds=301)
    happened = [each.type for each in made.desk.tick()]
    assert happened.count(Happening.BREACHED) == 1
    assert made.desk.audit()[0].incident == waiting.id
    incident(made.desk.accept(waiting.id, SUE))
    taken = incident(made.desk.take_over(led.id, "Nobody is there.", SUE))
    assert taken.commander == "sue"
    if who == "leo":
        # Nobody can tell whose it was; it goes to somebody who is known.
        action(made.desk.move_action(one.id, "Left.", SUE, owner="pia"))
    if who == "ann":
        refused(
            made.desk.verify_action(one.id, Proof(place="x", digest="y"), SUE), "unknown-person"
        )
    same(made)


@pytest.mark.heavy
def test_a_ticker_that_is_killed_at_any_time_loses_nothing_and_tells_nothing_twice(
    engine: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """SIGKILL while hundreds of pages are written; another one goes on where it stopped."""
    url = request.getfixturevalue("postgres_url") if "postgresql" in request.node.name else ""
    mailing = Mailing(policy=Policy(routes=(Route(to=("all",)),)), channels=("all",))
    made = MadeIncidents(engine, mailing=lambda: mailing)
    names = [made.declared().id for _ in range(150)]
    path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    child = subprocess.Popen(
        [sys.executable, str(CHILD), "page", str(tmp_path / "data"), url],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    child.stdin.write("now\n")
    child.stdin.flush()
    while not _breaches(engine):
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    child.communicate()
    made.clock.wind(hours=1)
    made.desk.tick()
    assert made.desk.tick() == ()
    assert _breaches(engine) == len(names)
    with reading(engine) as connection:
        (row,) = connection.execute("SELECT COUNT(*) AS n FROM outbox")
        told = connection.execute(
            "SELECT COUNT(*) AS n FROM ledger WHERE type IN (:paged, :breached)",
            {"paged": Happening.PAGED.value, "breached": Happening.BREACHED.value},
        )
    # One letter for each page and each breach, neither more nor fewer.
    assert row["n"] == told[0]["n"] == 4 * len(names)
    same(made)


def _breaches(engine: Engine) -> int:
    with reading(engine) as connection:
        (row,) = connection.execute(
            "SELECT COUNT(*) AS n FROM ledger WHERE type = :type",
            {"type": Happening.BREACHED.value},
        )
    return int(row["n"])
