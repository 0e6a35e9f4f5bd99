"""A permission rule means a place of the machine and names one of the project.

Bad: `Read(/etc/passwd)`, `Edit(/Users/ada/notes/**)`. A single `/` at the head of a rule's path is
the project's root, so that the rule forbids, or allows, a folder that does not exist.

Instead: write `//etc/passwd` for the machine's root, `~/notes/**` for a home.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.known import permission_tools
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.asset.product != "claude-code":
            continue
        project = file.asset.folder.rpartition("/")[0]
        for rule in file.permissions:
            pattern = rule.pattern or ""
            if rule.tool not in ("Read", "Edit") or not pattern.startswith("/"):
                continue
            if pattern.startswith("//") or not _of_machine(assets, project, pattern):
                continue
            yield Hit(
                path=file.path,
                line=rule.line,
                message=f"`{rule.text[:80]}` is looked for below the project's root.",
                subject=rule.text,
                severity=Severity.MEDIUM if rule.says == "allow" else None,
                hint=f"Write `{rule.tool}(/{pattern[:80]})` for the machine's root.",
            )


def _of_machine(assets: Assets, project: str, pattern: str) -> bool:
    """Say whether a path begins with a folder of a machine's root that the project has not."""
    known = permission_tools()
    first = pattern[1:].partition("/")[0]
    own = f"{project}/{first}" if project else first
    if first not in (*known.roots, *known.maybe_roots) or assets.exists(own):
        return False
    if first in known.roots:
        return True
    ignored = assets.text(f"{project}/.gitignore" if project else ".gitignore") or ""
    return not any(line.strip().strip("/") == first for line in ignored.split("\n"))


RULE = Rule(
    title="A permission rule is anchored in the wrong place",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Write `//` for the machine's root and `~/` for a home.",
    products=("claude-code",),
)
