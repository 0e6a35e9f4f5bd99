"""Settings of agents: permission rules, modes, environment, hooks."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from pawl.assets.asset import Asset
from pawl.assets.json_text import Config
from pawl.base.patterns import regex

Says = Literal["allow", "ask", "deny"]
SAYS: tuple[Says, ...] = ("allow", "ask", "deny")
_RULE = regex(r"\s*([A-Za-z_*][\w.*-]{0,120})\s*(?:\((.{0,2000})\))?\s*")
MAX_RULES = 2000
MAX_HOOKS = 500


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """One permission rule as written. `pattern` is what stands in its brackets, None without."""

    says: Says
    text: str
    tool: str
    pattern: str | None
    path: str
    line: int | None


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """One hook: when it runs and what. `values` is all that the file says of it."""

    event: str
    matcher: str
    kind: str
    command: str
    timeout: float | None
    on_failure: str
    path: str
    line: int | None
    values: dict[str, Any] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One file of settings with its values as read."""

    asset: Asset
    config: Config
    permissions: tuple[Permission, ...] = ()
    hooks: tuple[Hook, ...] = ()

    @property
    def path(self) -> str:
        """The file's path."""
        return self.asset.path

    @property
    def is_shared(self) -> bool:
        """Say whether the file is meant for everybody: `settings.local.json` is one person's."""
        return ".local." not in self.asset.name


def read_settings(asset: Asset, config: Config) -> Settings:
    """Return a settings file's permission rules and hooks with their lines."""
    return Settings(
        asset=asset,
        config=config,
        permissions=tuple(_permissions(asset, config))[: len(SAYS) * MAX_RULES],
        hooks=hooks_of(config, asset.path),
    )


def permission(says: Says, text: str, path: str, line: int | None) -> Permission:
    """Return one rule such as `Bash(npm run build)` taken apart."""
    match = _RULE.fullmatch(text[:2200])
    tool, pattern = (text, None) if match is None else (match[1], match[2])
    return Permission(says=says, text=text, tool=tool, pattern=pattern, path=path, line=line)


def _permissions(asset: Asset, config: Config) -> Iterator[Permission]:
    if asset.product == "claude-code":
        held = config.table("permissions")
        for says in SAYS:
            yield from _listed(config, asset.path, says, held.get(says), ("permissions", says))
    elif asset.product == "gemini-cli":
        tools = config.table("tools")
        yield from _listed(config, asset.path, "allow", tools.get("allowed"), ("tools", "allowed"))
        yield from _listed(config, asset.path, "deny", tools.get("exclude"), ("tools", "exclude"))
    elif asset.product == "opencode":
        for tool, said in config.table("permission").items():
            for pattern, says in said.items() if isinstance(said, dict) else ((None, said),):
                if says in SAYS:
                    text = tool if pattern is None else f"{tool}({pattern})"
                    where = (
                        ("permission", tool) if pattern is None else ("permission", tool, pattern)
                    )
                    line = config.line(*where)
                    yield permission(says, text, asset.path, line)


def _listed(
    config: Config, path: str, says: Says, value: Any, where: tuple[str, ...]
) -> Iterator[Permission]:
    # Each list has its own end: thousands that allow do not hide one that denies.
    for at, text in enumerate(value[:MAX_RULES] if isinstance(value, list) else ()):
        if isinstance(text, str):
            yield permission(says, text, path, config.line(*where, at))


def hooks_of(config: Config, path: str) -> tuple[Hook, ...]:
    """Return the hooks below `hooks` of a file, in the shape that the product reads."""
    found: list[Hook] = []
    for event, groups in config.table("hooks").items():
        for at, group in enumerate(groups if isinstance(groups, list) else ()):
            if not isinstance(group, dict):
                continue
            held = group.get("hooks")
            for place, hook in enumerate(held if isinstance(held, list) else ()):
                if isinstance(hook, dict):
                    line = config.line("hooks", event, at, "hooks", place, "command")
                    found.append(hook_of(str(event), group.get("matcher"), hook, path, line))
    return tuple(found[:MAX_HOOKS])


def hook_of(event: str, matcher: Any, hook: dict[str, Any], path: str, line: int | None) -> Hook:
    """Return one hook from its values."""
    command = hook.get("command") or hook.get("url") or ""
    return Hook(
        event=event,
        matcher=matcher if isinstance(matcher, str) else "",
        kind=str(hook.get("type", "command")),
        command=command if isinstance(command, str) else "",
        timeout=_number(hook.get("timeout")),
        on_failure=str(hook.get("onFailure", "")),
        path=path,
        line=line,
        values=hook,
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(max(-1e300, min(value, 1e300)))  # Beyond that a whole number is no float.
