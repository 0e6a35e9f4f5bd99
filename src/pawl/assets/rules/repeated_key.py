"""A name stands twice in one map, and what stands below the first is lost.

Bad: two lists `"PreToolUse"` below `hooks`, two `"deny"` below `permissions`, two servers of one
name. JSON keeps the last; the guard that was there first is gone, and no product says so.

Instead: put both into one.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.json_text import repeated
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

_REMARKS = ("_", "/", "#", "$comment", "comment")


def _check(assets: Assets) -> Iterator[Hit]:
    files = [
        *(each.asset for each in assets.settings),
        *(asset for asset, _ in (*assets.hook_files, *assets.plugins)),
        *assets.judged(Kind.MCP),
    ]
    for path in dict.fromkeys(each.path for each in files if each.path.endswith(".json")):
        text = assets.text(path) or ""
        for name in repeated(text):
            if not name.startswith(_REMARKS):
                at = text.rfind(f'"{name}"')
                yield Hit(
                    path=path,
                    line=text.count("\n", 0, max(0, at)) + 1,
                    message=f"`{name[:60]}` stands twice in one map; the first counts for nothing.",
                    subject=name,
                )


RULE = Rule(
    title="A name stands twice in one map",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.SETTINGS, Kind.HOOKS, Kind.PLUGIN, Kind.MCP}),
    check=_check,
    source="https://www.rfc-editor.org/rfc/rfc8259#section-4",
    as_of="2026-11-21",
    hint="Put both into one.",
)
