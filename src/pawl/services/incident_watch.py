"""Watch over the clock of incidents, and remind people of what they owe.

It shares no thread with the clock, and judges it by its heartbeat and the ledger alone: a clock
that is dead or hangs is told of once, by a letter and to whoever asks. Every letter has an id made
of what it is about, so any number of servers that watch tell it once.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec

from pawl.alerts.alert import Alert, Notice, NoticeKind
from pawl.alerts.budget_letter import Mailing
from pawl.alerts.delivery import INCIDENT
from pawl.alerts.reading import Level, scope_of
from pawl.alerts.routing import Due
from pawl.alerts.state import State as AlertState
from pawl.base.canonical import digest
from pawl.base.finding import Confidence, Finding, Outcome, Severity
from pawl.base.times import format_time, parse_time
from pawl.incidents.incident import Incident, State
from pawl.incidents.paging import pending
from pawl.incidents.reminding import postmortem_due_at, update_due_at
from pawl.incidents.terms import Terms, shipped_terms
from pawl.incidents.timer_audit import TimerFinding, Wrong, ticker_is_dead
from pawl.services.incident_letters import reminder
from pawl.services.incident_terms import IncidentSources

LOOK_EVERY_S = 5.0
"""Seconds between two looks at the heartbeat."""
AUDIT_EVERY_S = 30.0
"""Seconds between two audits, which read the ledger."""
MISSED = 2
"""Ticks that may be missed before the clock counts as dead, and the grace of one timer besides."""
_FRESH = timedelta(days=1)
"""How old a wrong timer may be to be told of; the ledger knows of all of them."""
_AUDITED = timedelta(days=7)
"""How far back incidents are audited: a deadline is due some minutes after it was set."""
_TOLD = frozenset({Wrong.MISSING, Wrong.LATE})
_AHEAD = timedelta(days=1)
"""How long before it is due somebody is reminded of a postmortem."""


class Desk(Protocol):
    """The desk of incidents as far as it is watched."""

    sources: IncidentSources

    def last_tick(self) -> str | None:
        """Return when the last tick was."""

    def audit(self, *, since: str = "") -> tuple[TimerFinding, ...]:
        """Return every timer that did not do as it should, of incidents that began since then."""

    def ongoing(self) -> tuple[Incident, ...]:
        """Return the incidents that still hurt."""

    def list(self, states: tuple[State, ...] = ()) -> tuple[Incident, ...]:
        """Return incidents in some states."""


class Outbox(Protocol):
    """Where letters are put."""

    def put(self, notice: Notice, channels: Sequence[str], now: str) -> None:
        """Put a notice in for some channels; a known id changes nothing."""


class ClockState(msgspec.Struct, frozen=True, kw_only=True):
    """How the clock of incidents is: its last tick, whether it is dead, timers that are wrong."""

    last_tick: str | None
    dead: bool
    findings: tuple[TimerFinding, ...] = ()

    @property
    def missing(self) -> tuple[TimerFinding, ...]:
        """Timers that should have fired and have not."""
        return tuple(each for each in self.findings if each.wrong is Wrong.MISSING)

    @property
    def trouble(self) -> str:
        """Why deadlines may pass unnoticed; empty where they do not."""
        if self.dead:
            return f"nobody has looked after incidents since {self.last_tick or 'ever'}"
        if self.missing:
            return f"{len(self.missing)} timers of incidents have not fired"
        return ""


def clock_state(desk: Desk, now: str, tick_every_s: float, *, audit: bool = True) -> ClockState:
    """Return how the clock is, judged by its heartbeat and the ledger of the last days.

    Wrong timers are told of for a day, so what began long before that is not read again and again.
    """
    last = desk.last_tick()
    since = format_time(parse_time(now) - _AUDITED)
    grace_s = MISSED * tick_every_s + _terms(desk).timer_grace_s
    return ClockState(
        last_tick=last,
        dead=ticker_is_dead(last, now, grace_s),
        findings=desk.audit(since=since) if audit else (),
    )


def findings_of(
    state: ClockState | None, ongoing: Sequence[Incident], now: str, *, why: str = ""
) -> Iterator[Finding]:
    """Yield what there is to say of the clock; without a state only why nobody can tell.

    A clock that is dead matters while somebody is still to be paged. Wrong timers are told of as
    long as letters are.
    """
    outcome, severity = Outcome.PASS, Severity.INFO
    hint = "Start the server with pawl up, or look at its /readyz; pages go out as soon as it runs."
    waiting = [each for each in ongoing if pending(each)]
    since = format_time(parse_time(now) - _FRESH)
    wrong = () if state is None else tuple(f for f in state.findings if f.due_at >= since)
    if state is None:
        outcome, severity = Outcome.CANNOT_TELL, Severity.HIGH
        message = f"Whether the timers of incidents run cannot be told: {why}"
    elif state.dead and waiting:
        outcome, severity = Outcome.FAIL, Severity.CRITICAL
        message = (
            f"Nobody has looked after the timers of incidents since {state.last_tick or 'ever'}, "
            f"and {len(waiting)} incidents still page people."
        )
    elif wrong:
        outcome, severity = Outcome.FAIL, Severity.HIGH
        told = ", ".join(
            f"{each.deadline} of {each.incident} {each.wrong.value}" for each in wrong[:5]
        )
        message = f"Timers of incidents that did not do as they should since yesterday: {told}."
    elif state.dead:
        message = (
            "No clock of incidents runs; without a server only the first page of one goes out."
        )
        hint = ""
    else:
        message = f"The clock of incidents last ticked at {state.last_tick}."
    yield Finding(
        id="timers-of-incidents-run",
        outcome=outcome,
        severity=severity,
        confidence=Confidence.HIGH,
        message=message,
        place=None,
        hint="" if outcome is Outcome.PASS else hint,
    )


class IncidentWatch:
    """Looks at the clock and at what is owed. `started` is when this server began."""

    def __init__(
        self,
        desk: Desk,
        outbox: Outbox,
        mailing: Callable[[], Mailing],
        now: Callable[[], str],
        *,
        tick_every_s: float,
    ) -> None:
        self._desk, self._outbox, self._mailing = desk, outbox, mailing
        self._now, self._tick_every_s = now, tick_every_s
        self._started = now()
        self._audited = ""
        self._told: set[tuple[str, str]] = set()
        self.state = ClockState(last_tick=None, dead=False)

    def look(self) -> ClockState:
        """Look once, and tell of what is new; raises what the records raise."""
        now = self._now()
        audit = not self._audited or now >= _later(self._audited, seconds=AUDIT_EVERY_S)
        found = clock_state(self._desk, now, self._tick_every_s, audit=audit)
        if found.dead and self._young(now):
            # The clock of this server begins only now; what was before is its to catch up with.
            found = msgspec.structs.replace(found, dead=False)
        if audit:
            self._audited = now
        else:
            found = msgspec.structs.replace(found, findings=self.state.findings)
        self.state = found
        self._alarm(found, now)
        self._remind(now)
        return found

    def _young(self, now: str) -> bool:
        grace_s = MISSED * self._tick_every_s + _terms(self._desk).timer_grace_s
        return now < _later(self._started, seconds=grace_s)

    def _alarm(self, found: ClockState, now: str) -> None:
        mailing = self._channels()
        if found.dead:
            last = found.last_tick or ""
            words = f"Nobody has looked after the timers of incidents since {last or 'ever'}."
            self._post(_alarm(["silent", last], words, now), mailing, now)
        since = format_time(parse_time(now) - _FRESH)
        for each in found.findings:
            if each.wrong in _TOLD and each.due_at >= since and not self._young(now):
                words = (
                    f"A timer of {each.incident} was due at {each.due_at[:19]}Z and is "
                    f"{'missing' if each.wrong is Wrong.MISSING else 'late'}."
                )
                key = [each.incident, each.deadline, each.wrong.value]
                self._post(_alarm(key, words, now, incident=each.incident), mailing, now)

    def _remind(self, now: str) -> None:
        terms, mailing = _terms(self._desk), self._channels()
        for each in self._desk.ongoing():
            due = update_due_at(each, terms)
            if due is not None and due <= now:
                self._put(
                    reminder(
                        each,
                        f"update {due}",
                        f"owes everybody an update since {due[:16]}Z.",
                        f"Tell how it stands: pawl incident update {each.id}",
                        mailing,
                        now,
                        person=each.commander,
                    ),
                    now,
                )
        for each in self._desk.list((State.RESOLVED, State.POSTMORTEM)):
            due = postmortem_due_at(each, terms)
            if due is None or now < format_time(parse_time(due) - _AHEAD):
                continue
            late = due <= now
            self._put(
                reminder(
                    each,
                    f"postmortem {'overdue' if late else 'soon'} {due}",
                    f"{'has lacked' if late else 'needs'} its postmortem "
                    f"{'since' if late else 'by'} {due[:16]}Z.",
                    f"Write it: pawl incident show {each.id}",
                    mailing,
                    now,
                    person=each.commanders[-1].person if each.commanders else "",
                ),
                now,
            )

    def _channels(self) -> Mailing:
        try:
            return self._mailing()
        except Exception:  # Whoever watches must not fall silent over a defect of ours.
            return Mailing(shared=True)

    def _post(self, due: Due, mailing: Mailing, now: str) -> None:
        self._put(mailing.told(due, now), now)

    def _put(self, notices: Sequence[Notice], now: str) -> None:
        for each in notices:
            if (each.id, each.route) not in self._told:
                self._outbox.put(each, (each.route,), now)
                # The records know it as well; asking them each time would be a write each time.
                self._told.add((each.id, each.route))


def _alarm(key: list[str], words: str, now: str, *, incident: str = "") -> Due:
    alert = Alert(
        rule=INCIDENT,
        level=Level.CRITICAL,
        scope=scope_of(incident=incident or None, timers="wrong"),
        state=AlertState.FIRING,
        since=now,
        fired_at=now,
        looked_at=now,
        summary=f"{words} Pages and breaches may be late.",
    )
    told = digest([INCIDENT, "timers", *key])[:32]
    return Due(alert, NoticeKind.FIRING, told, "Look at the server: its /readyz, then pawl doctor.")


def _terms(desk: Desk) -> Terms:
    try:
        return desk.sources.terms()
    except Exception:
        return shipped_terms()


def _later(at: str, *, seconds: float) -> str:
    return format_time(parse_time(at) + timedelta(seconds=seconds))
