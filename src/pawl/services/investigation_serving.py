"""Investigations as a server has them: kept with their incident, and what its own records tell."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from pawl.base.errors import BadValue, CannotTell
from pawl.base.times import parse_time
from pawl.incidents.event import Refusal
from pawl.investigation.facts import Alarm, Change, Facts
from pawl.investigation.terms import shipped_terms
from pawl.services.changes import ChangeDesk
from pawl.services.incidents import IncidentDesk
from pawl.services.investigation_keeping import InvestigationKeeping
from pawl.services.investigation_records import History, RecordedHere
from pawl.store.records.connection import Engine
from pawl.store.records.investigations import InvestigationRecords, Kept

__all__ = ["Kept", "KeptTold", "RecordedEvidence", "ServedInvestigations"]

MOST_LINES = 20_000
"""Lines of events that one answer has; there are counts by the minute of all of them."""
MOST_DAYS = 31
"""Days that one question may be about."""


class KeptTold(msgspec.Struct, frozen=True, kw_only=True):
    """An investigation as it was kept; `refusal` says why it could not be linked."""

    kept: Kept
    refusal: Refusal | None = None


class RecordedEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Changes and alerts of a window, and how many automated actions failed in a row at its end."""

    changes: tuple[Change, ...]
    alarms: tuple[Alarm, ...]
    failed_actions: int = 0


class ServedInvestigations:
    """What a server keeps of investigations, and what it can tell one."""

    def __init__(
        self,
        engine: Engine,
        desk: IncidentDesk,
        changes: ChangeDesk | None,
        events: History,
        *,
        rules: Callable[[], tuple[str, ...]],
        now: Callable[[], str],
        new_id: Callable[[str], str],
    ) -> None:
        self.keeping = InvestigationKeeping(
            InvestigationRecords(engine), desk, now=now, new_id=new_id
        )
        self._changes = changes
        self._recorded = RecordedHere(
            desk=self._desk, engine=lambda: engine, rules=rules, events=lambda: _open(events),
            own=False,
        )  # fmt: skip

    def evidence(self, since: str, until: str) -> RecordedEvidence:
        """Return what the records tell of a window; raises BadValue for one that is too long."""
        _bounded(since, until)
        return RecordedEvidence(
            changes=() if self._changes is None else self._recorded.changes(since, until),
            alarms=self._recorded.alarms(since, until),
            failed_actions=(
                0 if self._changes is None else self._recorded.failed_actions(since, until)
            ),
        )

    def event_facts(self, since: str, until: str) -> Facts:
        """Return what events tell of a window: the newest lines, and counts of all."""
        _bounded(since, until)
        found = self._recorded.event_facts(since, until, shipped_terms())
        if len(found.lines) <= MOST_LINES:
            return found
        left = (*found.left, f"only the last {MOST_LINES:,} lines were sent.")
        return msgspec.structs.replace(found, lines=found.lines[-MOST_LINES:], left=left)

    def _desk(self) -> ChangeDesk:
        if self._changes is None:
            raise CannotTell("this server looks after no changes.")
        return self._changes


@contextmanager
def _open(events: History) -> Iterator[History]:
    """Hand on events that are open already, and stay so."""
    yield events


def _bounded(since: str, until: str) -> None:
    if (parse_time(until) - parse_time(since)).days > MOST_DAYS:
        raise BadValue(f"the window is longer than {MOST_DAYS} days.", place="since")
