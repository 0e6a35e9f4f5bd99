"""The processes of the outbox's crash test.

`outbox_child.py look FOLDER SEED` makes one new alert with a notice at each look, for ever.
`outbox_child.py spend FOLDER SEED` has one new project reach its budget at each turn, for ever.
`outbox_child.py send FOLDER FILE SEED` sends what waits by appending the id to FILE, for ever.
"""

import os
import sys
import time
from pathlib import Path

import msgspec
from tests.alerts.made_alerts import a_notice, an_alert

from pawl.alerts.alert import Alerts, Notice, Silence
from pawl.alerts.budget import Owner
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.delivery import numbers
from pawl.alerts.policy import Policy, Route
from pawl.runs.record import Outcome, RunCost, RunRecord
from pawl.services.outbox import Delivery
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.budgets import BudgetRecords
from pawl.store.records.engine import open_records
from pawl.store.records.outbox import OutboxRecords
from pawl.store.records.runs import RunRecords
from pawl.telemetry.usage import ZERO
from pawl.world.clock import chance, now


def look(folder: Path, seed: str) -> None:
    """Look for ever, at every instant as the timer lets it."""
    records = AlertRecords(open_records(folder))
    number = 0
    while True:
        number += 1
        name = f"{seed}-{number}"

        def decide(before: Alerts, silences: tuple[Silence, ...], name: str = name) -> Decided:
            alert = an_alert(f"rule-{name}")
            found = msgspec.structs.replace(before, alerts=(*before.alerts[-5:], alert))
            return Decided(alerts=found, notices=((a_notice(name), ("file",)),))

        records.look("here", "one", now(), decide, every_s=0.0, stale_s=1.0)
        time.sleep(0.004)


def spend(folder: Path, seed: str) -> None:
    """Spend for ever: a dollar in a project that nobody has spent in before."""
    engine = open_records(folder)
    budgets, runs = BudgetRecords(engine), RunRecords(engine)
    mailing = Mailing(policy=Policy(routes=(Route(to=("file",)),)), channels=("file",))
    number = 0
    while True:
        number += 1
        at, name = now(), f"{seed}-{number}"
        runs.settle(
            RunRecord(
                run_id=f"run_{name}", agent="codex", outcome=Outcome.SUCCEEDED, project=name,
                cost=RunCost(usd=1.0, basis="priced"), usage=ZERO, started_at=at, ended_at=at,
            ),
            at,
        )  # fmt: skip
        budgets.notice((80, 100), now(), owner=Owner(project=name), mailing=lambda: mailing)
        time.sleep(0.004)


def send(folder: Path, file: Path, sender: str) -> None:
    """Send for ever; a notice is taken once its line is in the file."""

    class ToFile:
        def send(self, notice: Notice, now: str) -> None:
            with file.open("ab", buffering=0) as out:
                os.write(out.fileno(), f"{notice.id}\n".encode())

    quick = msgspec.structs.replace(numbers(), lease_s=0.3, poll_s=0.01, attempts_max=10_000)
    delivery = Delivery(
        OutboxRecords(open_records(folder)), {"file": ToFile()}, now=now, chance=chance,
        sender=sender, numbers=quick,
    )  # fmt: skip
    while True:
        if not delivery.deliver_one("file"):
            time.sleep(0.01)


if __name__ == "__main__":
    if sys.argv[1] == "look":
        look(Path(sys.argv[2]), sys.argv[3])
    elif sys.argv[1] == "spend":
        spend(Path(sys.argv[2]), sys.argv[3])
    else:
        send(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
