"""A rule that allows commands allows any code.

Bad: `Bash`, `Bash(*)`, `Bash(python3:*)`, `Bash(uv run *)`, `Bash(npx:*)`, `Bash(docker exec *)`,
`Bash(make:*)`. An interpreter or a runner that may be given anything runs anything: the other
rules, those that deny included, are walked around without a question.

Instead: name what is run: `Bash(uv run pytest *)`, `Bash(npx prettier *)`, `Bash(make test)`,
`Bash(python3 -m mypy *)`.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.assets.rule_width import any_code
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.settings:
        if file.asset.product not in ("claude-code", "gemini-cli"):
            continue
        for rule in file.permissions:
            why = any_code(rule) if rule.says == "allow" else None
            if why is not None:
                yield Hit(
                    path=file.path,
                    line=rule.line,
                    message=f"`{rule.text[:80]}` allows any code: {why}.",
                    subject=rule.text,
                )


RULE = Rule(
    title="A rule that allows commands allows any code",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS}),
    check=_check,
    source="https://code.claude.com/docs/en/permissions",
    as_of="2026-11-21",
    hint="Name what is run, as in `Bash(uv run pytest *)`.",
    products=("claude-code", "gemini-cli"),
)
