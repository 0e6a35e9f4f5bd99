"""A hook is nested so that the product does not see it.

Bad: commands directly below the event, without the inner list `hooks`; a hook without `command`; a
`type` that does not exist; a list of events. Three levels are read: event, group with an optional
`matcher`, and the group's `hooks`.

Instead: `"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "…"}]}]`.
"""

from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import HOOKED_KINDS, Asset, Kind
from pawl.assets.assets import Assets
from pawl.assets.json_text import Config
from pawl.assets.known import ProductHooks, hook_events
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity

MAX_GROUPS = 500
_PAGES = (Kind.SKILL, Kind.COMMAND, Kind.AGENT)
Found = Iterator[tuple[tuple[str | int, ...], str]]


def _check(assets: Assets) -> Iterator[Hit]:
    files: list[tuple[Asset, Config]] = [(each.asset, each.config) for each in assets.settings]
    for asset, config in (*files, *assets.hook_files, *assets.hook_pages):
        known = hook_events().products.get(asset.product)
        if known is None or not isinstance(config.value, dict):
            continue
        held = config.value.get("hooks")
        if held is None and asset.kind not in _PAGES:
            for event in (each for each in config.value if each in known.events):
                yield Hit(
                    path=asset.path,
                    line=config.line(event),
                    message=f"These hooks never run: events are read below `hooks`, not {event}.",
                    subject=str(event),
                )
            continue
        for where, why in _wrong(held, known):
            yield Hit(
                path=asset.path,
                line=config.line("hooks", *where),
                message=f"This hook never runs: {why}.",
                subject=f"{'.'.join(map(str, where))} {why}",
            )


def _wrong(held: Any, known: ProductHooks) -> Found:
    if not isinstance(held, dict):
        yield (), "`hooks` is a map of events"
        return
    for event, groups in held.items():
        if event not in known.events:
            continue
        if not isinstance(groups, list):
            yield (event,), "an event has a list of groups"
            continue
        for at, group in enumerate(groups[:MAX_GROUPS]):
            yield from _in_group((event, at), group, known)


def _in_group(where: tuple[str | int, ...], group: Any, known: ProductHooks) -> Found:
    if not isinstance(group, dict):
        yield where, "a group is a map with the list `hooks`"
    elif not isinstance(group.get("hooks"), list):
        flat = "command" in group or "type" in group
        yield where, "the list `hooks` is missing" + (" around the command" if flat else "")
    else:
        if not isinstance(group.get("matcher", ""), str):
            yield where, "its matcher is no text"
        for at, hook in enumerate(group["hooks"][:MAX_GROUPS]):
            why = _in_hook(hook, known)
            if why is not None:
                yield (*where, "hooks", at), why


def _in_hook(hook: Any, known: ProductHooks) -> str | None:
    if not isinstance(hook, dict):
        return "a hook is a map with `type` and `command`"
    kind = hook.get("type")
    if kind is None:
        return "its `type` is missing"
    if not isinstance(kind, str) or kind not in known.kinds:
        return f"there is no type `{str(kind)[:40]}`"
    needed = known.kinds[kind]
    value = hook.get(needed)
    if not isinstance(value, str) or not value.strip():
        return f"`{needed}` is missing"
    return None


RULE = Rule(
    title="A hook is nested so that the product does not see it",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=HOOKED_KINDS,
    check=_check,
    source="https://code.claude.com/docs/en/hooks",
    as_of="2026-11-21",
    hint="Event, then a list of groups, then each group's list `hooks`.",
    products=("claude-code", "codex", "gemini-cli"),
)
