"""One process of the crash test of alerts that declare: `... FOLDER SEED [URL]` looks for ever.

The processes share records. Each lets alerts fire and resolve, and declares what the routes want.
"""

import random
import sys
from pathlib import Path

from tests.alerts.made_alerts import alerts, an_alert
from tests.services.made_desk import Clock
from tests.services.made_incident_desk import MadeIncidents

from pawl.alerts.alert import Alerts
from pawl.alerts.policy import Policy, Route
from pawl.alerts.state import State
from pawl.services.alert_incidents import AlertIncidents
from pawl.store.records.alerts import AlertRecords, Decided
from pawl.store.records.engine import open_records
from pawl.store.records.timers import TimerRecords
from pawl.world.clock import new_id, now

POLICY = Policy(routes=(Route(to=("team",), rules=("error-rate",), declare=2),))


def watch(folder: Path, seed: int, url: str | None) -> None:
    """Look for ever; an alert that fired resolves with the next look, and another one fires."""
    chance = random.Random(seed)
    engine = open_records(folder, url)
    clock = Clock(now())
    made = MadeIncidents(engine, clock)
    made.desk._new_id = new_id
    records = AlertRecords(engine)
    declaring = AlertIncidents(
        records, TimerRecords(engine), made.desk, POLICY, clock, about={}, responses={}
    )
    number = seed
    while True:
        number += 1
        clock.wind(seconds=chance.choice((1, 20)))
        at = clock()
        state = chance.choice((State.FIRING, State.RESOLVED))
        alert = an_alert(
            fired_at=at,
            state=state,
            resolved_at=at if state is State.RESOLVED else None,
            scope=(("project", f"shop-{number % 4}"),),
        )
        decided = Decided(alerts=alerts(alert, at=at))

        def decide(before: Alerts, silences: object, decided: Decided = decided) -> Decided:
            return decided

        records.look(f"store-{seed % 2}", f"p{seed}", at, decide, every_s=0, stale_s=0)
        declaring.look()
        if number == seed + 1:
            print("at work", flush=True)


if __name__ == "__main__":
    watch(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
