"""What the server shows of drills: those that can be run here, and the reports of runs."""

from collections.abc import Callable, Mapping

import msgspec

from pawl.base.errors import BadFile
from pawl.incidents.drill import Drill
from pawl.incidents.drill_answers import DrillsAnswer, answer_of
from pawl.incidents.drill_run import DrillRun
from pawl.incidents.shipped_drills import shipped_drills
from pawl.services.drills import DrillDesk

RUNS = 100
"""Newest runs that are listed."""
Here = Callable[[], Mapping[str, tuple[Drill, str]]]
"""Reads the drills that can be run where the server is; raises BadFile."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run with the runs of the same drill before it, newest first."""

    run: DrillRun
    earlier: tuple[DrillRun, ...]


class DrillPages:
    """Drills as pages and the API ask for them. Running one is for the command line alone."""

    def __init__(self, desk: DrillDesk, here: Here) -> None:
        self.desk = desk
        self._here = here

    def board(self) -> DrillsAnswer:
        """Return the drills that there are, and the newest runs of any."""
        drills, trouble = self._drills()
        return DrillsAnswer(
            drills=self.desk.planned(drills),
            runs=tuple(answer_of(each) for each in self.desk.newest(limit=RUNS)),
            trouble=trouble,
        )

    def report(self, identity: str) -> Report:
        """Return a run; raises NoSuchDrill."""
        run = self.desk.get(identity)
        every = self.desk.newest(run.drill.id, RUNS)
        earlier = tuple(each for each in every if each.planned_at < run.planned_at)
        return Report(run=run, earlier=earlier)

    def _drills(self) -> tuple[Mapping[str, tuple[Drill, str]], str]:
        try:
            return self._here(), ""
        except BadFile as error:
            own = {each.id: (each, "shipped") for each in shipped_drills()}
            return own, f"{error.place}: {error.message}"
