"""What a user asks of one supervised run."""

from enum import StrEnum

import msgspec

from pawl.telemetry.event import Attribution


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ceilings that Pawl enforces from outside the agent; None is no ceiling.

    A run may reach a ceiling of calls, turns or sub-agents and is stopped by the next one; it
    is stopped when tokens, dollars, bytes or seconds reach theirs. Times are seconds, money is
    micro-USD. `grace_s` is the wait between TERM and KILL.
    """

    wall_s: float | None = None
    idle_s: float | None = None
    turns: int | None = None
    tool_calls: int | None = None
    subagents: int | None = None
    tokens: int | None = None
    usd_micros: int | None = None
    output_bytes: int | None = None
    grace_s: float = 10.0

    @property
    def names(self) -> tuple[str, ...]:
        """The ceilings that are set, by name."""
        fields = self.__struct_fields__
        return tuple(n for n in fields if n != "grace_s" and getattr(self, n) is not None)


class Unpriced(StrEnum):
    """What a dollar limit does when a model has no price."""

    STOP = "stop"
    WARN = "warn"


class LoopPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Thresholds of loop detection: how many in a row count as stuck.

    The numbers are those that agents with a detector of their own settled on
    (`loop_thresholds.yaml` names them). `exempt` lists tools that poll by design.
    """

    identical_calls: int = 5
    identical_results: int = 4
    identical_errors: int = 3
    alternations: int = 6
    exempt: tuple[str, ...] = ()
    action: str = "stop"
    """`off`, `warn` or `stop`; `stop` warns one repetition before it stops."""


class ToolPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tools the agent may use. Patterns are shell globs over tool names.

    With an empty `allow` every tool that `deny` does not name is allowed. `unexpected` says what
    a call outside the policy does where it cannot be refused beforehand: `record` or `stop`.
    """

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    unexpected: str = "stop"


class RunSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run as asked for: the user's command and everything Pawl holds it to."""

    run_id: str
    command: tuple[str, ...]
    agent: str
    cwd: str
    limits: Limits = Limits()
    loops: LoopPolicy = LoopPolicy()
    tools: ToolPolicy = ToolPolicy()
    untrusted: bool = False
    unpriced: Unpriced = Unpriced.WARN
    attribution: Attribution = Attribution()
