"""The processes of the rollouts' crash test.

`rollout_child.py FOLDER` looks after the rollouts of a folder for ever, with the executor `command`
as its `pawl.toml` says. Telemetry says good of every change but of those whose title says bad.
"""

import sys
import time
from pathlib import Path

import msgspec
from tests.services.made_desk import Made
from tests.services.made_rollouts import BAD, GOOD

from pawl.app.rollouts import _holder, _is_gone, executors
from pawl.changes.executing import numbers
from pawl.changes.stage_metrics import Side, stage_metrics
from pawl.services.carrying_out import Carrier
from pawl.services.rollouts import Rollouts
from pawl.store.records.engine import open_records
from pawl.store.records.rollouts import RolloutRecords
from pawl.world.clock import now


class Telemetry:
    """Says bad of the changes whose id ends in an odd number."""

    def stage_sides(
        self, change: str, digest: str, window: tuple[str, str], base: tuple[str, str]
    ) -> tuple[Side, Side]:
        """Return what the id says."""
        return BAD if int(change[-1]) % 2 else GOOD


def look_for_ever(folder: Path) -> None:
    """Tick, with hardly a wait between two attempts."""
    engine = open_records(folder)
    made = Made(engine)
    made.desk._now = now
    quick = msgspec.structs.replace(
        numbers(), backoff_first_s=0.01, backoff_max_s=0.05, attempts_max=10_000
    )
    records = RolloutRecords(engine)
    carrier = Carrier(
        records, executors(folder), made.desk.get, now=now, chance=lambda: 0.5,
        holder=_holder(), numbers=quick,
    )  # fmt: skip
    rollouts = Rollouts(
        made.desk, records, carrier, executors(folder), Telemetry(), stage_metrics(),
        now=now, is_gone=_is_gone,
    )  # fmt: skip
    while True:
        ticked = rollouts.tick(drift=False)
        for trouble in ticked.troubles:
            print(trouble, file=sys.stderr)
        time.sleep(0.005)


if __name__ == "__main__":
    look_for_ever(Path(sys.argv[1]))
