"""A hook that guards cannot refuse: its refusal is thrown away.

Bad: `.claude/hooks/guard.sh || true`, `guard.sh; exit 0`, `guard.sh | tee log`, `"async": true` on
a guard. The script ends with 2 and the command around it with 0, or the call is over before the
hook is.

Instead: let the script's status be the hook's: `exec .claude/hooks/guard.sh`. What may fail and
must not (a tool that is not installed) is decided inside the script; `"onFailure": "block"` closes
the rest (Claude Code 2.1.295).
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import (
    HookUse,
    Script,
    hook_uses,
    language_of,
    scripts_of,
    words_run,
)
from pawl.assets.known import hook_events
from pawl.assets.refusals import refusal_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.shell_fate import Ran, Shell, fates
from pawl.parsing.shell_tree import Simple
from pawl.parsing.shell_words import Unreadable, Word


def _check(assets: Assets) -> Iterator[Hit]:
    for use in hook_uses(assets):
        known = hook_events().products.get(use.asset.product)
        event = None if known is None else known.events.get(use.hook.event)
        if event is None or not event.refuses or not use.is_shell:
            continue
        for script in scripts_of(use):
            why = _lost(use, script) if _refuses(assets, script) else None
            if why is not None:
                yield Hit(
                    path=use.asset.path,
                    line=use.hook.line,
                    message=f"`{script.written[:80]}` refuses with status 2, and {why}.",
                    subject=f"{use.hook.event} {script.path}",
                    trail=(use.asset.path, script.path),
                )


def _refuses(assets: Assets, script: Script) -> bool:
    """Say whether a script refuses by its status alone; what it prints is read all the same."""
    text = assets.text(script.path)
    if text is None:
        return False
    refusal = refusal_of(text, language_of(script.path, text))
    return refusal.by_status and not refusal.by_answer


def _lost(use: HookUse, script: Script) -> str | None:
    if use.hook.values.get("async") is True and use.hook.values.get("asyncRewake") is not True:
        return "a hook in the background refuses nothing"
    if "args" in use.hook.values:
        return None
    try:
        ran = fates(use.hook.command, Shell(errexit=False, pipefail=False))
    except Unreadable:
        return None
    own = [at for at, each in enumerate(ran) if _is_run(each, script)]
    if own and all(ran[at].swallowed for at in own):
        return str(ran[own[0]].swallowed)
    after = [each.words[:2] for each in ran[own[0] + 1 :]] if own else []
    replaced = ("exit", "1") in after and ("exit", "2") not in after
    return "the command ends with 1 in its place, which refuses nothing" if replaced else None


def _is_run(ran: Ran, script: Script) -> bool:
    words = tuple(Word(each, 1) for each in ran.words)
    run = words_run(Simple(words, (), 1))
    return script.written in (*run[:4], *ran.words[:6])


RULE = Rule(
    title="A guarding hook's refusal is thrown away",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Let the script's status be the hook's.",
)
