"""A hook refuses in a way that its product does not heed.

Bad: a guard on `PreToolUse` that prints "Blocked" and ends with `exit 1`, or prints
`{"result": "block"}` or `{"allowed": false}`. Status 1 is an error of the hook, no refusal, and the
call goes through; of the answer only the documented names are read (observed with Claude Code
2.1.329).

Instead: end with status 2 and the reason on stderr, or print `hookSpecificOutput` with
`permissionDecision`. From 2.1.295 on `"onFailure": "block"` turns every failure into a refusal.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import HookUse, Language, hook_uses, language_of, scripts_of
from pawl.assets.known import hook_events
from pawl.assets.refusals import refusal_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        known = hook_events().products.get(use.asset.product)
        event = None if known is None else known.events.get(use.hook.event)
        guards = event is not None and event.refuses and use.asset.product == "claude-code"
        if not guards or use.hook.on_failure == "block" or not use.is_shell:
            continue
        for path, text, language in _texts(assets, use):
            refusal = refusal_of(text, language)
            if refusal.by_status or refusal.by_answer:
                continue
            if refusal.status_line is not None:
                why = f"says no and ends with status 1 (line {refusal.status_line}): it lets pass"
            elif refusal.unread:
                why = f"answers `{refusal.unread[:60]}`, which nobody reads"
            else:
                continue
            yield Hit(
                path=use.asset.path,
                line=use.hook.line,
                message=f"{path or 'The command'} {why}.",
                subject=f"{use.hook.event} {path or use.hook.command[:200]}",
                trail=(use.asset.path, path) if path else (),
            )


def _texts(assets: Assets, use: HookUse) -> Iterator[tuple[str, str, Language]]:
    """Yield what a hook runs as text: its scripts, or its command where it has none."""
    found = False
    for script in scripts_of(use):
        text = assets.text(script.path)
        if text is not None:
            found = True
            yield script.path, text, language_of(script.path, text)
    if not found:
        yield "", use.hook.command, "shell"


RULE = Rule(
    title="A hook refuses in a way that nobody heeds",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="End with status 2 and the reason on stderr, or print `permissionDecision`.",
    products=("claude-code",),
)
