"""The desk of incidents as a team's server has it: the same commands, given over HTTP.

The server decides, and knows by the token who asks; what is said here of `by` does not reach it.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from pawl.base.errors import BadValue
from pawl.changes.facts import Debt, OpenAction
from pawl.governance.exceptions import Emergency
from pawl.governance.priority import Domain
from pawl.incidents import action
from pawl.incidents.action import Action, Proof, Work
from pawl.incidents.declaring import Said
from pawl.incidents.event import Happened, Refusal
from pawl.incidents.incident import Incident, LinkKind, Milestone, State
from pawl.incidents.terms import Severity
from pawl.incidents.timer_audit import TimerFinding
from pawl.services.change_asking import Server, named
from pawl.services.change_terms import By
from pawl.services.incident_asking import IncidentAsker
from pawl.services.incident_remote_learning import RemoteLearning
from pawl.services.incident_terms import Acted, AllFigures, Declared, TimelineEntry, Told


class _Incidents(msgspec.Struct):
    incidents: tuple[Incident, ...]
    counts: dict[str, int] = {}


class _Entries(msgspec.Struct):
    entries: tuple[TimelineEntry, ...]


class _Unmet(msgspec.Struct):
    unmet: tuple[str, ...]


class _Timers(msgspec.Struct):
    findings: tuple[TimerFinding, ...]
    last_tick: str | None
    next_due: str | None


class _Holds(msgspec.Struct):
    emergencies: tuple[Emergency, ...]
    actions: tuple[OpenAction, ...]
    debts: tuple[Debt, ...]


class _Actions(msgspec.Struct):
    actions: tuple[Action, ...]


class RemoteIncidentDesk(RemoteLearning):
    """Incidents of a server, under the same names. A test holds that no command is left out."""

    def __init__(self, server: Server, new_key: Callable[[], str]) -> None:
        """`new_key` makes a key that nobody used before; each command is sent with one."""
        self._asker = IncidentAsker(server, new_key)

    def close_desk(self) -> None:
        """Nothing is held open."""

    def declare(self, said: Said, by: By, *, key: str = "") -> Declared | Refusal:
        """Declare an incident; it is sent once, because whoever declares has kept it."""
        return self._asker.tell(named("incidents"), Declared, said, key=key, tries=1)

    def accept(self, id: str, by: By, *, key: str = "") -> Told:
        """Take command as the person of the token."""
        return self._told(id, "accept", key)

    def offer(self, id: str, to_whom: str, by: By, *, key: str = "") -> Told:
        """Offer command to a person."""
        return self._told(id, "offer", key, to=to_whom)

    def take_over(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """Relieve a commander who cannot go on."""
        return self._told(id, "take-over", key, reason=reason)

    def join(self, id: str, by: By, *, key: str = "") -> Told:
        """Be one of those who fix it."""
        return self._told(id, "join", key)

    def leave(self, id: str, by: By, *, key: str = "") -> Told:
        """Be no longer one of those who fix it."""
        return self._told(id, "leave", key)

    def note(self, id: str, text: str, by: By, *, key: str = "") -> Told:
        """Put something on the timeline."""
        return self._told(id, "note", key, text=text)

    def update(
        self, id: str, facts: str, impact: str, status: str, by: By, *, key: str = ""
    ) -> Told:
        """Tell everybody how it stands."""
        return self._told(id, "update", key, facts=facts, impact=impact, status=status)

    def attach(
        self, id: str, kind: LinkKind, ref: str, by: By, suspected: bool = False, *, key: str = ""
    ) -> Told:
        """Link something with it."""
        body = {"kind": kind, "id": ref, "suspected": suspected}
        return self._asker.tell(named("incidents", id, "attach"), Incident, body, key=key)

    def reclassify(
        self, id: str, reason: str, by: By, severity: Severity | None = None,
        domain: Domain | None = None, *, key: str = "",
    ) -> Told:  # fmt: skip
        """Say how bad it is, or of which domain, and why."""
        return self._told(id, "reclassify", key, reason=reason, severity=severity, domain=domain)

    def claim(self, id: str, milestone: Milestone, at: str, by: By, *, key: str = "") -> Told:
        """Say when it started or was detected."""
        return self._told(id, "claim", key, milestone=milestone, at=at)

    def mitigate(self, id: str, by: By, at: str = "", *, key: str = "") -> Told:
        """It no longer hurts."""
        return self._told(id, "mitigate", key, at=at or None)

    def resolve(
        self, id: str, by: By, at: str = "", mitigated_at: str = "", *, key: str = ""
    ) -> Told:
        """It is mended."""
        return self._told(id, "resolve", key, at=at or None, mitigated_at=mitigated_at or None)

    def close(self, id: str, by: By, *, key: str = "") -> Told:
        """End it."""
        return self._told(id, "close", key)

    def reopen(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """It is back."""
        return self._told(id, "reopen", key, reason=reason)

    def decline(self, id: str, reason: str, by: By, *, key: str = "") -> Told:
        """It is no incident."""
        return self._told(id, "decline", key, reason=reason)

    def merge(self, id: str, into: str, by: By, *, key: str = "") -> Told:
        """It is the same ongoing event as another incident."""
        return self._told(id, "merge", key, into=into)

    def dismiss_repeat(
        self, id: str, earlier: str, by: By, reason: str = "", *, key: str = ""
    ) -> Told:
        """Say that another one had another cause."""
        return self._told(id, "dismiss-repeat", key, earlier=earlier, reason=reason)

    def tick(self) -> tuple[Happened, ...]:
        """Raise BadValue: a server lets time do what is due by itself."""
        raise BadValue(
            "The server lets time do what is due by itself.",
            place="PAWL_SERVER",
            hint="Leave PAWL_SERVER unset to do it with the records of this machine.",
        )

    def next_due(self) -> str | None:
        """Return when the next deadline of any incident is."""
        return self._timers().next_due

    def last_tick(self) -> str | None:
        """Return when the server last looked at the clock."""
        return self._timers().last_tick

    def audit(self, *, since: str = "") -> tuple[TimerFinding, ...]:
        """Return every timer that did not do as it should."""
        return self._timers(since).findings

    def get(self, id: str) -> Incident:
        """Return an incident; raises NoSuchIncident."""
        return self._asker.look(named("incidents", id), Incident)

    def list(
        self,
        states: tuple[State, ...] = (),
        *,
        scope: str | None = None,
        limit: int = 200,
        before: str = "",
    ) -> tuple[Incident, ...]:
        """Return incidents, last declared first."""
        asked = {"state": ",".join(states), "scope": scope or "", "before": before}
        found = self._asker.look(named("incidents"), _Incidents, limit=str(limit), **asked)
        return found.incidents

    def ongoing(self) -> tuple[Incident, ...]:
        """Return the incidents that still hurt, the worst first."""
        return self._asker.look(named("ongoing-incidents"), _Incidents).incidents

    def counts(self) -> dict[State, int]:
        """Return how many incidents are in which state."""
        found = self._asker.look(named("incidents"), _Incidents, limit="1")
        return {State(state): number for state, number in found.counts.items()}

    def timeline(self, id: str) -> tuple[TimelineEntry, ...]:
        """Return everything that was recorded about an incident."""
        return self._asker.look(named("incidents", id, "timeline"), _Entries).entries

    def unmet(self, id: str) -> tuple[str, ...]:
        """Return what stands in the way of closing an incident."""
        return self._asker.look(named("incidents", id, "unmet"), _Unmet).unmet

    def figures(self, since: str, until: str) -> AllFigures:
        """Return the figures of a window, whose end is the first instant that is not in it."""
        path = named("incident-figures")
        return self._asker.look(path, AllFigures, since=since, until=until)

    def emergencies(self, scope: str | None = None) -> tuple[Emergency, ...]:
        """Return the incidents whose commanders may break glass."""
        return self._asker.look(named("incident-holds"), _Holds, scope=scope or "").emergencies

    def open_actions(self) -> tuple[OpenAction, ...]:
        """Return the actions that hold releases up."""
        return self._asker.look(named("incident-holds"), _Holds).actions

    def open_debts(self) -> tuple[Debt, ...]:
        """Return the debts that are not paid."""
        return self._asker.look(named("incident-holds"), _Holds).debts

    def actions(
        self, *, incident: str = "", states: tuple[action.State, ...] = (), owner: str = ""
    ) -> tuple[Action, ...]:
        """Return actions, due first."""
        asked = {"incident": incident, "state": ",".join(states), "owner": owner}
        return self._asker.look(named("actions"), _Actions, **asked).actions

    def action(self, id: str) -> Action:
        """Return an action; raises NoSuchIncident."""
        return self._asker.look(named("actions", id), Action)

    def open_action(
        self, incident: str, title: str, owner: str, due_at: str, work: Work, component: str,
        by: By, *, blocker: bool = True, severity: Severity | None = None, key: str = "",
    ) -> Acted:  # fmt: skip
        """Open an action."""
        body = {
            "title": title, "owner": owner, "due_at": due_at, "work": work,
            "component": component, "blocker": blocker, "severity": severity,
        }  # fmt: skip
        return self._asker.tell(named("incidents", incident, "actions"), Action, body, key=key)

    def begin_action(self, id: str, by: By, *, key: str = "") -> Acted:
        """Work on it."""
        return self._acted(id, "begin", key)

    def claim_action(self, id: str, by: By, note: str = "", *, key: str = "") -> Acted:
        """Say that it is done."""
        return self._acted(id, "done", key, note=note)

    def send_back_action(self, id: str, reason: str, by: By, *, key: str = "") -> Acted:
        """Say what is still to do."""
        return self._acted(id, "send-back", key, reason=reason)

    def verify_action(self, id: str, proof: Proof, by: By, *, key: str = "") -> Acted:
        """Say that it is done, having looked at evidence."""
        return self._acted(id, "verify", key, proof=proof)

    def drop_action(self, id: str, reason: str, by: By, *, key: str = "") -> Acted:
        """Say that it will not be done, and why."""
        return self._acted(id, "drop", key, reason=reason)

    def move_action(
        self, id: str, reason: str, by: By, owner: str = "", due_at: str = "", *, key: str = ""
    ) -> Acted:
        """Give it another owner or date, and say why."""
        return self._acted(id, "move", key, reason=reason, owner=owner, due_at=due_at or None)

    def _timers(self, since: str = "") -> _Timers:
        return self._asker.look(named("incident-timers"), _Timers, since=since)

    def _told(self, id: str, word: str, key: str, **body: Any) -> Told:
        return self._asker.tell(named("incidents", id, word), Incident, body, key=key)

    def _acted(self, id: str, word: str, key: str, **body: Any) -> Acted:
        return self._asker.tell(named("actions", id, word), Action, body, key=key)
