"""One actor of a race: waits for a line, acts at once, tells what came of it.

`incident_child.py ROLE FOLDER URL` where ROLE is `declare` (the line is a key), `tick`, `ann` or
`leo` (the line is an incident's id, which they accept); an empty URL is SQLite.
"""

import sys
from pathlib import Path

from tests.services.made_desk import Clock
from tests.services.made_incident_desk import ANN, LEO, MadeIncidents

from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.services.incident_terms import Declared
from pawl.store.records.engine import open_records
from pawl.world.clock import new_id

AFTER = "2026-11-21T13:00:00.000000Z"


def act(role: str, folder: Path, url: str | None) -> None:
    """Do what the role does to each key or incident that is named, as soon as it is."""
    made = MadeIncidents(open_records(folder, url), Clock(AFTER))
    made.desk._new_id = new_id
    for line in sys.stdin:
        named = line.strip()
        if role == "declare":
            done = made.desk.declare(Said(title="Down", key=named), ANN)
            assert isinstance(done, Declared)
            print("new" if done.new else "again", flush=True)
        elif role == "tick":
            print(" ".join(each.type for each in made.desk.tick()) or "nothing", flush=True)
        else:
            told = made.desk.accept(named, {"ann": ANN, "leo": LEO}[role])
            print(told.code if isinstance(told, Refusal) else told.commander, flush=True)


if __name__ == "__main__":
    act(sys.argv[1], Path(sys.argv[2]), sys.argv[3] or None)
