"""An incident, where it stands, and who commanded it when."""

from enum import StrEnum
from itertools import pairwise

import msgspec

from pawl.governance.exceptions import Command as Spell
from pawl.governance.priority import Domain
from pawl.incidents.terms import Severity

MAX_TEXT = 20_000
"""Characters of a note, an update or a reason."""
MAX_LIST = 1_000
"""Links, responders or components of one incident."""


class State(StrEnum):
    """Where an incident stands."""

    DECLARED = "declared"
    COMMANDED = "commanded"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"
    ACTIONS_OPEN = "actions-open"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"


ONGOING = frozenset({State.DECLARED, State.COMMANDED, State.MITIGATED})
"""States in which it still hurts, and in which its open key is taken."""
OVER = frozenset({State.CLOSED, State.DECLINED, State.MERGED})


class Milestone(StrEnum):
    """Points in the life of an incident, in the order in which they are recorded."""

    STARTED = "started"
    DETECTED = "detected"
    DECLARED = "declared"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    PUBLISHED = "published"
    CLOSED = "closed"


MATTER = (Milestone.STARTED, Milestone.DETECTED, Milestone.MITIGATED, Milestone.RESOLVED)
"""Milestones of the matter itself, often known of only later: their times are claims."""


class Stamp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When something was, as somebody says, and when we recorded that, which is never earlier."""

    at: str
    recorded_at: str


class Happening(StrEnum):
    """What can happen to an incident: the types of its ledger entries."""

    DECLARED = "incident.declared"
    SIGNALLED = "incident.signalled"
    PAGED = "incident.paged"
    BREACHED = "incident.command-breached"
    OFFERED = "incident.command-offered"
    TAKEN = "incident.command-taken-unproved"
    ACCEPTED = "incident.command-accepted"
    JOINED = "incident.responder-joined"
    LEFT = "incident.responder-left"
    NOTED = "incident.noted"
    UPDATED = "incident.updated"
    LINKED = "incident.linked"
    RECLASSIFIED = "incident.reclassified"
    CLAIMED = "incident.milestone-claimed"
    MITIGATED = "incident.mitigated"
    RESOLVED = "incident.resolved"
    POSTMORTEM_BEGUN = "incident.postmortem-begun"
    POSTMORTEM_PUBLISHED = "incident.postmortem-published"
    CLOSED = "incident.closed"
    REOPENED = "incident.reopened"
    DECLINED = "incident.declined"
    MERGED = "incident.merged"
    REPEAT_CONFIRMED = "incident.repeat-confirmed"
    REPEAT_DISMISSED = "incident.repeat-dismissed"


class LinkKind(StrEnum):
    """What an incident may be linked with."""

    ALERT = "alert"
    CHANGE = "change"
    RUN = "run"
    EVIDENCE = "evidence"


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that belongs to an incident, by its id. `suspected` says it may be the cause."""

    kind: LinkKind
    id: str
    suspected: bool = False


class Deadline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody is to be paged, or the promise of a commander is broken.

    `person` is empty where nobody could be found; `role` says who was looked for.
    """

    id: str
    due_at: str
    person: str
    role: str
    breach: bool = False


class Paging(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is paged when, frozen at the time of a declaration, and what has been done of it.

    `policy` is the digest of the schedule that it was made of.
    """

    policy: str
    deadlines: tuple[Deadline, ...]
    fired: tuple[str, ...] = ()


class Incident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One incident. People are roster ids, `declared_by` is an identity.

    `commanders` are in order and never overlap; the last one without an end commands. `offered_to`
    is to whom command was offered. `paging` is of the present spell: each reopening is a new one.
    `promised_at` is until when a commander was promised at the declaration, `first_breach_at` when
    that was broken. `merged_into` is the same event, `repeats` are earlier ones of the same cause:
    two things. `ended_at` is when it was declined, merged or closed. With `unproved` whoever
    commands took it under a name that nobody has proved.
    """

    id: str
    title: str
    state: State
    severity: Severity
    domain: Domain
    scope: str = ""
    components: tuple[str, ...] = ()
    key: str = ""
    fingerprint: str = ""
    root_cause_key: str = ""
    declared_by: str
    changed_at: str
    version: int = 1
    spell: int = 1
    milestones: dict[Milestone, Stamp]
    paging: Paging
    promised_at: str
    breached_at: str | None = None
    first_breach_at: str | None = None
    offered_to: str = ""
    unproved: bool = False
    commanders: tuple[Spell, ...] = ()
    responders: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    next_update_at: str | None = None
    ended_at: str | None = None
    merged_into: str = ""
    repeats: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()
    why: str = ""

    @property
    def commander(self) -> str:
        """Who commands now; empty where nobody does."""
        last = self.commanders[-1:]
        return last[0].person if last and last[0].until is None else ""

    @property
    def awaited(self) -> bool:
        """Whether a commander who is known for certain is still waited for."""
        return self.state is State.DECLARED or (self.unproved and self.state in ONGOING)

    @property
    def open_key(self) -> str | None:
        """The key that no other incident may hold now; None where it holds none."""
        return self.key if self.key and self.state in ONGOING else None

    def recorded(self, milestone: Milestone) -> str | None:
        """Return when a milestone was recorded."""
        found = self.milestones.get(milestone)
        return found.recorded_at if found else None

    def claimed(self, milestone: Milestone) -> str | None:
        """Return when a milestone was, as far as anybody said."""
        found = self.milestones.get(milestone)
        return found.at if found else None


def stamped(
    milestones: dict[Milestone, Stamp], new: dict[Milestone, str], now: str
) -> dict[Milestone, Stamp] | str:
    """Return milestones with new ones as claimed, or what is wrong with the claims.

    Of the matter itself each point is not before the one before it, and none is in the future. The
    times of record are in order because they are all our own.
    """
    held = {**milestones, **{each: Stamp(at=at, recorded_at=now) for each, at in new.items()}}
    for each, at in new.items():
        if at > now:
            return f"It cannot have been {each} at {at[:19]}Z, which is yet to come."
    known = [(each, held[each].at) for each in MATTER if each in held]
    for (one, first), (other, then) in pairwise(known):
        if then < first:
            return f"It cannot have been {other} at {then[:19]}Z, before it was {one}."
    detected = held.get(Milestone.DETECTED)
    declared = held.get(Milestone.DECLARED)
    if detected and declared and detected.at > declared.at:
        return "It cannot have been detected after it was declared."
    return held
