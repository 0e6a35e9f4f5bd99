"""What commands about incidents and actions answer as JSON: one versioned object each."""

from typing import Any, Literal

import msgspec

from pawl.incidents.action import Action
from pawl.incidents.event import Happened, Refusal
from pawl.incidents.incident import Incident
from pawl.incidents.metrics import AllFigures
from pawl.incidents.timer_audit import TimerFinding
from pawl.services.incident_terms import TimelineEntry


class KeptTold(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration that was kept: under which key, where, and why it was not taken.

    `place` is empty where it could be kept nowhere; then `declaration` is all there is of it.
    """

    key: str
    place: str
    why: str
    declaration: Any = None


class DeclaredTold(msgspec.Struct, frozen=True, kw_only=True):
    """What came of declaring. Without an incident it was refused, or it is kept and not yet sent.

    `new` is false where the very thing is open already. `doubts` are what could not be believed.
    """

    schema: Literal["pawl.incident-declared/1"] = "pawl.incident-declared/1"
    incident: Incident | None = None
    new: bool = False
    may_be_back: str = ""
    doubts: tuple[str, ...] = ()
    refusal: Refusal | None = None
    kept: KeptTold | None = None


class IncidentTold(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as it is after a command. `refusal` says why nothing happened.

    `timeline`, `unmet` and `actions` are told by `show`, `update` by `update`, as Markdown.
    """

    schema: Literal["pawl.incident/1"] = "pawl.incident/1"
    incident: Incident | None = None
    refusal: Refusal | None = None
    update: str = ""
    unmet: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()


class IncidentsTold(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, last declared first, and how many there are in each state."""

    schema: Literal["pawl.incidents/1"] = "pawl.incidents/1"
    incidents: tuple[Incident, ...]
    counts: dict[str, int]


class TimelineTold(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded about an incident, oldest first."""

    schema: Literal["pawl.incident-timeline/1"] = "pawl.incident-timeline/1"
    incident: str
    entries: tuple[TimelineEntry, ...]


class FiguresTold(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a window."""

    schema: Literal["pawl.incident-report/1"] = "pawl.incident-report/1"
    figures: AllFigures


class TimersTold(msgspec.Struct, frozen=True, kw_only=True):
    """Whether timers do as they should. `alive` says that something looks at the clock."""

    schema: Literal["pawl.incident-timers/1"] = "pawl.incident-timers/1"
    findings: tuple[TimerFinding, ...]
    last_tick: str | None
    next_due: str | None
    alive: bool


class TickTold(msgspec.Struct, frozen=True, kw_only=True):
    """What time did, and when it does something next."""

    schema: Literal["pawl.incident-tick/1"] = "pawl.incident-tick/1"
    happened: tuple[Happened, ...]
    next_due: str | None


class SentTold(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents of declarations that waited, and those that still wait: where, and why."""

    schema: Literal["pawl.incidents-sent/1"] = "pawl.incidents-sent/1"
    sent: tuple[Incident, ...]
    waiting: tuple[KeptTold, ...]
    elsewhere: int


class ActionTold(msgspec.Struct, frozen=True, kw_only=True):
    """An action as it is after a command, or why nothing happened."""

    schema: Literal["pawl.action/1"] = "pawl.action/1"
    action: Action | None = None
    refusal: Refusal | None = None


class ActionsTold(msgspec.Struct, frozen=True, kw_only=True):
    """Actions, due first."""

    schema: Literal["pawl.actions/1"] = "pawl.actions/1"
    actions: tuple[Action, ...]


INCIDENT_ANSWERS: dict[str, type[msgspec.Struct]] = {
    "action": ActionTold,
    "actions": ActionsTold,
    "incident": IncidentTold,
    "incident-declared": DeclaredTold,
    "incident-report": FiguresTold,
    "incident-tick": TickTold,
    "incident-timeline": TimelineTold,
    "incident-timers": TimersTold,
    "incidents": IncidentsTold,
    "incidents-sent": SentTold,
}
"""Every answer by its name, without `pawl.` and the version."""


def told_json(told: msgspec.Struct) -> str:
    """Return one object as JSON."""
    return msgspec.json.encode(told).decode()
