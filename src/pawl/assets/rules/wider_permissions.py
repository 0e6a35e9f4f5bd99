"""A change allows agents more than they were allowed before.

What a change of settings, tools, servers or pipelines makes possible is easily lost among its
lines. Each thing that becomes possible, and each control that goes, is told of with the role whose
yes it needs. It is told of only where a change is looked at (`pawl lint --diff REV`).

Bad: a change of one line puts `Bash(npm *)` into `permissions.allow`, and nobody notices.

Instead: have whoever answers for it approve the change, or allow less.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.delta import widenings
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    if assets.base is None:
        return
    for widening in widenings(assets.base, assets):
        grant = widening.grant
        gone = grant.control
        yield Hit(
            path=grant.path,
            line=None if gone else grant.line,
            message=widening.message,
            subject=f"{grant.kind}\0{grant.scope}\0{grant.text}",
        )


RULE = Rule(
    title="A change allows agents more than before",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset(
        {Kind.SETTINGS, Kind.HOOKS, Kind.MCP, Kind.SKILL, Kind.AGENT, Kind.COMMAND, Kind.WORKFLOW}
    ),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Have whoever answers for it approve the change, or allow less.",
    needs_base=True,
)
