"""A hook waits for an event that does not exist.

Bad: `"hooks": {"preToolUse": […]}`, `"PreToolCall"`, `"OnStop"`. Names of events are compared
letter by letter; a hook below any other name never runs, and nobody says so.

Instead: write the event's name as the product does.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS, Asset
from pawl.assets.assets import Assets
from pawl.assets.json_text import Config
from pawl.assets.known import hook_events
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.nearest import nearest

MAX_EVENTS = 200


def _check(assets: Assets) -> Iterator[Hit]:
    files: list[tuple[Asset, Config]] = [(each.asset, each.config) for each in assets.settings]
    for asset, config in (*files, *assets.hook_files, *assets.hook_pages):
        known = hook_events().products.get(asset.product)
        if known is None:
            continue
        for event, groups in list(config.table("hooks").items())[:MAX_EVENTS]:
            if event in known.events or event in known.others:
                continue
            if asset.product == "codex" and not isinstance(groups, list):
                continue  # It keeps tables of its own there.
            meant = nearest(str(event), known.events)
            yield Hit(
                path=asset.path,
                line=config.line("hooks", event),
                message=f"There is no event `{str(event)[:60]}`"
                + (f"; `{meant}` is near." if meant else "; its hooks never run."),
                subject=str(event),
            )


RULE = Rule(
    title="A hook waits for an event that does not exist",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Write the event's name as the product does.",
    products=("claude-code", "codex", "gemini-cli"),
    versions="<=2.1.329",
)
