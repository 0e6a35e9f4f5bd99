"""What the records of changes tell an assessment: what gates decided, what shipped, what went back.

Only what was recorded counts: a change that went around everything is one that nobody approved, and
where a decision is no longer there nobody can tell. No person leaves this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from pawl.base.times import seconds_between
from pawl.changes.approval import yes_of
from pawl.changes.change import Happened
from pawl.changes.condition import Snapshot
from pawl.changes.gate import Decision, Requirement
from pawl.changes.manifest import works_of
from pawl.changes.metrics import Recovery, Release, approval_of, lacks_approval
from pawl.changes.releases import past_of
from pawl.governance.exceptions import GateException
from pawl.governance.raci import row_of
from pawl.governance.roster import behind, by_identity, covers, holds
from pawl.maturity.facts.practice import ChangeDecision, GateDecision, Rollback
from pawl.services.change_figures import ReleasesSource

MAX_DECISIONS = 5_000
"""Newest decisions that are looked at."""
MAX_SNAPSHOTS = 200
"""Newest starts of which it is looked up who acted: each one holds everything that it rested on."""
DUTIES = "duties-are-separate"


class ChangePractice(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded of changes since `began`, the time of the first entry about any.

    `exceptions` counts those that were given and have neither ended nor been used up.
    """

    began: str
    gates: tuple[GateDecision, ...]
    changes: tuple[ChangeDecision, ...]
    rollbacks: tuple[Rollback, ...]
    roles_acted: tuple[str, ...]
    exceptions: int


def practised(
    source: ReleasesSource,
    decisions: Iterable[tuple[str, Decision]],
    since: str,
    until: str,
    scope: str = "",
    snapshot: Callable[[str], Snapshot | None] = lambda _: None,
) -> ChangePractice | None:
    """Return what was recorded of the changes of a scope, or of all; None where nothing ever was.

    `decisions` are the newest, by their digests; `snapshot` gives what one rested on, where it can
    still be read.
    """
    kept = _Kept(source, until)
    about: dict[str, _About] = {}
    for event in kept.events:
        _note(about, event)
    here = {name for name, each in about.items() if covers(scope, each.scope)}
    if not here:
        return None
    told = past_of(
        kept.events,
        until,
        decision=kept.decision_by,
        first_commit=lambda _: None,
        exceptions=kept.exceptions,
        since=since,
        scope=scope,
    )
    own = [each for each in decisions if each[1].change in here and since <= each[1].at < until]
    shipped = [_shipped(each, about[each.change]) for each in told.releases]
    out = {each.id for each in shipped}
    waiting = {each.change: each for _, each in sorted(own, key=lambda one: (one[1].at, one[0]))}
    return ChangePractice(
        began=min(about[name].opened_at for name in here),
        gates=tuple(_gate(identity, each) for identity, each in own),
        changes=(
            *shipped,
            *(_waits(each, about[name]) for name, each in waiting.items() if name not in out),
        ),
        rollbacks=tuple(_rollback(each) for each in told.recoveries),
        roles_acted=_roles_acted(own, snapshot),
        exceptions=sum(not each.over and not each.used for each in told.exceptions),
    )


def _roles_acted(
    decisions: Iterable[tuple[str, Decision]], snapshot: Callable[[str], Snapshot | None]
) -> tuple[str, ...]:
    """Return the roles whose holders wrote or approved what was allowed to start, by their names.

    A responsible role acts by writing, an accountable one by an approval that counted.
    """
    acted: set[str] = set()
    started = [each for each in decisions if each[1].moment == "start" and each[1].allowed]
    for identity, decision in started[:MAX_SNAPSHOTS]:
        rested = snapshot(identity)
        if rested is not None:
            acted |= _roles_in(rested, decision)
    return tuple(sorted(acted))


def _roles_in(snapshot: Snapshot, decision: Decision) -> set[str]:
    manifest, roster = snapshot.change.manifest, snapshot.roster
    wrote = behind(snapshot.change.authors, by_identity(roster)).people
    approved = yes_of(decision.answers)
    found = set()
    for work in works_of(manifest):
        row = row_of(snapshot.policy.raci, work, manifest.scope)
        for role, people in ((row.responsible, wrote), (row.accountable, approved)) if row else ():
            if any(holds(roster, each, role, manifest.scope, snapshot.now) for each in people):
                found.add(role)
    return found


class _Kept:
    """One reading of the events; decisions are asked for as they are needed."""

    def __init__(self, source: ReleasesSource, until: str) -> None:
        self.events: tuple[Happened, ...] = tuple(source.happened(until))
        self.exceptions: tuple[GateException, ...] = tuple(source.given_exceptions())
        self.decision_by = source.decision_by


class _About(msgspec.Struct, kw_only=True):
    """What a change is, as far as its events say so far."""

    opened_at: str
    scope: str = ""
    kind: str = ""


def _note(about: dict[str, _About], event: Happened) -> None:
    known = about.setdefault(event.change, _About(opened_at=event.at))
    manifest: Any = event.sets.get("manifest")
    if isinstance(manifest, dict):
        known.scope = str(manifest.get("scope") or "")
        kinds = {str(name).partition("/")[0] for name in manifest.get("parts") or ()}
        known.kind = "+".join(sorted(kinds))


def _gate(identity: str, decision: Decision) -> GateDecision:
    return GateDecision(
        id=identity,
        at=decision.at,
        subject=decision.change,
        verdict=decision.verdict.value,
        considers=tuple(each.value for each in decision.considers),
    )


def _shipped(release: Release, about: _About) -> ChangeDecision:
    decision = release.decision
    return ChangeDecision(
        id=release.change,
        kind=about.kind,
        recorded_at=about.opened_at,
        deployed_at=release.released_at,
        risk="unknown" if decision is None else decision.risk.risk.value,
        approved=_approved(release),
        separate_roles=None if decision is None else _separate(decision),
    )


def _approved(release: Release) -> bool | None:
    """Say whether a release was approved; None where that was not asked, or cannot be told."""
    if release.managed and release.decision is None:
        return None
    if approval_of(release.decision) is Requirement.NOT_APPLICABLE:
        return None
    return not lacks_approval(release)


def _waits(decision: Decision, about: _About) -> ChangeDecision:
    """Return a change that is not out: it is held back where its approvals are what is missing."""
    said = approval_of(decision)
    held = not decision.allowed and said is Requirement.UNSATISFIED
    return ChangeDecision(
        id=decision.change,
        kind=about.kind,
        recorded_at=about.opened_at,
        risk=decision.risk.risk.value,
        approved=False if held else True if said is Requirement.SATISFIED else None,
        separate_roles=_separate(decision),
    )


def _separate(decision: Decision) -> bool | None:
    """Say whether it was known who wrote it, so that none of them can have approved it."""
    said = {each.requirement for each in decision.gates if each.condition == DUTIES}
    said.discard(Requirement.NOT_APPLICABLE)
    return said == {Requirement.SATISFIED} if said else None


def _rollback(recovery: Recovery) -> Rollback:
    done = recovery.done_at
    lasted = None if done is None else max(0.0, seconds_between(recovery.trigger_at, done)) / 60
    return Rollback(
        id=recovery.change,
        at=recovery.recorded_at,
        minutes=lasted,
        automatic=recovery.automatic,
    )
