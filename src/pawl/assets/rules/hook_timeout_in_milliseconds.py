"""A hook's timeout is written in milliseconds and read in seconds.

Bad: `"timeout": 5000`: that is 83 minutes. A hook that hangs holds the session for as long.

Instead: write seconds: `"timeout": 5`.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import HookUse, hook_uses
from pawl.assets.known import hook_events
from pawl.assets.rule import Edit, Hit, Rule
from pawl.base.finding import Confidence, Severity

LONGEST = 1000
"""Seconds beyond which nobody means seconds: a quarter of an hour and more."""
MAX_HOURS = 1e6
NEAR = 8
"""Lines after a hook's command among which its timeout is looked for."""


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        known = hook_events().products.get(use.asset.product)
        timeout = use.hook.timeout
        if known is None or not known.seconds or timeout is None or timeout < LONGEST:
            continue
        hours = timeout / 3600
        long = f"{hours:,.1f} hours" if hours >= 2 else f"{timeout / 60:,.0f} minutes"
        long = long if hours < MAX_HOURS else "for ever"
        yield Hit(
            path=use.asset.path,
            line=use.hook.line,
            message=f"A timeout of {timeout:,.12g} is in seconds: {long}.",
            subject=use.name,
            edits=_edits(assets, use, timeout),
        )


def _edits(assets: Assets, use: HookUse, timeout: float) -> tuple[Edit, ...]:
    """Return the edit that writes seconds, where the number stands near and just once."""
    if timeout % 1000 or timeout > 1e9 or use.hook.line is None:
        return ()
    lines = (assets.text(use.asset.path) or "").split("\n")
    written = f"{timeout:.0f}"
    first = max(0, use.hook.line - 1 - NEAR)
    near = range(first, min(len(lines), use.hook.line + NEAR))
    at = [n for n in near if '"timeout"' in lines[n] and written in lines[n]]
    if len(at) != 1 or lines[at[0]].count(written) != 1:
        return ()
    line = lines[at[0]].replace(written, f"{timeout / 1000:.0f}")
    return (Edit(use.asset.path, at[0] + 1, at[0] + 1, line),)


RULE = Rule(
    title="A hook's timeout is in milliseconds",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Write seconds.",
    products=("claude-code",),
    fix="unsafe",
)
