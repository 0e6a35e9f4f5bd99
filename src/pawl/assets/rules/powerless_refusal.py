"""A hook refuses in a way that its product does not heed.

Bad: a guard on `PreToolUse` that prints "Blocked" and ends with `exit 1`, or prints
`{"result": "block"}` or `{"allowed": false}`. Status 1 is an error of the hook, no refusal, and the
call goes through; of the answer only the documented names are read (observed with Claude Code
2.1.329).

Where several hooks run one program with different words, as in `node hooks.cjs pre-bash` and
`node hooks.cjs route`, each answers for the part of the program that is called by its word.

Instead: end with status 2 and the reason on stderr, or print `hookSpecificOutput` with
`permissionDecision`. From 2.1.295 on `"onFailure": "block"` turns every failure into a refusal.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import (
    HookUse,
    Language,
    hook_uses,
    language_of,
    scripts_of,
    simples_of,
)
from pawl.assets.known import hook_events
from pawl.assets.refusals import refusal_of
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.shell_status import words_of

_NAMED = regex(r"['\"`]([\w:.-]{2,60})['\"`]|^[ \t]{0,40}([\w:.|-]{2,80})\)")
"""A word in quotes, or one that begins an arm of a shell's `case`."""


def _check(assets: Assets) -> Iterator[Hit]:
    uses = hook_uses(assets)
    for use in uses:
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
                if path and _is_others(text, refusal.status_line, use, path, uses):
                    continue
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


def _is_others(text: str, line: int, use: HookUse, path: str, uses: tuple[HookUse, ...]) -> bool:
    """Say whether a line is in a part of a program that another hook's word calls, not this one's.

    The nearest word above the line that any hook hands to the program names the part.
    """
    mine = _handed(use, path)
    every = mine.union(*(_handed(each, path) for each in uses))
    if not mine or mine == every:
        return False
    lines = text.split("\n")
    part: set[str] = set()
    for above in reversed(lines[:line]):
        part = _names(above) & every
        if part:
            break
    return bool(part) and not part & mine and any(_names(each) & mine for each in lines)


def _names(line: str) -> set[str]:
    found = (one or two for one, two in _NAMED.findall(line[:1000]))
    return {name for each in found for name in each.split("|")}


def _handed(use: HookUse, path: str) -> frozenset[str]:
    """Return the words that a hook hands to a program of the tree."""
    names = {script.written for script in scripts_of(use) if script.path == path}
    return frozenset(
        word
        for words in map(words_of, simples_of(use))
        for at, name in enumerate(words)
        if name in names
        for word in words[at + 1 : at + 9]
        if not word.startswith("-")
    )


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
