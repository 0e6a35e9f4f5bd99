"""A hook's matcher matches no tool.

Bad: `"matcher": "bash"`, `"matcher": "Bash(rm *)"`, `"matcher": "MultiEdit"`. A matcher is compared
with the tool's name, letter by letter or as a regular expression; what the tool is given is none of
its business. A guard behind such a matcher guards nothing.

Instead: `"matcher": "Bash"`, and in the hook `"if": "Bash(rm *)"`.
"""

from collections.abc import Iterator

from pawl.assets.asset import HOOKED_KINDS
from pawl.assets.assets import Assets
from pawl.assets.hook_programs import hook_uses
from pawl.assets.judgement import claude_names
from pawl.assets.known import hook_events
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex
from pawl.parsing.nearest import nearest

_NAMES = regex(r"[\w|, -]{1,400}")
_RULE = regex(r"(\w{1,60})\(.{0,300}\)")


def _check(assets: Assets) -> Iterator[Hit]:
    seen: set[tuple[str, str]] = set()
    for use in hook_uses(assets):
        known = hook_events().products.get(use.asset.product)
        event = None if known is None else known.events.get(use.hook.event)
        if event is None or event.matcher != "tool" or use.asset.product != "claude-code":
            continue
        why = _never(use.hook.matcher.strip())
        if why is not None and (use.asset.path, use.hook.matcher) not in seen:
            seen.add((use.asset.path, use.hook.matcher))
            yield Hit(
                path=use.asset.path,
                line=use.hook.line,
                message=f"The matcher `{use.hook.matcher[:60]}` matches no tool: {why}.",
                subject=f"{use.hook.event} {use.hook.matcher}",
            )


def _never(matcher: str) -> str | None:
    names_known = claude_names()
    written = _RULE.fullmatch(matcher)
    if written is not None and written[1] in names_known.tools_ever:
        return f"it is a rule; the tool is `{written[1]}`"
    if not matcher or _NAMES.fullmatch(matcher) is None:
        return None
    names = [each.strip() for each in matcher.replace(",", "|").split("|") if each.strip()]
    gone = [each for each in names if each in names_known.retired]
    slips = {each: nearest(each, names_known.tools_ever) for each in names}
    if names and len(gone) == len(names):
        instead = names_known.retired[gone[0]]
        return "there is no such tool any more" + (f"; it is `{instead}`" if instead else "")
    meant = next((near for near in slips.values() if near is not None), None)
    live = [each for each in names if each not in gone and slips[each] is None]
    return None if live or meant is None else f"the tool is called `{meant}`"


RULE = Rule(
    title="A hook's matcher matches no tool",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Write the tool's name; narrow by what it is given with `if`.",
    products=("claude-code",),
)
