"""Timers of incidents: due pages go out, a promise that is broken is said once, and who watches."""

import traceback

from pawl.incidents.commands import Tick
from pawl.incidents.event import Happened, Refusal
from pawl.incidents.terms import shipped_terms
from pawl.incidents.timer_audit import TimerFinding, audit_timers
from pawl.incidents.transitions import decide
from pawl.services.change_terms import PAWL_ITSELF
from pawl.services.incident_ground import IncidentGround
from pawl.store.records.incidents import IncidentBook

AT_ONCE = 100
"""Incidents of one transaction."""
MOST = 2_000
"""Incidents of one tick; what is left is due at the next."""


class IncidentTimers(IncidentGround):
    """Let time do what is due. Any number of servers may: each deadline is acted on once."""

    def tick(self) -> tuple[Happened, ...]:
        """Let everything happen that is due, and prove that somebody looked.

        An incident that cannot be read holds up no other; the heartbeat says that there is one.
        """
        with self._records.reading() as book:
            due = book.due(self._now(), MOST)
        found: list[Happened] = []
        failures: list[str] = []
        for some in (due[at : at + AT_ONCE] for at in range(0, len(due), AT_ONCE)):
            try:
                found += self._fire(some)
            except Exception:
                found += self._one_by_one(some, failures)
        with self._records.writing() as book:
            book.beat(self._now(), " ".join(failures))
        return tuple(found)

    def next_due(self) -> str | None:
        """Return when the next deadline of any incident is; None where none is to come."""
        with self._records.reading() as book:
            return book.next_due()

    def last_tick(self) -> str | None:
        """Return when the last tick was; None where there was none."""
        return self._records.last_tick()

    def audit(self, *, since: str = "") -> tuple[TimerFinding, ...]:
        """Return every timer that did not do as it should, judged from the ledger alone.

        With `since`, of incidents that were declared or opened again from then on.
        """
        with self._records.reading() as book:
            events, now = book.timer_events(since), self._now()
        return audit_timers(events, now, self._grace_s())

    def _grace_s(self) -> float:
        try:
            return self.sources.terms().timer_grace_s
        except Exception:
            return shipped_terms().timer_grace_s

    def _one_by_one(self, some: tuple[str, ...], failures: list[str]) -> list[Happened]:
        found: list[Happened] = []
        for each in some:
            try:
                found += self._fire((each,))
            except Exception as defect:
                traceback.print_exc()
                failures.append(f"The timers of {each} do not run ({type(defect).__name__}).")
        return found

    def _fire(self, some: tuple[str, ...]) -> list[Happened]:
        found: list[Happened] = []
        with self._writing() as book:
            for each in some:
                found += self._of_one(book, each)
        return found

    def _of_one(self, book: IncidentBook, identity: str) -> tuple[Happened, ...]:
        incident = book.incident(identity)
        if incident is None:
            return ()
        events = decide(incident, Tick(by=PAWL_ITSELF.identity), self._now())
        if isinstance(events, Refusal):
            return ()
        self._keep(book, incident, events, PAWL_ITSELF)
        return events
