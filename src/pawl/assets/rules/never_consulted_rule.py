"""A permission rule is one that nobody ever asks for.

Bad: `"deny": ["Write(.env)"]`, `Glob(src/**)`, `MultiEdit(docs/**)`. Paths are asked of two kinds
of rules only: `Edit(…)` for every tool that writes and `Read(…)` for every tool that reads. The
rule parses, the session starts, and what it forbids is done (observed with Claude Code 2.1.300,
`Grep` even without a word of warning).

Instead: write `Edit(.env)` for `Write`, `MultiEdit` and `NotebookEdit`, and `Read(src/**)` for
`Glob`, `Grep` and `LS`. Where that rule stands there already, this one is only in the way.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.known import permission_tools
from pawl.assets.rule import Edit, Hit, Rule
from pawl.assets.settings import Permission
from pawl.base.finding import Confidence, Severity

_DOES = {"deny": "forbids", "ask": "asks for", "allow": "allows"}
_WHOLE = frozenset({"", "*", "**"})


def _check(assets: Assets) -> Iterator[Hit]:
    paths = permission_tools().paths
    for file in assets.settings:
        if file.asset.product != "claude-code":
            continue
        there = {(each.says, each.tool, each.pattern) for each in file.permissions}
        for rule in file.permissions:
            meant = paths.get(rule.tool)
            if meant is None or rule.pattern is None or rule.pattern.strip() in _WHOLE:
                continue
            twin = (rule.says, meant, rule.pattern) in there
            mild = Severity.MEDIUM if rule.says == "allow" else None
            yield Hit(
                path=file.path,
                line=rule.line,
                message=f"`{rule.text[:80]}` {_DOES[rule.says]} nothing: only `{meant}(…)` is "
                "asked for paths" + (", and it is there." if twin else "."),
                subject=rule.text,
                severity=Severity.LOW if twin else mild,
                edits=() if twin else _edits(assets, rule, meant),
            )


def _edits(assets: Assets, rule: Permission, meant: str) -> tuple[Edit, ...]:
    lines = (assets.text(rule.path) or "").split("\n")
    if rule.line is None or not 0 < rule.line <= len(lines):
        return ()
    line, written = lines[rule.line - 1], f'"{rule.tool}('
    if line.count(written) != 1:
        return ()
    return (Edit(rule.path, rule.line, rule.line, line.replace(written, f'"{meant}(')),)


RULE = Rule(
    title="A permission rule is never asked for",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Write `Edit(…)` for what is written, `Read(…)` for what is read.",
    products=("claude-code",),
    versions=">=2.1.210",
    fix="unsafe",
)
