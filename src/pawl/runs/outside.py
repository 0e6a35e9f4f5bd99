"""What can be seen happening around an agent while it runs, as plain values.

The shell that watches processes and the use case that supervises a run speak through these.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pawl.governance.ledger import Actor
from pawl.telemetry.event import Attribution

Stream = Literal["stdout", "stderr"]


class Chunk(NamedTuple):
    """The agent wrote bytes."""

    stream: Stream
    data: bytes


class Closed(NamedTuple):
    """The agent, and everybody who inherited it, closed a stream."""

    stream: Stream


class Signalled(NamedTuple):
    """Pawl itself got a signal that asks it to end."""

    number: int


class ChildrenChanged(NamedTuple):
    """A process below Pawl ended."""


class Asked(NamedTuple):
    """A hook asks, over the run's socket, with the right token; answer by its `ticket`."""

    ticket: int
    body: bytes


class ReaderGone(NamedTuple):
    """Whoever read Pawl's own stdout or stderr has gone."""

    stream: Stream


Happening = Chunk | Closed | Signalled | ChildrenChanged | Asked | ReaderGone


class Grown(NamedTuple):
    """A followed file grew by whole lines; `data` ends with a newline."""

    path: str
    data: bytes


class Surroundings(NamedTuple):
    """Where a run is started, found out once before it.

    `fork` says that a CI job is for a change from a fork. `settings` is the text of `pawl.toml`,
    None where there is none; `settings_from_base` says that it is the version of the branch that
    the change wants to go to, so the change's author had no hand in it.
    """

    environment: Mapping[str, str]
    folder: str
    home: str
    attribution: Attribution
    actor: Actor
    fork: bool
    settings: str | None
    settings_place: str
    settings_from_base: bool
