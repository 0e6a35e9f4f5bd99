"""One actor of a race: waits for a line, acts at once, tells what came of it.

`incident_child.py ROLE FOLDER URL` where ROLE is `declare` (the line is a key), `tick`, `page` (a
`tick` with a channel that is told), `ann` or
`leo` (the line is an incident's id, which they accept), `first`, `second` or `third` (the line is
three ids, each of which is merged into the next by one of them), `reopen` (the line is a key and
an id), `again` (declares the key of such a line), `close` or `leave` (the line is an id, which is
closed, or which leaves an action behind); an empty URL is SQLite.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.services.made_desk import Clock
from tests.services.made_incident_desk import ANN, LEO, SUE, MadeIncidents

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.incidents.action import Work
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.services.incident_terms import Declared
from pawl.store.records.engine import open_records
from pawl.world.clock import new_id

AFTER = "2026-11-21T13:00:00.000000Z"


def said(told: object) -> str:
    """Return the code of a refusal, else that it was done."""
    return told.code if isinstance(told, Refusal) else "done"


def merge(made: MadeIncidents, names: list[str], place: int) -> str:
    """Merge the incident at a place into the next one of a ring."""
    return said(made.desk.merge(names[place], names[(place + 1) % len(names)], SUE))


def leave(made: MadeIncidents, identity: str) -> str:
    """Open an action that an incident leaves behind."""
    due = "2026-12-24"
    return said(made.desk.open_action(identity, "Try it", "leo", due, Work.CODE, "a", ANN))


OTHERS: dict[str, Callable[[MadeIncidents, list[str]], str]] = {
    "first": lambda made, names: merge(made, names, 0),
    "second": lambda made, names: merge(made, names, 1),
    "third": lambda made, names: merge(made, names, 2),
    "reopen": lambda made, names: said(made.desk.reopen(names[1], "It is back.", LEO)),
    "close": lambda made, names: said(made.desk.close(names[0], SUE)),
    "leave": lambda made, names: leave(made, names[0]),
}


def act(role: str, folder: Path, url: str | None) -> None:
    """Do what the role does to each key or incident that is named, as soon as it is."""
    mailing = Mailing(policy=Policy(routes=(Route(to=("all",)),)), channels=("all",))
    made = MadeIncidents(
        open_records(folder, url),
        Clock(AFTER),
        mailing=lambda: mailing if role == "page" else Mailing(),
    )
    made.desk._new_id = new_id
    for line in sys.stdin:
        named = line.strip()
        if role == "declare":
            done = made.desk.declare(Said(title="Down", key=named), ANN)
            assert isinstance(done, Declared)
            print("new" if done.new else "again", flush=True)
        elif role == "again":
            done = made.desk.declare(Said(title="Down", key=named.split()[0]), ANN)
            assert isinstance(done, Declared)
            print(done.incident.id, flush=True)
        elif role in OTHERS:
            print(OTHERS[role](made, named.split()), flush=True)
        elif role in ("tick", "page"):
            print(" ".join(each.type for each in made.desk.tick()) or "nothing", flush=True)
        else:
            told = made.desk.accept(named, {"ann": ANN, "leo": LEO}[role])
            print(told.code if isinstance(told, Refusal) else told.commander, flush=True)


if __name__ == "__main__":
    act(sys.argv[1], Path(sys.argv[2]), sys.argv[3] or None)
