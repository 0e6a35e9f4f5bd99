"""What people are told of a change: who is asked, what is out, what went back, what is blocked.

A message is of one change, at one of its versions: its id is a digest of those, so the same thing
told twice is one message. Routes see it as an alert of the rule `change` whose scope holds the
change and the roles that are meant, as the responsibility table names them.
"""

from collections.abc import Iterable

from pawl.alerts.alert import Alert, Notice, NoticeKind
from pawl.alerts.budget_letter import UNROUTED, Mailing
from pawl.alerts.policy import Policy, Route
from pawl.alerts.reading import Level, scope_of
from pawl.alerts.routing import Due, routed
from pawl.alerts.state import State as AlertState
from pawl.base.canonical import digest
from pawl.changes.change import Change, Happening, Refusal
from pawl.changes.concern import Concern, ConcernKind
from pawl.changes.manifest import works_of
from pawl.governance.raci import Raci, row_of

RULE = "change"
"""What routes match for all that is told of changes."""
_LETTERS = {
    Happening.SUBMITTED: (("accountable", "consulted"), "asks for a review"),
    Happening.APPROVED: (("responsible",), "is approved"),
    Happening.LIVE: (("informed", "accountable"), "is live"),
    Happening.ROLLBACK_STARTED: (("accountable", "responsible", "informed"), "is going back"),
    Happening.ROLLED_BACK: (("accountable", "responsible", "informed"), "was rolled back"),
    Happening.ROLLBACK_FAILED: (("accountable", "responsible"), "could not be rolled back"),
    Happening.FOUND: (("accountable", "responsible"), "is live without having been a change here"),
    Happening.EXPIRED: (("responsible",), "was approved and never started; its approval ended"),
}
"""Whom an event is told to, by the letters of the responsibility table, and in which words."""
_CRITICAL = frozenset(
    {Happening.ROLLBACK_STARTED, Happening.ROLLBACK_FAILED, Happening.FOUND},
)


def letters_of(
    change: Change, happening: Happening, raci: Raci | None, mailing: Mailing, now: str
) -> tuple[Notice, ...]:
    """Return the messages that an event makes, one for each channel that is told."""
    if happening not in _LETTERS:
        return ()
    letters, words = _LETTERS[happening]
    roles = roles_of(change, letters, raci)
    who = f" of {', '.join(roles)}" if happening is Happening.SUBMITTED and roles else ""
    due = _due(
        change,
        happening.value,
        f"{words}{who}.",
        Level.CRITICAL if happening in _CRITICAL else Level.WARNING,
        roles,
        now,
        cause=change.why,
    )
    return _sent(due, mailing, now)


def letter_of_block(
    change: Change, refusal: Refusal, raci: Raci | None, mailing: Mailing, now: str
) -> tuple[Notice, ...]:
    """Return the messages that a start was blocked; the same reasons are told of once."""
    due = _due(
        change,
        f"blocked {digest(list(refusal.reasons))}",
        "is blocked.",
        Level.WARNING,
        roles_of(change, ("responsible", "accountable"), raci),
        now,
        cause=" ".join(refusal.reasons),
        version=change.digest,
    )
    return _sent(due, mailing, now)


def letter_of_glass(change: Change, what: str, mailing: Mailing, now: str) -> tuple[Notice, ...]:
    """Return the messages that somebody broke glass on a change."""
    due = _due(change, f"glass {what}", "was let through an emergency.", Level.CRITICAL, (), now,
               cause=what)  # fmt: skip
    return _sent(due, mailing, now)


_CONCERNS = {
    ConcernKind.ASKS: "asks whether it goes back: a stage failed, and its plan leaves that to you.",
    ConcernKind.UNREACHABLE: "waits for an executor that cannot be reached.",
    ConcernKind.ROLLBACK_FAILED: "could not be rolled back.",
    ConcernKind.UNMANAGED: "is live without having been a change here.",
    ConcernKind.GLASS: "went through broken glass that is still to be ratified.",
}


def letter_of_concern(
    change: Change, concern: Concern, raci: Raci | None, mailing: Mailing, now: str
) -> tuple[Notice, ...]:
    """Return the messages that somebody has to see to a change; each concern is told of once."""
    due = _due(
        change,
        f"{concern.kind} {concern.key}",
        _CONCERNS[concern.kind],
        Level.CRITICAL,
        roles_of(change, ("accountable", "responsible"), raci),
        now,
        cause=concern.why,
    )
    return _sent(due, mailing, now)


def roles_of(change: Change, letters: Iterable[str], raci: Raci | None) -> tuple[str, ...]:
    """Return the roles that some letters of the table name for what a change touches."""
    found: dict[str, None] = {}
    for letter in letters:
        for work in sorted(works_of(change.manifest)) if raci else ():
            row = row_of(raci, work, change.manifest.scope) if raci else None
            said = getattr(row, letter) if row else ()
            found |= dict.fromkeys((said,) if isinstance(said, str) else said)
    return tuple(found)


def _due(
    change: Change,
    what: str,
    words: str,
    level: Level,
    roles: tuple[str, ...],
    now: str,
    *,
    cause: str = "",
    version: str = "",
) -> Due:
    scope = {"change": change.id, "state": change.state.value}
    if change.manifest.scope:
        scope["scope"] = change.manifest.scope
    if roles:
        scope["roles"] = ",".join(roles)
    alert = Alert(
        rule=RULE,
        level=level,
        scope=scope_of(**scope),
        state=AlertState.FIRING,
        since=now,
        fired_at=now,
        looked_at=now,
        summary=f"{change.manifest.title[:200]} ({change.id}) {words}",
        cause=cause[:1000],
    )
    told = digest([RULE, change.id, version or change.version, what])[:32]
    return Due(alert, NoticeKind.FIRING, told, f"Look at it: pawl change show {change.id}")


def _sent(due: Due, mailing: Mailing, now: str) -> tuple[Notice, ...]:
    if mailing.channels:
        letters = routed((due,), now, mailing.policy)
        return tuple(each for each in letters if each.route in mailing.channels)
    if not mailing.shared:
        return ()
    # A machine without channels leaves it to a server that has some.
    return routed((due,), now, Policy(routes=(Route(to=(UNROUTED,), rules=(RULE,)),)))
