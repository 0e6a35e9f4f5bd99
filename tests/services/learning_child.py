"""A process that applies a learning and kills itself at a numbered point, as `kill -9` would."""

import os
import signal
import sys
from pathlib import Path

from tests.services.made_incident_desk import LEO, made_incidents
from tests.services.made_learning import CASE, GATE, MadeTree, learning

from pawl.incidents.learning import Step


class Deadly:
    """Counts points and ends the process at one of them."""

    def __init__(self, at: int) -> None:
        self.left = at

    def point(self, *_: object) -> None:
        """Go on, or end here and now."""
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


class DeadlyTree(MadeTree):
    """A tree that may end the process before and after each file that it writes."""

    def __init__(self, place: Path, deadly: Deadly) -> None:
        super().__init__(place)
        self.deadly = deadly

    def write_bytes(self, path: str, content: bytes) -> None:
        """Write a file between two points."""
        self.deadly.point()
        super().write_bytes(path, content)
        self.deadly.point()


def main(data: Path, place: Path, incident: str, at: int) -> None:
    """Apply one learning; `at` is the point to end at."""
    deadly = Deadly(at)
    made = made_incidents(data, prefix=f"{at}-")
    what = learning(
        incident,
        newEvalCases=tuple(CASE.format(id=name, incident=incident) for name in ("a", "b")),
        gateUpdates=(GATE.format(id="g"),),
    )

    def before(step: Step) -> None:
        deadly.point()

    made.desk.learn(
        incident, what, LEO, files=DeadlyTree(place, deadly), before_step=before,
        due_at="2027-01-01",
    )  # fmt: skip
    made.engine.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
