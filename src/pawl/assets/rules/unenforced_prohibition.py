"""Instructions forbid what nothing keeps the agent from.

Bad: "Never force push" in CLAUDE.md, and no permission rule and no hook about `git push`. Prose is
advice: it is followed mostly, and least of all by an agent that another text has talked into it.
Only a deny or ask rule, or a hook before the tool, holds.

Instead: keep the sentence and add the rule (`"deny": ["Bash(git push --force *)"]`). What is
enforced by settings outside of the repository is not seen here: allow it then, with that reason.
"""

import re
from collections.abc import Iterator
from functools import cache

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.judgement import Prohibition, prohibitions
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

_REACH = 120
"""Characters behind the word that forbids among which stands what is forbidden."""


def _check(assets: Assets) -> Iterator[Hit]:
    forbids, known = _patterns()
    held: dict[str, bool] = {}
    for page in assets.memories:
        told: set[str] = set()
        if page.asset.product != "claude-code" or forbids.search(page.body) is None:
            continue
        for line, text in page.prose():
            for match in forbids.finditer(text[:2000]):
                after = text[match.end() : match.end() + _REACH].partition(". ")[0]
                for pattern, each in known:
                    if each.name in told or pattern.search(after) is None:
                        continue
                    if each.name not in held:
                        held[each.name] = _is_held(assets.whole, each)
                    if not held[each.name]:
                        told.add(each.name)
                        yield _hit(page.path, line, each)


def _hit(path: str, line: int, prohibition: Prohibition) -> Hit:
    return Hit(
        path=path,
        line=line,
        message=f"This forbids {prohibition.name}; no rule and no hook keeps the agent from it.",
        subject=prohibition.name,
        hint=f"Add a rule, such as {prohibition.rule}.",
    )


@cache
def _patterns() -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], Prohibition], ...]]:
    held = prohibitions()
    return re.compile(held.forbids), tuple(
        (re.compile(each.pattern, re.IGNORECASE), each) for each in held.prohibitions
    )


def _is_held(assets: Assets, prohibition: Prohibition) -> bool:
    """Say whether a rule denies or asks, or a hook stands before the tool."""
    for settings in assets.settings:
        for rule in settings.permissions:
            if rule.says == "allow" or rule.tool not in prohibition.tools:
                continue
            if rule.pattern is None or rule.pattern.strip("*:") == "":
                return True
            if any(part in rule.pattern for part in prohibition.holds):
                return True
    for hook in assets.hooks:
        before = hook.event in ("PreToolUse", "PermissionRequest")
        about = hook.matcher in ("", "*") or any(t in hook.matcher for t in prohibition.tools)
        if before and about:
            return True
    return False


RULE = Rule(
    title="Instructions forbid what nothing keeps the agent from",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.MEMORY}),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Add a permission rule that denies it.",
    products=("claude-code",),
)
