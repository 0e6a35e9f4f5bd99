"""What is kept of one trial: who ran what, what happened, what was said, what it left behind.

None is unknown. `sees` says what whoever recorded the trial could see at all: an empty list of
calls is proof of no call only where calls are seen. Texts are stored scrubbed and maybe cut; which
canaries stood in them was looked up before that.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from pawl.runs.record import Outcome as RunOutcome
from pawl.telemetry.event import Event

SCHEMA = "pawl.trial/1"


class Sight(StrEnum):
    """One kind of thing that a recorder sees, or does not."""

    FINAL = "final"
    """The final answer."""
    TOOLS = "tools"
    """Every tool call of the agent and its sub-agents, in order."""
    TOOL_ARGS = "tool_args"
    """The arguments of tool calls."""
    TOOL_RESULT = "tool_result"
    """What tools gave back."""
    DENIALS = "denials"
    """Calls that were denied."""
    NETWORK = "network"
    """Every attempt to reach another host."""
    WORKSPACE = "workspace"
    """Every file that was added, changed or removed."""


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text, without its secrets. `event_id` names the event it belongs to.

    `canaries` are the names of the tokens that stood in it, as they are or encoded.
    """

    source: Literal["final", "tool_args", "tool_result", "network"]
    text: str
    event_id: str | None = None
    cut: bool = False
    redacted: bool = False
    canaries: tuple[str, ...] = ()


class FileChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file that differs from the start of the trial; lines are None of a binary file."""

    path: str
    change: Literal["added", "modified", "deleted"]
    lines_added: int | None = None
    lines_removed: int | None = None


class KeptFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file as it was at the end; `text` is None where there was none of that name."""

    path: str
    text: str | None
    cut: bool = False
    redacted: bool = False


class Workspace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the trial left in its copy of the workspace."""

    changes: tuple[FileChange, ...] = ()
    kept: tuple[KeptFile, ...] = ()


class CommandExit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command of the case, run after the agent. `exit` is None where it did not end itself."""

    command: str
    exit: int | None
    timed_out: bool = False
    output: str = ""
    """The end of what it printed, scrubbed."""


class Egress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One attempt to reach a host."""

    host: str
    port: int | None = None
    allowed: bool = True
    """Whether the sandbox let it through."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a judging model said. `score` is None where its answer made no sense."""

    rubric: str
    score: float | None
    judge: str
    reason: str = ""
    calibration: str | None = None
    """The digest of the calibration record that this judge was measured by."""
    agreement: float | None = None
    """How far that record found it to agree with people, 0 to 1."""


class Sandbox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What really held the agent; None is unknown."""

    kind: str = "none"
    network_denied: bool | None = None
    memory_mb: int | None = None


class Spent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the trial took. `cost_micros` is micro-USD, None when unpriced."""

    turns: int | None = None
    cost_micros: int | None = None
    cost_basis: str = "unpriced"
    wall_ms: int | None = None


class Ending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it ended. `infra` says what of ours broke, and is empty where nothing did."""

    outcome: RunOutcome
    exit_status: int | None = None
    limit: str | None = None
    infra: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a trial was of, and on what."""

    case: str
    case_digest: str
    stimulus: str
    """See `pawl.evals.case.stimulus_digest`."""
    assets: dict[str, str]
    """Path → SHA-256 of each file that steered the agent, the workspace's own folder included."""
    agent: str
    agent_version: str | None = None
    model: str | None = None
    limits: dict[str, float] = {}
    sandbox: Sandbox = Sandbox()
    host: str = ""
    """The class of machine, not its name."""
    recorded_by: str = ""
    recorded_at: str
    """Canonical UTC text, see `pawl.base.times`."""
    sees: tuple[Sight, ...] = ()
    canaries: tuple[str, ...] = ()
    """Names of the tokens that were planted; the tokens themselves are not kept."""
    ending: Ending
    spent: Spent = Spent()


class Trial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One trial record. Its fields are the parts of its stored form, see `pawl.evals.sealing`."""

    manifest: Manifest
    events: tuple[Event, ...] = ()
    texts: tuple[Text, ...] = ()
    workspace: Workspace = Workspace()
    commands: tuple[CommandExit, ...] = ()
    network: tuple[Egress, ...] = ()
    judgements: tuple[Judgement, ...] = ()

    def sees(self, sight: Sight) -> bool:
        """Say whether whoever recorded this could see a kind of thing."""
        return sight in self.manifest.sees
