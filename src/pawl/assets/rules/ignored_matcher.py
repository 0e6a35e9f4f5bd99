"""A hook has a matcher where the product reads none.

Bad: `"Stop": [{"matcher": "Bash", "hooks": […]}]`. The event has nothing to compare with; the hook
runs each time, whatever the matcher says.

Instead: take the matcher out, and let the command itself look at what it was given.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import hook_uses
from pawl.assets.known import hook_events
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    seen: set[tuple[str, str, str]] = set()
    for use in hook_uses(assets):
        known = hook_events().products.get(use.asset.product)
        event = None if known is None else known.events.get(use.hook.event)
        told = (use.asset.path, use.hook.event, use.hook.matcher)
        if event is None or event.matcher != "none" or told in seen:
            continue
        if use.hook.matcher in ("", "*", ".*"):
            continue
        seen.add(told)
        yield Hit(
            path=use.asset.path,
            line=use.hook.line,
            message=f"`{use.hook.event}` reads no matcher, as `{use.hook.matcher[:50]}` is.",
            subject=f"{use.hook.event} {use.hook.matcher}",
        )


RULE = Rule(
    title="A hook has a matcher where none is read",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Take the matcher out; let the command look at what it was given.",
    products=("claude-code",),
)
