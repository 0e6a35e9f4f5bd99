"""The sample's cadence: made-up people keep most of it for ten weeks, through the real services."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from pawl.alerts.budget_numbers import numbers
from pawl.base.canonical import digest
from pawl.base.errors import PawlError
from pawl.base.times import format_time, parse_time
from pawl.changes.policy import Policy
from pawl.governance.cadence import Cadence, shipped_cadence
from pawl.governance.cadence_keeping import Line
from pawl.governance.roster import Roster
from pawl.services.cadence import CadenceDesk
from pawl.services.cadence_reading import shipped_numbers
from pawl.services.cadence_server import CadenceServer
from pawl.services.change_terms import By
from pawl.services.routine_looks import Billing, Changes, Incidents, Looks
from pawl.services.sample_changes import ROSTER, sample_policy
from pawl.store.records.cadence import CadenceRecords
from pawl.store.records.connection import Engine
from pawl.store.records.timers import TimerRecords

WEEKS = 10
WHO = {
    "on-call": "katherine",
    "product-eng": "ada",
    "product-lead": "grace",
    "security-lead": "edsger",
    "platform-lead": "barbara",
    "incident-commander": "katherine",
}
_SAID = {
    "note": "Two alerts looked into, both a busy day. Spend is as expected.",
    "decisions": "Nothing to decide: no exception ends late.",
    "findings": "None beyond what the gates said.",
    "cases": "One case made of the run that lost its way.",
    "changes": "none: spend follows use",
    "queue": "",
    "figures": "",
    "actions": "",
    "roadmap": "Rollbacks first, then cost.",
}


class SamplePlace:
    """The cadence, policy and people of the sample."""

    def cadence(self) -> Cadence:
        """Return the cadence that comes with Pawl."""
        return shipped_cadence()

    def policy(self) -> Policy:
        """Return the sample's policy."""
        return sample_policy()

    def roster(self) -> Roster:
        """Return the sample's people."""
        return ROSTER


class SampleCadence(CadenceServer):
    """The sample's cadence. Nothing is there before `load`, and no clock makes more of it."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], str],
        *,
        changes: Changes | None,
        incidents: Incidents | None = None,
        bill: Billing | None = None,
    ) -> None:
        def desk(clock: Callable[[], str]) -> CadenceDesk:
            place = SamplePlace()
            looks = Looks(engine, place, numbers(), changes=changes, incidents=incidents, bill=bill)
            return CadenceDesk(
                CadenceRecords(engine), place, looks, now=clock, zones=ZoneInfo,
                numbers=shipped_numbers,
            )  # fmt: skip

        super().__init__(desk(now), TimerRecords(engine), now=now, holder="sample")
        self._desk_at = desk
        self._now = now

    def start(self) -> None:
        """Begin nothing: what is shown stands still."""

    def load(self) -> None:
        """Let the story of the sample happen, at times before now."""
        end = self._now()
        moment = [format_time(parse_time(end) - timedelta(weeks=WEEKS))]
        desk = self._desk_at(lambda: moment[0])
        if any(line.record for line in desk.calendar(moment[0], end).lines):
            return  # It happens once, however often the sample is looked at.
        desk.tick()
        for line in desk.calendar(moment[0], end).lines:
            chance = int(digest(line.occurrence.id)[:4], 16) % 100
            at = parse_time(line.occurrence.due_at) + timedelta(minutes=chance - 95)
            moment[0] = format_time(at)
            if moment[0] < end:
                _keep(desk, line, chance)
        moment[0] = end
        desk.tick()


def _keep(desk: CadenceDesk, line: Line, chance: int) -> None:
    """Do an occurrence, excuse it, or let it pass: of twenty two are missed and one is excused."""
    period = line.occurrence.period
    try:
        if chance < 10:
            return
        if chance < 15:
            desk.excuse(
                line.routine.id,
                "Everybody was at the yearly meeting.",
                _answers(line),
                period=period,
            )
            return
        given = {name: _SAID.get(name, "") for name in line.routine.outputs}
        desk.done(line.routine.id, given, _by(WHO[line.routine.role]), period=period)
    except PawlError:
        return  # A drill that is not on record is none, in the sample as elsewhere.


def _answers(line: Line) -> By:
    """Return who answers for what a role does."""
    return _by({"on-call": "katherine", "product-eng": "grace"}.get(line.routine.role, "edsger"))


def _by(person: str) -> By:
    return By(identity=f"session:{person}", source="session", assurance="authenticated")
