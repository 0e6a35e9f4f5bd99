"""One process of the changes' crash test: `change_child.py FOLDER SEED` ships changes for ever.

Each goes from its opening to the start of its rollout and back, on one of a few components that the
processes share; what is refused is refused, and the next change is begun.
"""

import sys
from pathlib import Path

from tests.changes.made_changes import manifest
from tests.services.made_desk import DEPLOYER, PIA, Clock, Made

from pawl.alerts.budget_letter import Mailing
from pawl.alerts.policy import Policy, Route
from pawl.changes.change import Change
from pawl.changes.manifest import parts_digest
from pawl.changes.parts import Prompt
from pawl.store.records.engine import open_records
from pawl.world.clock import new_id, now

MAILING = Mailing(
    policy=Policy(routes=(Route(to=("file",), rules=("change",)),)), channels=("file",)
)


def ship(folder: Path, seed: int) -> None:
    """Ship changes for ever."""
    made = Made(open_records(folder), Clock(now()), mailing=lambda: MAILING)
    made.new_id = new_id  # type: ignore[method-assign]
    made.desk._new_id = new_id
    number = seed
    while True:
        number += 1
        name = f"prompt/{number % 3}"
        plan = manifest(
            parts={name: Prompt(text=f"text {seed} {number}")}, base={name: Prompt(text="zero")}
        )
        known = made.approved(plan)
        told = made.desk.start(known.id, DEPLOYER)
        if isinstance(told, Change):
            made.desk.roll_back(known.id, "No.", PIA)
            made.desk.confirm(known.id, parts_digest(plan.base), PIA)


if __name__ == "__main__":
    ship(Path(sys.argv[1]), int(sys.argv[2]))
