"""Alerts that declare incidents, from what the records hold and not from what somebody noticed.

A firing is told to the desk under a key of its own, so two servers that see it, or one that died
half-way, declare once. What was fired since the last look is declared although it has resolved
since; how far was looked is in the same records.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from pawl.alerts.alert import Alert
from pawl.alerts.instants import instant, seconds
from pawl.alerts.policy import Policy
from pawl.alerts.state import State
from pawl.incidents.declaring import Said
from pawl.incidents.event import Refusal
from pawl.incidents.from_alert import said_of, severity_of, told_of
from pawl.incidents.incident import Incident
from pawl.services.change_terms import PAWL_ITSELF, By
from pawl.services.incident_terms import Declared, Told
from pawl.store.records.alerts import AlertRecords
from pawl.store.records.timers import TimerRecords

MARK = "alert-incidents"
"""The heartbeat that says up to when firings were told."""
_MARGIN_S = 60.0
"""Seconds before the mark in which a look of another server may have been under way."""
_KNOWN_MAX = 20_000
_FAILURES_MAX = 5
"""Alerts that may fail in one look before the rest of them wait for the next."""


class Desk(Protocol):
    """The desk of incidents as far as alerts need it."""

    def declare(self, said: Said, by: By, *, key: str = "") -> Declared | Refusal:
        """Declare an incident, or tell of the one that is open."""

    def note(self, id: str, text: str, by: By, *, key: str = "") -> Told:
        """Put something on the timeline."""

    def ongoing(self) -> tuple[Incident, ...]:
        """Return the incidents that still hurt."""


class AlertIncidents:
    """Declares what the routes want declared. `about` and `responses` are of rules, by name."""

    def __init__(
        self,
        alerts: AlertRecords,
        timers: TimerRecords,
        desk: Desk,
        policy: Policy,
        now: Callable[[], str],
        *,
        about: Mapping[str, str],
        responses: Mapping[str, str],
        every_s: float = 3.0,
    ) -> None:
        self._alerts, self._timers, self._desk = alerts, timers, desk
        self._policy, self._now = policy, now
        self._about, self._responses = about, responses
        self.every_s = every_s
        self._known: set[str] = set()

    def look(self) -> int:
        """Declare what fires and was not told, note what has resolved; return how many were told.

        One that fails holds up no other. Raises what the desk raised last, once all were tried,
        and then begins again at the same place.
        """
        if all(route.declare is None for route in self._policy.routes):
            return 0
        now = self._now()
        beat = self._timers.heartbeats().get(MARK)
        since = None if beat is None else instant(seconds(beat.at) - _MARGIN_S)
        told = 0
        found = [each.alert for each in self._alerts.alerts()]
        failures: list[Exception] = []
        for alert in found:
            try:
                told += self._declare(alert, since)
            except Exception as failure:
                failures.append(failure)
                if len(failures) == _FAILURES_MAX:
                    break
        if failures:
            raise failures[-1]
        told += self._note_ends(found)
        self._timers.beat(MARK, now)
        return told

    def _declare(self, alert: Alert, since: str | None) -> int:
        if not alert.fired_at or alert.held_back:
            return 0
        late = since is not None and alert.fired_at > since and alert.state is State.RESOLVED
        if alert.state is not State.FIRING and not late:
            return 0
        severity = severity_of(alert, self._policy)
        key = firing_key(alert)
        if severity is None or key in self._known:
            return 0
        said = said_of(
            alert,
            severity,
            self._about.get(alert.rule, ""),
            self._responses.get(alert.rule, ""),
        )
        self._desk.declare(said, PAWL_ITSELF, key=key)
        self._know(key)
        return 1

    def _note_ends(self, found: list[Alert]) -> int:
        ended = [
            (each, f"alert-resolved:{each.id}:{each.resolved_at}")
            for each in found
            if each.state is State.RESOLVED and each.resolved_at
        ]
        fresh = [(alert, key) for alert, key in ended if key not in self._known]
        ongoing = self._desk.ongoing() if fresh else ()
        for alert, key in fresh:
            for incident in told_of(ongoing, alert):
                text = f"The alert {alert.rule} resolved at {str(alert.resolved_at)[:19]}Z."
                self._desk.note(incident.id, text, PAWL_ITSELF, key=key)
            self._know(key)
        return len(fresh)

    def _know(self, key: str) -> None:
        # Whoever is told twice hears it once, so forgetting costs a question and nothing else.
        if len(self._known) >= _KNOWN_MAX:
            self._known.clear()
        self._known.add(key)


def firing_key(alert: Alert) -> str:
    """Return what tells one firing of an alert from every other."""
    return f"alert:{alert.id}:{alert.fired_at}"
