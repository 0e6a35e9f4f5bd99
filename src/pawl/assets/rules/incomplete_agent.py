"""An agent has no name or no description.

Bad: front matter with `description` alone, or with `name` alone. Claude Code drops the file in
silence: the agent cannot be chosen, by the model or by name.

Instead: both. OpenCode takes the name from the file and needs the description alone.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.profiles import is_read
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for page in assets.agents:
        # OpenCode's primary agents are chosen by people.
        if not is_read(page) or page.front.values.get("mode") == "primary":
            continue
        needed = (
            ("name", "description") if page.asset.product == "claude-code" else ("description",)
        )
        missing = [name for name in needed if not _said(page.front.values.get(name))]
        if missing:
            claude = page.asset.product == "claude-code"
            then = "is dropped in silence" if claude else "is never chosen"
            yield Hit(
                path=page.path,
                line=1,
                message=f"The agent has no {' and no '.join(missing)}, and {then}.",
                subject=" ".join(missing),
            )


def _said(value: object) -> bool:
    return isinstance(value, str | int | float) and bool(str(value).strip())


RULE = Rule(
    title="An agent has no name or no description",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.AGENT}),
    check=_check,
    source="https://code.claude.com/docs/en/sub-agents",
    as_of="2026-11-21",
    hint="Give it a name and a description.",
    products=("claude-code", "opencode"),
)
