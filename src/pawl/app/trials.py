"""Wiring of live trials: the tree, the world of one trial, the processes that run them."""

from __future__ import annotations

import os
import platform
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pawl.evals.case import Case
    from pawl.evals.judging import Judge
    from pawl.evals.sealing import Sealed
    from pawl.evals.shelf import Placed, Shelf
    from pawl.services.eval_live import Done, Told, Wanted
    from pawl.services.evals import KeptTrial
    from pawl.services.trial_program import Order
    from pawl.services.trials import TrialWorld


class Trials:
    """Live trials of the cases of one repository.

    `folder` is the data folder; `judge` is the file of a judge that is to be asked.
    """

    def __init__(self, folder: Path, place: Path, judge: Path | None = None) -> None:
        from pawl.evals.shelf import Shelf
        from pawl.world.tree_writer import TreeWriter
        from pawl.world.working_tree import WorkingTree

        self._folder = folder
        self._judge = None if judge is None else _read_judge(judge)
        self._tree = WorkingTree(place)
        self.top: Path = self._tree.top
        self.shelf: Shelf = Shelf(self._tree)
        self._writer = TreeWriter(self.top)

    def run(
        self,
        cases: Sequence[Placed],
        counts: Mapping[str, int],
        order: Order,
        *,
        jobs: int,
        told: Told,
        wanted: Wanted | None = None,
    ) -> tuple[Done, ...]:
        """Run so many trials of each case, and those the gate wants; every record is kept.

        `order` is filled in with each case and its folder.
        """
        from pawl.services.eval_live import Lot, run_live
        from pawl.world.trial_place import sweep
        from pawl.world.trial_workers import Workers

        world = self._world()
        world.why_open()  # Found out once, before any process is forked.
        lots = [
            Lot(case=each.case, trial=partial(_trial, order, each, self.top, world), put=self._put)
            for each in cases
        ]
        sweep()
        with Workers() as crew:
            return run_live(lots, counts, crew, jobs=jobs, wanted=wanted, told=told)

    def keep_null(self, placed: Placed) -> tuple[str, Sealed]:
        """Run the agent that does nothing, and keep its record as the case's null."""
        from pawl.services.eval_keeping import keep_shipped
        from pawl.services.trial_program import Order

        order = Order(case=placed.case, folder=placed.folder, null=True)
        sealed = _trial(order, placed, self.top, self._world())
        return keep_shipped(self._writer, placed.case.id, "null", sealed), sealed

    def kept(self, done: Sequence[Done]) -> tuple[KeptTrial, ...]:
        """Return the trials whose records were just kept; raises TamperedRecord."""
        from pawl.evals.shelf import RecordFile, opened
        from pawl.services.evals import KeptTrial

        return tuple(
            KeptTrial(
                address=each.address,
                trial=opened(
                    (self.top / each.path).read_bytes(),
                    RecordFile(each.case, each.path, each.address),
                ),
            )
            for each in done
            if each.address
        )

    def keep_oracle(self, placed: Placed, address: str) -> tuple[str, Sealed]:
        """Make a kept record that passes the case's oracle; return its path, and it.

        Raises BadValue for one that is not there or not graded pass.
        """
        from pawl.services.eval_keeping import keep_shipped
        from pawl.services.eval_live import passing_record

        sealed = passing_record(self.shelf, placed, address)
        return keep_shipped(self._writer, placed.case.id, "oracle", sealed), sealed

    def _put(self, case: str, sealed: Sealed) -> str:
        from pawl.services.eval_keeping import keep_record

        return keep_record(self._writer, case, sealed)

    def _world(self) -> TrialWorld:
        import msgspec

        from pawl import __version__
        from pawl.app import run_services
        from pawl.evals.agent_needs import shipped_needs
        from pawl.evals.steering import EVALS
        from pawl.services.trials import TrialWorld
        from pawl.world import clock, confinement, launch_site, trial_place, trial_workers

        users = dict(os.environ)
        shell = msgspec.structs.replace(
            run_services(self._folder),
            surroundings=lambda: launch_site.launch_site(self.top, users),
            stdin_again=lambda: False,
        )
        return TrialWorld(
            place=trial_place.TrialPlace,
            holding=confinement.Confinement,
            why_open=confinement.why_not,
            shell=shell,
            feed=trial_workers.feed_stdin,
            files=self._tree,
            users=users,
            # The repository, and what a hook needs: Python, Pawl and the socket to ask at.
            needed=(
                str(self.top),
                sys.prefix,
                sys.base_prefix,
                str(Path(__file__).parents[2]),
                str(self._folder.absolute()),
            ),
            hidden=(str(self.top / EVALS),),
            new_token=clock.new_token,
            needs=shipped_needs(),
            host=f"{platform.system().lower()}-{platform.machine()}",
            recorded_by=f"pawl {__version__}",
            judge=self._judge,
            ask=trial_workers.ask,
        )


def _read_judge(file: Path) -> Judge:
    from pawl.base.errors import BadFile
    from pawl.base.loading import MAX_TEXT
    from pawl.evals.judging import read_judge

    try:
        with file.open(encoding="utf-8") as opened:
            return read_judge(opened.read(MAX_TEXT), place=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"cannot be read: {error}.", place=str(file)) from error


def first_counts(cases: Sequence[Case], asked: int | None) -> dict[str, int]:
    """Return how many trials each case begins with: as asked, else as the case says."""
    return {case.id: asked or case.trials.k for case in cases}


def _trial(order: Order, placed: Placed, top: Path, world: TrialWorld) -> Sealed:
    import msgspec

    from pawl.services.trials import run_trial

    own = msgspec.structs.replace(
        order, case=placed.case, folder=placed.folder, repository=str(top)
    )
    # Each runs in a process of its own, which is the one that supervises.
    shell = msgspec.structs.replace(world.shell, pid=os.getpid())
    return run_trial(own, msgspec.structs.replace(world, shell=shell))
