"""What sources bring: facts as they are, before anything is made of them.

Instants of changes are canonical times; those of lines and points are seconds since the epoch,
because there are hundreds of thousands of them.
"""

from enum import StrEnum
from typing import Literal, NamedTuple

import msgspec

Outcome = Literal["looked", "partial", "failed", "absent"]
"""`absent`: nothing is configured or installed to look with. Neither that nor a failure is a no."""


class ChangeKind(StrEnum):
    """What was changed, by how it came about."""

    COMMIT = "commit"
    DEPLOY = "deploy"
    FLAG = "flag"
    CHANGE = "change"
    """A change of the desk, with its gate and rollout."""
    SHIFT = "shift"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was altered at a moment.

    `text` is what a diff adds and removes, `before` and `after` are values of a flag or of what
    shifted. `commits` are those that a deployment ships. `undoes` is the id of what it takes back;
    `undo` says that it takes something back, whether or not it says what.
    """

    kind: ChangeKind
    id: str
    at: str
    title: str
    source: str
    place: str = ""
    who: str = ""
    body: str = ""
    text: str = ""
    paths: tuple[str, ...] = ()
    component: str = ""
    version: str = ""
    commits: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    undo: bool = False
    undoes: str = ""


class Line(NamedTuple):
    """One line of a log. `of` are attributes such as the tenant; `trace` an id of a trace."""

    at: float
    level: str
    component: str
    message: str
    place: str = ""
    of: tuple[tuple[str, str], ...] = ()


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One measure over time: seconds since the epoch and values, in order of time."""

    name: str
    source: str
    points: tuple[tuple[float, float], ...]
    labels: dict[str, str] = {}
    place: str = ""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that fired. `until` is empty while it does."""

    id: str
    at: str
    title: str
    source: str
    until: str = ""
    component: str = ""
    place: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that one source found. `left` says in sentences what it could not read."""

    changes: tuple[Change, ...] = ()
    lines: tuple[Line, ...] = ()
    series: tuple[Series, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    left: tuple[str, ...] = ()


class Look(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a look at a source went. `why` says what is missing; `answers` what it would tell."""

    source: str
    title: str
    outcome: Outcome
    answers: tuple[str, ...]
    why: str = ""
    items: int = 0
    took_ms: int = 0


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What a source found, and how the look went."""

    look: Look
    facts: Facts = Facts()


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked at: from when to when, around which moment, and which components.

    `at` is when it was noticed, empty where nobody said.
    """

    since: str
    until: str
    at: str = ""
    components: tuple[str, ...] = ()
