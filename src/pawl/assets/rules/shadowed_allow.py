"""A rule allows what another one denies, and allows nothing.

Bad: `"allow": ["Bash(git push origin main)"]` beside `"deny": ["Bash(git push *)"]`. What is denied
stays denied: rules that deny are asked first, and no exception can be cut out of them.

Instead: take one of the two out, or narrow the one that denies.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.rule_width import cover_of, covering
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.asset.product != "claude-code":
            continue
        # A person's own file lies over the shared one beside it, and what that denies stays so.
        beside = (
            file
            if file.is_shared
            else next((s for s in assets.whole.settings if s.path == _shared(file.path)), file)
        )
        rules = (*file.permissions, *(beside.permissions if beside is not file else ()))
        denies = cover_of(each for each in rules if each.says == "deny")
        for rule in file.permissions:
            if rule.says != "allow":
                continue
            over = covering(denies, rule)
            if over is not None:
                yield Hit(
                    path=file.path,
                    line=rule.line,
                    message=f"`{rule.text[:60]}` allows nothing: `{over.text[:60]}` denies it.",
                    subject=rule.text,
                )


def _shared(path: str) -> str:
    return path.replace("settings.local.json", "settings.json")


RULE = Rule(
    title="A rule allows what another one denies",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Take one of the two out.",
    products=("claude-code",),
)
