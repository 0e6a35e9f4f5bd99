"""What `pawl.toml` says about runs, and how it meets what the command line says.

A flag outranks the file. An untrusted run takes only ceilings and tool patterns from the file,
because its author may be whoever wrote the change: such a file can tighten a run but not loosen
it.
"""

from typing import Annotated, Any, Literal

import msgspec

from pawl.assets.lint_settings import LintSettings
from pawl.base.durations import parse_duration
from pawl.base.money import parse_usd
from pawl.runs.alert_settings import AlertSettings
from pawl.runs.investigation_settings import InvestigationSettings
from pawl.runs.spec import Limits, LoopPolicy, ToolPolicy, Unpriced

LoopAction = Literal["off", "warn", "stop"]
Unexpected = Literal["record", "stop"]
DiskFull = Literal["stop", "continue"]
Count = Annotated[int, msgspec.Meta(ge=1)]
Tries = Annotated[int, msgspec.Meta(ge=0, le=20)]


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[limits]`: ceilings of every run here. Durations such as "10m", dollars such as "2.50"."""

    usd: float | str | None = None
    tokens: Count | None = None
    turns: Count | None = None
    tool_calls: Count | None = None
    subagents: Count | None = None
    output_bytes: Count | None = None
    wall: str | None = None
    idle: str | None = None
    grace: str | None = None


class RunSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[run]`: how runs here are supervised. Each key is the flag of the same name."""

    project: str | None = None
    agent: str | None = None
    allow_tools: tuple[str, ...] = ()
    deny_tools: tuple[str, ...] = ()
    on_unexpected_tool: Unexpected = "stop"
    loops: LoopAction = "stop"
    poll_tools: tuple[str, ...] = ()
    untrusted: bool | None = None
    retries: Tries = 0
    unpriced: Unpriced = Unpriced.WARN
    on_disk_full: DiskFull = "stop"


class ChangeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[changes]`: the branch whose policy judges changes, as the default branch's file says."""

    branch: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `pawl.toml`. A section that nothing reads is refused, not ignored: whoever wrote
    it relies on it."""

    run: RunSettings = RunSettings()
    limits: LimitSettings = LimitSettings()
    budgets: tuple[dict[str, Any], ...] = ()
    """`[[budgets]]`, checked by `pawl.alerts.budget`, which stands above this package."""
    alerts: AlertSettings = AlertSettings()
    lint: LintSettings = LintSettings()
    changes: ChangeSettings = ChangeSettings()
    investigation: InvestigationSettings = InvestigationSettings()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says; None and empty are *not said*."""

    command: tuple[str, ...]
    limits: Limits = Limits()
    grace_s: float | None = None
    agent: str | None = None
    project: str | None = None
    allow_tools: tuple[str, ...] = ()
    deny_tools: tuple[str, ...] = ()
    on_unexpected_tool: Unexpected | None = None
    loops: LoopAction | None = None
    poll_tools: tuple[str, ...] = ()
    untrusted: bool | None = None
    retries: int | None = None
    unpriced: Unpriced | None = None
    on_disk_full: DiskFull | None = None
    run_id: str | None = None
    """The id that a batch wrote down before it started the run."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The terms a run is held to, after flags and file have met."""

    limits: Limits
    loops: LoopPolicy
    tools: ToolPolicy
    untrusted: bool
    retries: int
    unpriced: Unpriced
    on_disk_full: DiskFull
    agent: str | None
    project: str | None


def terms(
    asked: Asked, settings: Settings, *, fork: bool, ours: bool = False, place: str = "pawl.toml"
) -> Terms:
    """Return the terms of a run; `fork` says that a CI job is for a fork's change.

    `ours` says that the file is the one of the branch the change wants to go to, which an
    untrusted run may believe whole.

    Raises BadValue for a duration or an amount in the file that means nothing.
    """
    run = settings.run
    # The file of a fork does not get to call itself trusted; only the command line does.
    untrusted = (fork or run.untrusted is True) if asked.untrusted is None else asked.untrusted
    if untrusted and not ours:
        run = RunSettings(
            project=run.project, allow_tools=run.allow_tools, deny_tools=run.deny_tools
        )
    loops = run.loops if asked.loops is None else asked.loops
    unexpected = asked.on_unexpected_tool or run.on_unexpected_tool
    return Terms(
        limits=_limits(asked, settings.limits, place),
        loops=LoopPolicy(action=loops, exempt=(*run.poll_tools, *asked.poll_tools)),
        tools=ToolPolicy(
            allow=asked.allow_tools or run.allow_tools,
            deny=(*run.deny_tools, *asked.deny_tools),
            unexpected=unexpected,
        ),
        untrusted=untrusted,
        retries=run.retries if asked.retries is None else asked.retries,
        unpriced=asked.unpriced or run.unpriced,
        on_disk_full=asked.on_disk_full or run.on_disk_full,
        agent=asked.agent or run.agent,
        project=asked.project or run.project,
    )


def _limits(asked: Asked, file: LimitSettings, place: str) -> Limits:
    said = asked.limits
    from_file = Limits(
        wall_s=_seconds(file.wall, f"{place}: limits.wall"),
        idle_s=_seconds(file.idle, f"{place}: limits.idle"),
        turns=file.turns,
        tool_calls=file.tool_calls,
        subagents=file.subagents,
        tokens=file.tokens,
        usd_micros=None if file.usd is None else parse_usd(str(file.usd), place=f"{place}: usd"),
        output_bytes=file.output_bytes,
    )
    chosen: dict[str, Any] = {
        name: getattr(from_file, name) if getattr(said, name) is None else getattr(said, name)
        for name in Limits.__struct_fields__
        if name != "grace_s"
    }
    grace = asked.grace_s
    if grace is None:
        grace = _seconds(file.grace, f"{place}: limits.grace")
    return Limits(**chosen) if grace is None else Limits(**chosen, grace_s=grace)


def _seconds(text: str | None, place: str) -> float | None:
    return None if text is None else parse_duration(text, place=place)
