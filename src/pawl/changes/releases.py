"""What was released, went back and was excepted: told out of events, as it was known at a time.

Events are taken in the ledger's order and only those recorded before the end; so a report of an
old window is the same whenever it is made. A change that is started again after it went back is
another release. What was found to be live is a release that nobody asked about.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.changes.change import Happened, Happening
from pawl.changes.evidence import Evidence
from pawl.changes.gate import Decision
from pawl.changes.metric_definitions import definitions
from pawl.changes.metrics import APPROVALS, Excepting, Glass, Recovery, Release
from pawl.governance.exceptions import GateException
from pawl.governance.roster import covers, provider_of

ITSELF = "pawl"
"""Whom events name that nobody commanded: only code of ours writes that."""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """All that figures are made of."""

    releases: tuple[Release, ...]
    recoveries: tuple[Recovery, ...]
    exceptions: tuple[Excepting, ...]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures of a window are made of, as read from the records.

    `events` are those of every change that was released or began to go back in the window, or that
    used an exception given in it, from its very beginning. `decisions` are by digest, the evidence
    of `commits` by the content that it is about, and `exceptions` are all there ever were.
    """

    events: tuple[Happened, ...]
    decisions: Mapping[str, Decision]
    commits: Mapping[str, tuple[Evidence, ...]]
    exceptions: tuple[GateException, ...]


def past_of(
    events: Iterable[Happened],
    until: str,
    *,
    decision: Callable[[str], Decision | None],
    first_commit: Callable[[str], str | None],
    exceptions: Iterable[GateException] = (),
    since: str = "",
    scope: str = "",
) -> Past:
    """Return what happened before `until`; releases and rollbacks that began before `since` are
    left out, so that no decision of theirs is asked for.

    `decision` gives what a start rested on by its digest, `first_commit` the time of the first
    commit of a content with a digest, as git tells it. Of a `scope` only what it holds is told.
    """
    told = _Told(scope)
    for event in events:
        if event.at < until:
            told.take(event)
    given = {
        each.id: each
        for each in exceptions
        if each.approved_at and each.approved_at < until and covers(scope, each.scope)
    }
    return Past(
        releases=tuple(
            _release(each, decision, first_commit, given, until)
            for each in told.releases
            if each.at >= since
        ),
        recoveries=tuple(each for each in told.recoveries if each.recorded_at >= since),
        exceptions=tuple(_excepting(each, told.used, until) for each in given.values()),
    )


class _Out(msgspec.Struct, kw_only=True):
    """A release as it is put together."""

    change: str
    at: str
    opened_at: str | None
    managed: bool
    content: str = ""
    decision: str = ""
    exceptions: tuple[str, ...] = ()
    live_at: str | None = None
    stopped_at: str | None = None
    failed: bool | None = None


class _Told:
    """The events so far."""

    def __init__(self, scope: str) -> None:
        self._scope = scope
        self._here: dict[str, bool] = {}
        self._content: dict[str, str] = {}
        self.releases: list[_Out] = []
        self.recoveries: list[Recovery] = []
        self.used: set[str] = set()
        self._opened: dict[str, str] = {}
        self._out: dict[str, _Out] = {}
        self._back: dict[str, int] = {}

    def take(self, event: Happened) -> None:
        """Take the next event."""
        self._content[event.change] = str(
            event.sets.get("digest") or self._content.get(event.change, "")
        )
        manifest = event.sets.get("manifest")
        if isinstance(manifest, dict):
            # An edit may move a change into another scope.
            self._here[event.change] = covers(self._scope, str(manifest.get("scope") or ""))
        if event.type is Happening.OPENED:
            self._opened[event.change] = event.at
        if not self._here.get(event.change, not self._scope):
            return
        out = self._out.get(event.change)
        match event.type:
            case Happening.STARTED | Happening.FOUND:
                self._begin(event)
            case Happening.LIVE if out is not None:
                out.live_at, out.failed = event.at, False
            case Happening.ROLLBACK_STARTED:
                self._go_back(event, out)
            case Happening.ROLLED_BACK if event.change in self._back:
                number = self._back.pop(event.change)
                self.recoveries[number] = msgspec.structs.replace(
                    self.recoveries[number], done_at=event.at
                )

    def _begin(self, event: Happened) -> None:
        managed = event.type is Happening.STARTED
        out = _Out(
            change=event.change,
            at=event.at,
            opened_at=self._opened.get(event.change, event.at) if managed else None,
            managed=managed,
            content=self._content[event.change],
            decision=str(event.sets.get("decision") or "") if managed else "",
            exceptions=_texts(event.sets.get("exceptions")) if managed else (),
        )
        self.used.update(out.exceptions)
        self.releases.append(out)
        self._out[event.change] = out

    def _go_back(self, event: Happened, out: _Out | None) -> None:
        planned = event.sets.get("ended_as_planned") is True
        if out is not None:
            out.stopped_at = out.stopped_at or event.at
            out.failed = not planned
        # One that is tried again is the same one, and an experiment that ran its time is none.
        if not planned and event.change not in self._back:
            self._back[event.change] = len(self.recoveries)
            self.recoveries.append(
                Recovery(
                    change=event.change,
                    recorded_at=event.at,
                    trigger_at=str(event.sets.get("trigger_at") or event.at),
                    automatic=provider_of(event.by) == ITSELF,
                    released_at=None if out is None else out.at,
                )
            )


def _release(
    out: _Out,
    decision: Callable[[str], Decision | None],
    first_commit: Callable[[str], str | None],
    given: dict[str, GateException],
    until: str,
) -> Release:
    found = decision(out.decision) if out.decision else None
    return Release(
        change=out.change,
        released_at=out.at,
        opened_at=out.opened_at,
        managed=out.managed,
        first_commit_at=first_commit(out.content) if out.managed else None,
        live_at=out.live_at,
        stopped_at=out.stopped_at,
        decision=found,
        glass=_glass_of(out, found, given, until),
        failed=out.failed,
    )


def _glass_of(
    out: _Out, found: Decision | None, given: dict[str, GateException], until: str
) -> Glass:
    """Return how the glass was ratified that a start rested on: that of the approvals first."""
    used = [given[each] for each in out.exceptions if each in given]
    of_approvals = {
        each.exception for each in (found.gates if found else ()) if each.condition == APPROVALS
    }
    on_approvals = [each for each in used if each.id in of_approvals]
    said = {_glass(each, until) for each in on_approvals or used}
    return next((each for each in _WORST_FIRST if each in said), "")


_WORST_FIRST: tuple[Glass, ...] = ("never", "late", "in-time")


def _excepting(given: GateException, used: set[str], until: str) -> Excepting:
    ends = [given.expires_at, *([given.revoked_at] if given.revoked_at else [])]
    return Excepting(
        id=given.id,
        given_at=given.approved_at,
        used=given.id in used,
        over=min(ends) < until,
        glass=_glass(given, until),
    )


def _glass(given: GateException, until: str) -> Glass:
    if not given.incident:
        return ""
    if not given.ratified_at or given.ratified_at >= until:
        return "never"
    hours = definitions().late_after_hours
    due = format_time(parse_time(given.approved_at) + timedelta(hours=hours))
    return "in-time" if given.ratified_at < due else "late"


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()
