"""A permission rule names a tool that does not exist, or its bracket never closes.

Bad: `bash(rm *)`, `Bash:rm *`, `WebFech(domain:example.com)`, `Bash(git push`. Names of tools are
compared letter by letter, so that the rule matches no call.

Instead: write the tool's name as the product does, and close the bracket.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import claude_names
from pawl.assets.rule import Hit, Rule
from pawl.assets.settings import Permission
from pawl.base.finding import Confidence, Severity
from pawl.parsing.nearest import nearest


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.asset.product != "claude-code":
            continue
        for rule in file.permissions:
            why = _wrong(rule)
            if why is not None:
                yield Hit(
                    path=file.path,
                    line=rule.line,
                    message=f"`{rule.text[:80]}` matches no call: {why}.",
                    subject=rule.text,
                    severity=Severity.MEDIUM if rule.says == "allow" else None,
                )


def _wrong(rule: Permission) -> str | None:
    known = claude_names().tools_ever
    if rule.tool in known or rule.tool.startswith("mcp__"):
        return None
    name, bracket, rest = rule.tool.partition("(")
    if rule.pattern is None and bracket and name.strip() in known and "\n" not in rest:
        return "its bracket does not close" if not rest.rstrip().endswith(")") else None
    before, colon, _ = rule.tool.partition(":")
    if rule.pattern is None and colon and before.strip() in known:
        return f"it is written `{before.strip()}(…)`"
    meant = None if "*" in rule.tool else nearest(rule.tool, known)
    return None if meant is None else f"the tool is called `{meant}`"


RULE = Rule(
    title="A permission rule names no tool",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/tools-reference",
    as_of="2026-11-21",
    hint="Write the tool's name as the product does, and close the bracket.",
    products=("claude-code",),
)
