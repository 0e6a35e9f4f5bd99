"""What the use cases of the cadence take and give back."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Literal, Protocol

import msgspec

from pawl.base.errors import BadValue
from pawl.changes.change import Refusal
from pawl.changes.policy import Policy
from pawl.governance.cadence import Cadence
from pawl.governance.cadence_keeping import Adherence, Line, Record
from pawl.governance.roster import Roster
from pawl.services.routine_table import Numbers

Zones = Callable[[str], tzinfo]
"""Gives a time zone by its name in the IANA database; raises BadValue for one that is none."""
Told = Record | Refusal
"""What a command comes to: what is on record of the occurrence, or why nothing happened."""


class CadenceSources(Protocol):
    """The world as far as the cadence asks of it. Each may raise BadFile and CannotTell."""

    def cadence(self) -> Cadence:
        """Return the team's cadence, as committed on the protected branch, else the shipped one."""

    def policy(self) -> Policy:
        """Return the policy in force."""

    def roster(self) -> Roster:
        """Return who is who; nobody where no repository says so."""


class NoSuchRoutine(BadValue):
    """A routine, or an occurrence of one, that is none."""

    code = "no-such-routine"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One occurrence with all that whoever does it needs.

    `people` hold its role, `numbers` are what it looks at, `earlier` are the last records of the
    routine, newest first.
    """

    schema: Literal["pawl.routine/1"] = "pawl.routine/1"
    at: str
    line: Line
    time_zone: str
    people: tuple[str, ...]
    numbers: Numbers
    seen: str
    earlier: tuple[Record, ...] = ()


class RoutineAdherence(msgspec.Struct, frozen=True, kw_only=True):
    """How well one routine was kept."""

    routine: str
    title: str
    adherence: Adherence


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How well the cadence was kept: of all routines, and of each."""

    schema: Literal["pawl.cadence-adherence/1"] = "pawl.cadence-adherence/1"
    whole: Adherence
    routines: tuple[RoutineAdherence, ...]


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Occurrences as they stand, with who is meant by each role."""

    schema: Literal["pawl.cadence/1"] = "pawl.cadence/1"
    at: str
    time_zone: str
    lines: tuple[Line, ...]
    people: dict[str, tuple[str, ...]]


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the clock made happen: messages put out, and occurrences missed."""

    told: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    adopted: bool = False
