"""An agent called a tool that nobody expects there.

Watches: tool calls by project, and calls that Pawl refused.

Fires: critical at the first call of a tool outside the allowlist, where there is one, and at one
that Pawl refused; a warning at the first call of a tool that the project has never used, once
enough calls over enough time are known.

Clears: after a while in which the project went on.

No data: while the project's tools are still being learnt, or nothing was told since.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pawl.alerts.instants import instant
from pawl.alerts.judging import blind, judged
from pawl.alerts.reading import Level, Reading, Row, scope_of
from pawl.alerts.rule import Context, Fact, Rule, Thresholds
from pawl.alerts.windows import Scopes
from pawl.telemetry.bill import UNKNOWN
from pawl.telemetry.event import Kind

_TOOLS = 300


class UnexpectedTool(Thresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`allow` are globs over tool names; empty is no allowlist. `allow_by_project` replaces it.

    Tools of a project are known after `learn_calls` calls and `learn_s`. A call is told of for
    `hold_s`.
    """

    learn_calls: int
    learn_s: float
    hold_s: float
    allow: tuple[str, ...] = ()
    allow_by_project: dict[str, tuple[str, ...]] = {}


class _Project:
    __slots__ = ("calls", "first", "newest", "strange", "tools")

    def __init__(self) -> None:
        self.calls = 0
        self.first, self.newest = float("inf"), float("-inf")
        self.tools: set[str] = set()
        self.strange: dict[str, tuple[float, Level, str, Row]] = {}


class _Watch:
    def __init__(self, context: Context) -> None:
        limits = context.thresholds
        assert isinstance(limits, UnexpectedTool)
        self._rule, self._limits = context.rule, limits
        self._projects: Scopes[str, _Project] = Scopes(_Project)

    @property
    def forgotten(self) -> int:
        return self._projects.forgotten

    def see(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if fact.event.tool is not None and not fact.again:
                self._called(fact, fact.event.tool)

    def _called(self, fact: Fact, tool: str) -> None:
        event, limits, at = fact.event, self._limits, fact.at
        name = event.project or UNKNOWN
        project = self._projects.at(name)
        newest = project.newest
        learnt = project.calls >= limits.learn_calls and newest - project.first >= limits.learn_s
        project.calls += 1
        if at < project.first:
            project.first = at
        if at > newest:
            project.newest = at
        allowed = self._limits.allow
        if limits.allow_by_project:
            allowed = limits.allow_by_project.get(name, allowed)
        why, level = "", Level.CRITICAL
        if event.kind is Kind.TOOL_DENIED:
            if event.attributes.get("by") == "pawl":
                why = "was refused by the tool policy"
        elif allowed:
            if not any(fnmatchcase(tool, glob) for glob in allowed):
                why = "is not on the allowlist"
        elif learnt and tool not in project.tools:
            why, level = f"was never used in {project.calls - 1} calls before", Level.WARNING
        if event.kind is Kind.TOOL_CALL and len(project.tools) < _TOOLS:
            project.tools.add(tool)
        if why and at >= newest - limits.hold_s:
            known = project.strange.get(tool)
            if known is None or known[1] is not level or len(project.strange) < _TOOLS:
                project.strange[tool] = (at, level, why, Row("event", event.id))

    def look(self, now: float) -> list[Reading]:
        found: list[Reading] = []
        limits, at = self._limits, instant(now)
        for name, project in self._projects.items():
            allowed = limits.allow_by_project.get(name, limits.allow)
            if not allowed and (
                project.calls < limits.learn_calls
                or project.newest - project.first < limits.learn_s
            ):
                why = f"the tools of {name} are being learnt: {project.calls} calls so far."
                found += blind(
                    self._rule, scope_of(project=name), why, at=at, levels=(Level.WARNING,)
                )
            for tool, (seen, level, why, row) in list(project.strange.items()):
                age = now - seen
                if age >= 3 * limits.hold_s and project.newest >= seen + limits.hold_s:
                    del project.strange[tool]
                    continue
                scope = scope_of(project=name, tool=tool)
                over = age >= limits.hold_s
                if over and project.newest < seen + limits.hold_s:
                    text = f"nothing was told of {name} since."
                    found += blind(self._rule, scope, text, at=at, levels=(level,))
                    continue
                found += judged(
                    self._rule,
                    scope,
                    0.0 if over else 1.0,
                    ((level, 1.0),),
                    at=at,
                    summary=f"{tool} was called in {name} and {why}.",
                    unit="calls",
                    cause=f"tool {tool}",
                    rows=(row,),
                    signature=f"{self._rule}|{name}|{tool}",
                )
        return found


RULE = Rule(
    title="An agent called an unexpected tool",
    about="behaviour",
    kinds=frozenset({Kind.TOOL_CALL, Kind.TOOL_DENIED}),
    thresholds=UnexpectedTool,
    start=_Watch,
    response="See who asked for it. Allow the tool, or deny it in `pawl.toml`.",
    history_s=30 * 86_400,
    archetype="scope creep",
)
