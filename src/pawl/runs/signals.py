"""What the supervisor hears and what it answers: the two alphabets of the state machine.

The shell turns what happens outside (bytes, ticks, a hook that asks) into inputs, hands each to
`supervise.step` and carries out the actions that come back, in order. `now` is always monotonic
seconds of one clock.
"""

import msgspec

from pawl.runs.agent import Exit
from pawl.runs.record import Stop
from pawl.telemetry.event import Event


class Started(msgspec.Struct, frozen=True):
    """The agent's process exists."""

    now: float


class Heard(msgspec.Struct, frozen=True):
    """One event from the agent's stream or from a transcript that is followed."""

    event: Event
    now: float


class Output(msgspec.Struct, frozen=True):
    """So many bytes came on the agent's stdout."""

    count: int
    now: float


class StderrOutput(msgspec.Struct, frozen=True):
    """So many bytes came on the agent's stderr."""

    count: int
    now: float


class Tick(msgspec.Struct, frozen=True):
    """Time passed; send one at `next_deadline`, or whenever it is convenient."""

    now: float


class ToolAsked(msgspec.Struct, frozen=True):
    """The agent's hook asks before a tool call; it waits for an `Answer` with the same call id.

    `arguments` is the JSON text of the tool's input.
    """

    tool: str
    arguments: bytes
    call_id: str
    now: float
    parent_id: str | None = None


class Interrupted(msgspec.Struct, frozen=True):
    """A signal told Pawl to end; a second one kills at once."""

    signal: int
    now: float


class ChildExited(msgspec.Struct, frozen=True):
    """The agent's own process ended, however it did."""

    exit: Exit
    now: float


class SpoolFailed(msgspec.Struct, frozen=True):
    """What happened can no longer be recorded, and by policy the run must not go on so."""

    message: str
    now: float


Input = (
    Started
    | Heard
    | Output
    | StderrOutput
    | Tick
    | ToolAsked
    | Interrupted
    | ChildExited
    | SpoolFailed
)


class Terminate(msgspec.Struct, frozen=True):
    """Send TERM to the whole process tree. `reason` is None when a person interrupted."""

    reason: Stop | None


class Kill(msgspec.Struct, frozen=True):
    """Send KILL to whatever is left of the process tree."""


class Warn(msgspec.Struct, frozen=True):
    """Tell the user on stderr and keep it in the record's warnings."""

    text: str


class Record(msgspec.Struct, frozen=True):
    """Keep this event: it goes to the spool."""

    event: Event


class Answer(msgspec.Struct, frozen=True):
    """Let a tool call through, or refuse it; `reason` is told to the model."""

    call_id: str
    allow: bool
    reason: str = ""


Action = Terminate | Kill | Warn | Record | Answer
