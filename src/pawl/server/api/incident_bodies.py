"""What is sent to the addresses of incidents and actions, and what they answer with.

Texts may be longer here than an incident takes: then the refusal is its own, with the reason.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pawl.changes.facts import Debt, OpenAction
from pawl.governance.exceptions import Emergency
from pawl.governance.priority import Domain
from pawl.incidents.action import Action, Proof, Work
from pawl.incidents.incident import Deadline, Incident, LinkKind, Milestone
from pawl.incidents.terms import Severity
from pawl.incidents.timer_audit import TimerFinding
from pawl.server.api.change_bodies import Body, Time
from pawl.services.incident_terms import TimelineEntry

Text = Annotated[str, Meta(max_length=100_000)]
Name = Annotated[str, Meta(max_length=300)]


class Because(Body, frozen=True, kw_only=True):
    """Why."""

    reason: Text


class Offering(Body, frozen=True, kw_only=True):
    """To whom command is offered: a roster id, or an identity."""

    to: Name


class Noting(Body, frozen=True, kw_only=True):
    """What to put on the timeline."""

    text: Text


class Updating(Body, frozen=True, kw_only=True):
    """How it stands: what is known, whom it hurts, what is done."""

    facts: Text
    impact: Text
    status: Text


class Attaching(Body, frozen=True, kw_only=True):
    """What to link, by its id; `suspected` says that it may be the cause."""

    kind: LinkKind
    id: Text
    suspected: bool = False


class Reclassifying(Body, frozen=True, kw_only=True):
    """How bad it is, or of which domain, and why."""

    reason: Text
    severity: Severity | None = None
    domain: Domain | None = None


class Claiming(Body, frozen=True, kw_only=True):
    """When it started or was detected."""

    milestone: Milestone
    at: Time


class Mitigating(Body, frozen=True, kw_only=True):
    """Since when it no longer hurts; now where nothing is said."""

    at: Time | None = None


class Resolving(Body, frozen=True, kw_only=True):
    """When it was mended, and when it stopped hurting if nobody has said so."""

    at: Time | None = None
    mitigated_at: Time | None = None


class Merging(Body, frozen=True, kw_only=True):
    """Which ongoing incident is the same event."""

    into: Name


class Repeating(Body, frozen=True, kw_only=True):
    """Which earlier incident had the same cause, or had not."""

    earlier: Name


class Dismissing(Repeating, frozen=True, kw_only=True):
    """Which other one had another cause; taking back what was confirmed takes a reason."""

    reason: Text = ""


class Opening(Body, frozen=True, kw_only=True):
    """An owned, dated piece of work."""

    title: Name
    owner: Name
    due_at: Time
    work: Work
    component: Name = ""
    blocker: bool = True
    severity: Severity | None = None


class Doing(Body, frozen=True, kw_only=True):
    """That it is done, and a word about it."""

    note: Text = ""


class Verifying(Body, frozen=True, kw_only=True):
    """What was looked at."""

    proof: Proof


class Moving(Body, frozen=True, kw_only=True):
    """Another owner or date, and why."""

    reason: Text
    owner: Name = ""
    due_at: Time | None = None


class IncidentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, last declared first; `counts` are all there are, by state."""

    schema: Literal["pawl.incidents/1"] = "pawl.incidents/1"
    incidents: tuple[Incident, ...]
    counts: dict[str, int] = {}


class EntriesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded about an incident, oldest first. `said` is what people wrote: no markup."""

    schema: Literal["pawl.incident-timeline/1"] = "pawl.incident-timeline/1"
    entries: tuple[TimelineEntry, ...]


class UnmetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the way of closing an incident."""

    schema: Literal["pawl.incident-unmet/1"] = "pawl.incident-unmet/1"
    unmet: tuple[str, ...]


class OwnTimersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The deadlines of an incident's present spell, those that fired, and what is wrong."""

    schema: Literal["pawl.incident-deadlines/1"] = "pawl.incident-deadlines/1"
    deadlines: tuple[Deadline, ...]
    fired: tuple[str, ...]
    findings: tuple[TimerFinding, ...]


class TimersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the timers do as they should. `last_tick` is when the clock was last looked at."""

    schema: Literal["pawl.incident-timers/1"] = "pawl.incident-timers/1"
    findings: tuple[TimerFinding, ...]
    last_tick: str | None
    next_due: str | None


class HoldsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What gates ask of incidents: emergencies, and actions and debts that hold releases up."""

    schema: Literal["pawl.incident-holds/1"] = "pawl.incident-holds/1"
    emergencies: tuple[Emergency, ...]
    actions: tuple[OpenAction, ...]
    debts: tuple[Debt, ...]


class ActionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Actions, due first."""

    schema: Literal["pawl.actions/1"] = "pawl.actions/1"
    actions: tuple[Action, ...]
