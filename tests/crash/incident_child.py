"""One process of the incidents' crash test: `incident_child.py FOLDER SEED` handles them for ever.

Each is declared under one of a few keys that the processes share, by a clock that runs ahead, so
that pages and breaches fall due all the time; what is refused is refused, and the next is begun.
"""

import random
import sys
from pathlib import Path

from tests.services.made_desk import Clock
from tests.services.made_incident_desk import ANN, LEO, SUE, TYPED, MadeIncidents

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.incidents.action import Action, Proof, Work
from pawl.incidents.declaring import Said
from pawl.services.incident_terms import Declared
from pawl.store.records.engine import open_records
from pawl.world.clock import new_id, now

MAILING = Mailing(
    policy=Policy(routes=(Route(to=("file",), rules=("incident",)),)), channels=("file",)
)


def handle(folder: Path, seed: int) -> None:
    """Handle incidents for ever."""
    chance = random.Random(seed)
    made = MadeIncidents(open_records(folder), Clock(now()), mailing=lambda: MAILING)
    desk = made.desk
    desk._new_id = new_id
    number = seed
    while True:
        number += 1
        said = Said(title=f"Down {number}", key=f"key-{number % 3}", severity=3)
        done = desk.declare(said, ANN, key=f"declare-{number}")
        assert isinstance(done, Declared)
        name = done.incident.id
        if number == seed + 1:
            print("at work", flush=True)
        made.clock.wind(seconds=chance.choice((1, 120, 301)))
        desk.tick()
        desk.accept(name, chance.choice((TYPED, SUE, LEO)), key=f"accept-{number}")
        desk.note(name, "Look.", TYPED, key=f"note-{number}")
        desk.mitigate(name, SUE)
        desk.resolve(name, SUE)
        action = desk.open_action(name, "Try it", "leo", "2027-01-01", Work.CODE, "a", LEO)
        if isinstance(action, Action):
            desk.claim_action(action.id, LEO)
            desk.verify_action(action.id, Proof(place="x", digest="y"), SUE)
        if chance.random() < 0.3:
            desk.reopen(name, "Back.", ANN)
        else:
            desk.close(name, SUE)


if __name__ == "__main__":
    handle(Path(sys.argv[1]), int(sys.argv[2]))
