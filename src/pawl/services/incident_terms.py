"""What the use cases of incidents take and give back: the world they ask, and their answers."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, NamedTuple, Protocol

import msgspec

from pawl.base.errors import BadValue
from pawl.incidents.action import Action, Proof
from pawl.incidents.debt import OperationalDebt
from pawl.incidents.event import Refusal
from pawl.incidents.incident import Incident, Link
from pawl.incidents.learning import Step
from pawl.incidents.oncall import Schedule
from pawl.incidents.people import People
from pawl.incidents.postmortem import Postmortem
from pawl.incidents.step_done import StepDone
from pawl.incidents.terms import Terms


class IncidentSources(Protocol):
    """The world as far as an incident asks of it. Each may raise BadFile, CannotTell, Unavailable.

    A declaration goes on without any of them.
    """

    def people(self, scope: str) -> People:
        """Return who is who and who answers for what, of the protected branch."""

    def schedule(self) -> Schedule:
        """Return who is on call, of the protected branch; the shipped one where there is none."""

    def terms(self) -> Terms:
        """Return the numbers of judgement."""

    def zones(self, names: tuple[str, ...]) -> Mapping[str, tzinfo]:
        """Return time zones by name; raises BadFile for one that there is not."""


class NoSuchIncident(BadValue):
    """An incident, action, postmortem or debt that is none."""

    code = "no-such-incident"


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A declaration: the incident, whether it is new, and what could not be believed or found.

    An incident that is not new was open already, or this is the same declaration told twice.
    `may_be_back` is one that was resolved so lately that this may be it again.
    """

    incident: Incident
    new: bool
    may_be_back: str = ""
    doubts: tuple[str, ...] = ()


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened, as people read it.

    `at` is our own time of it, `claimed_at` what somebody says. `text` is ours, `said` is what a
    person wrote and is not to be trusted as markup. `subject` is the incident, or an action or
    postmortem of it. `assurance` is how far the name in `by` is to be believed. `person` is who is
    behind `by` in the roster of today; empty where nobody is, or where nobody looked.
    """

    seq: int
    at: str
    claimed_at: str
    type: str
    subject: str
    by: str
    source: str
    assurance: str
    text: str
    said: str = ""
    doubts: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    tells: dict[str, Any] = {}
    hash: str = ""
    person: str = ""


class Learnt(msgspec.Struct, frozen=True, kw_only=True):
    """How far a learning is applied: all its steps, those that are done, and those that are left.

    `files` are those that its steps wrote, now or before; `told` is what this time did, in words.
    `actions` are all that it opened, `closes` those that the change with the files finishes.
    """

    incident: str
    steps: tuple[Step, ...]
    done: tuple[StepDone, ...]
    left: tuple[Step, ...]
    files: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()


CaseExists = Callable[[str], bool]
"""Says whether there is an eval case of an id that counts: none that is set aside."""


class Seen(NamedTuple):
    """What was seen of a proof: what of it holds, and in sentences what does not."""

    checked: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


LooksAt = Callable[[Action, Proof], Seen]
"""Looks at what a proof of an action names, as far as it can be seen."""
CaseIsOf = Callable[[str, tuple[str, ...]], bool]
"""Says whether an eval case comes of one of some incidents, as its provenance says."""

__all__ = [
    "Acted",
    "CaseExists",
    "CaseIsOf",
    "Declared",
    "IncidentSources",
    "LearningResult",
    "Learnt",
    "LooksAt",
    "NoSuchIncident",
    "Owed",
    "Seen",
    "StepDone",
    "TimelineEntry",
    "Told",
    "Written",
]

LearningResult = Learnt | Refusal
"""What applying a learning comes to."""
Told = Incident | Refusal
"""What a command comes to: the incident as it is now, or why nothing happened."""
Acted = Action | Refusal
"""What a command to an action comes to."""
Written = Postmortem | Refusal
"""What a command to a postmortem comes to."""
Owed = OperationalDebt | Refusal
"""What a command to a debt comes to."""
