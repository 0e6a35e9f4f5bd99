"""Drills: run one in its sandbox, measure what it says, and keep how it went.

Nothing of the machine but the records is touched. Whatever ends a drill, also a signal or a defect
of a fault, its sandbox is cleared first and then the end is recorded, so that no run stays open.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from pawl.alerts.budget_letter import Mailing
from pawl.base.errors import BadValue, PawlError
from pawl.incidents.drill import Drill, Gap
from pawl.incidents.drill_answers import DrillLine, line_of
from pawl.incidents.drill_run import (
    Abort,
    Command,
    DrillRun,
    Finish,
    OpenedAction,
    Start,
    decide,
    plan,
    was_left,
)
from pawl.incidents.event import Refusal
from pawl.services.change_ground import actor_of
from pawl.services.change_terms import PAWL_ITSELF, By
from pawl.services.drill_fault import FaultKind, parameters_of
from pawl.services.drill_letters import letters_of
from pawl.services.drill_sandbox import Broke, Place, Sandbox
from pawl.store.records.changes import ChangedMeanwhile, command_key
from pawl.store.records.drills import DrillRecords

LEFT = "Whoever ran it died."


class NoSuchDrill(BadValue):
    """A drill, or a run of one, that is none."""

    code = "no-such-drill"


class OpenActions(Protocol):
    """Opens an action for a gap."""

    def __call__(self, run: DrillRun, gap: Gap, by: By) -> str:
        """Return the id of the action, empty where none could be opened."""


class DrillDesk:
    """Drills of one data folder. `sandboxes` make a place that is gone afterwards."""

    def __init__(
        self,
        records: DrillRecords,
        faults: Callable[[], Mapping[str, FaultKind]],
        sandboxes: Callable[[str], AbstractContextManager[Place]],
        *,
        now: Callable[[], str],
        new_id: Callable[[str], str],
        open_action: OpenActions | None = None,
        clear: Callable[[str], object] = lambda identity: None,
        mailing: Callable[[], Mailing] = Mailing,
    ) -> None:
        """`clear` ends and removes what a run has left whose process died.

        `mailing` is who is told that one failed.
        """
        self._mailing = mailing
        self._records, self._faults, self._sandboxes = records, faults, sandboxes
        self._now, self._new_id, self._open_action = now, new_id, open_action
        self._clear = clear

    def planned(self, drills: Mapping[str, tuple[Drill, str]]) -> tuple[DrillLine, ...]:
        """Return drills with their newest runs; `drills` are by id, each with its place."""
        found = []
        for name in sorted(drills):
            drill, place = drills[name]
            last = next(iter(self._records.newest(name, 1)), None)
            found.append(line_of(drill, place, last))
        return tuple(found)

    def get(self, identity: str) -> DrillRun:
        """Return a run; raises NoSuchDrill. Its id may be shortened as far as that is clear."""
        found = self._records.get(identity)
        if found is None:
            raise NoSuchDrill(
                f"no run of a drill is called {identity[:80]!r}.",
                hint="See them with `pawl drill list`.",
            )
        return found

    def newest(self, drill: str = "", limit: int = 200) -> tuple[DrillRun, ...]:
        """Return the newest runs, of one drill or of all."""
        return self._records.newest(drill, limit)

    def window(self, since: str, until: str) -> tuple[DrillRun, ...]:
        """Return the runs that were planned from one time to another, oldest first."""
        return self._records.window(since, until)

    def settle(self) -> int:
        """Abort runs that somebody left when they died; return how many."""
        count = 0
        for run in self._records.going():
            if was_left(run, self._now()):
                self._clear(run.id)
                try:
                    self._tell(run, Abort(by=PAWL_ITSELF.identity, why=LEFT), PAWL_ITSELF)
                    count += 1
                except ChangedMeanwhile:
                    continue  # Somebody else was first.
        return count

    def run(
        self,
        drill: Drill,
        by: By,
        *,
        key: str = "",
        tell: Callable[[str], None] = lambda text: None,
    ) -> DrillRun:
        """Run a drill to its end and return how it went.

        With a `key` that was told before the run of then is returned. Raises BadFile for a drill
        whose fault there is not; an interruption is raised again once it is recorded.
        """
        kinds = self._faults()
        parameters = parameters_of(drill, kinds)
        only = command_key("drill.run", drill.id, key)
        known = self._records.told(only) if only else None
        if known is not None:
            return known
        self.settle()
        events = plan(self._new_id("drl"), drill, self._now(), by=by.identity)
        run = self._records.record(None, events, actor_of(by), key=only)
        run = self._tell(run, Start(by=by.identity), by)
        kind = kinds[drill.fault.plugin]
        sandbox: Sandbox | None = None
        why, raised = "", None
        try:
            with self._sandboxes(run.id) as place:
                sandbox = Sandbox(place, drill.abort, tell)
                try:
                    kind.cause(sandbox, parameters)
                finally:
                    sandbox.close()
        except Broke as broken:
            why = str(broken)
        except PawlError as error:
            why = f"It could not go on: {error}"
        except BaseException as error:
            why, raised = _of_another_kind(error), error
        measured = dict(sandbox.measured) if sandbox else {}
        notes = tuple(sandbox.notes) if sandbox else ()
        end: Command = Finish(by=by.identity, measured=measured, notes=notes)
        if why:
            end = Abort(by=by.identity, why=why, measured=measured, notes=notes)
        run = self._tell(run, end, by)
        if raised is not None:
            raise raised
        return self._with_actions(run, by)

    def dispose(self) -> None:
        """Close the records."""
        self._records.dispose()

    def _with_actions(self, run: DrillRun, by: By) -> DrillRun:
        """Open an action for each gap, where there is somewhere to."""
        if self._open_action is None:
            return run
        for gap in run.gaps:
            try:
                action = self._open_action(run, gap, by)
            except PawlError:
                continue  # The gap is in the report; somebody opens an action by hand.
            if action:
                command = OpenedAction(by=by.identity, expectation=gap.expectation, action=action)
                run = self._tell(run, command, by)
        return run

    def _tell(self, run: DrillRun, command: Command, by: By) -> DrillRun:
        events = decide(run, command, self._now())
        if isinstance(events, Refusal):
            raise BadValue(" ".join(events.reasons), place=run.id, hint=events.hint)
        if not events:
            return run
        mailing = self._channels()
        return self._records.record(
            run,
            events,
            actor_of(by),
            letters=lambda done: letters_of(done, mailing, done.changed_at),
        )

    def _channels(self) -> Mailing:
        """Return who is told; where that cannot be read the drill ends all the same."""
        try:
            return self._mailing()
        except PawlError:
            return Mailing(shared=True)


def _of_another_kind(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return "Somebody interrupted it."
    return f"A defect of Pawl's ({type(error).__name__}) ended it."
