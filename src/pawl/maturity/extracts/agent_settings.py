"""Settings of coding agents: permission rules, modes, hooks and the hooks' scripts.

Reads Claude Code (`.claude/settings*.json`), Codex (`.codex/config.toml`), Gemini CLI
(`.gemini/settings.json`) and opencode (`opencode.json`). Nothing of it is run. A file that does
not parse says so: the products ignore such a file in silence, and so its rules protect nothing.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.config_text import jsonc, table, toml
from pawl.parsing.hook_command import hollow_command, hollow_script, script_of
from pawl.parsing.permission_rules import (
    Judged,
    is_secret_variable,
    judge_rule,
    judge_tool,
)

MAX_RULES = 500
MAX_HOOKS = 200
MAX_TEXT = 200

_SCRIPTS = (".sh", ".bash", ".ps1", ".py", ".js", ".mjs", ".cjs", ".ts")

Product = Literal["claude-code", "codex", "gemini-cli", "opencode"]
Says = Literal["allow", "ask", "deny", "mode"]

REFUSING = frozenset({"PreToolUse", "PermissionRequest", "UserPromptSubmit", "BeforeTool"})
"""Events before something happens: a hook on them can stop it."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One permission rule; a `mode` is what becomes of calls that no rule names.

    `wide` says why it is too wide, None when it is narrow. `unbound`: with it any program runs.
    `secret`: it names a place where secrets are.
    """

    says: Says
    text: str
    line: int | None = None
    wide: str | None = None
    unbound: bool = False
    secret: bool = False


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """One hook. `hollow` says why it does nothing, None when it might; `script` is its file.

    `refusing` says that its event comes before what it could stop.
    """

    event: str
    matcher: str = ""
    command: str = ""
    line: int | None = None
    hollow: str | None = None
    script: str | None = None
    refusing: bool = False


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One settings file, or one hook's script (then `script_hollow` tells why it does nothing).

    `any_server` says that every tool server a folder names is started without asking.
    """

    product: Product | Literal["script"]
    rules: tuple[Rule, ...] = ()
    hooks: tuple[Hook, ...] = ()
    any_server: bool = False
    script_hollow: str | None = None
    problem: str | None = None


def _product(path: str) -> Product | Literal["script"] | None:
    folder, _, name = path.rpartition("/")
    last = folder.rpartition("/")[2]
    if name in ("settings.json", "settings.local.json", "managed-settings.json"):
        known: dict[str, Product] = {".claude": "claude-code", ".gemini": "gemini-cli"}
        return "claude-code" if name.startswith("managed") else known.get(last)
    if name == "config.toml" and last == ".codex":
        return "codex"
    if name in ("opencode.json", "opencode.jsonc"):
        return "opencode"
    if "hooks" in folder.split("/") and name.endswith(_SCRIPTS):
        return "script" if "/.claude/" in f"/{folder}/" or "agent" in folder else None
    return None


def wants(file: TreeFile) -> bool:
    """Say whether a path is one that an agent reads its settings or hooks from."""
    path = file.path
    if not path.endswith((".json", ".jsonc", ".toml", *_SCRIPTS)):
        return False
    return file.size <= 200_000 and _product(path) is not None


def read(path: str, text: str) -> AgentSettings | None:
    """Return what a settings file says, or None when it is none."""
    product = _product(path)
    if product is None:
        return None
    if product == "script":
        return AgentSettings(product="script", script_hollow=hollow_script(path, text))
    value = toml(text) if product == "codex" else jsonc(text)
    if not isinstance(value, dict):
        return AgentSettings(product=product, problem="it does not parse, and is ignored")
    lines = _Lines(text)
    readers = {
        "claude-code": _claude_rules,
        "codex": _codex_rules,
        "gemini-cli": _gemini_rules,
        "opencode": _opencode_rules,
    }
    return AgentSettings(
        product=product,
        rules=tuple(readers[product](value, lines))[:MAX_RULES],
        hooks=tuple(_hooks(value, lines))[:MAX_HOOKS],
        any_server=value.get("enableAllProjectMcpServers") is True,
    )


class _Lines:
    """Where a quoted text stands in a file; the first place is near enough for a person."""

    def __init__(self, text: str) -> None:
        self.found: dict[str, int] = {}
        for number, line in enumerate(text.split("\n"), 1):
            for part in line.replace('\\"', "\0").split('"')[1::2]:
                self.found.setdefault(part.replace("\0", '"'), number)

    def of(self, text: str) -> int | None:
        return self.found.get(text)


def _rule(says: Says, text: str, judged: Judged, lines: _Lines, key: str = "") -> Rule:
    return Rule(
        says=says,
        text=text[:MAX_TEXT],
        line=lines.of(key or text),
        wide=judged.wide if says in ("allow", "mode") else None,
        unbound=judged.unbound,
        secret=judged.secret,
    )


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _claude_rules(value: dict[str, Any], lines: _Lines) -> Iterator[Rule]:
    permissions = table(value, "permissions")
    kinds: tuple[Says, ...] = ("allow", "ask", "deny")
    for says in kinds:
        for text in _texts(permissions.get(says)):
            yield _rule(says, text, judge_rule(text), lines)
    mode = permissions.get("defaultMode")
    if isinstance(mode, str) or permissions:
        text = mode if isinstance(mode, str) else "default"
        wide = "it asks nothing" if text == "bypassPermissions" else None
        yield _rule("mode", f"defaultMode {text}", Judged(wide, unbound=bool(wide)), lines, text)


def _codex_rules(value: dict[str, Any], lines: _Lines) -> Iterator[Rule]:
    sandbox = value.get("sandbox_mode")
    if isinstance(sandbox, str):
        wide = "it has no sandbox" if sandbox == "danger-full-access" else None
        judged = Judged(wide, unbound=bool(wide))
        yield _rule("mode", f"sandbox_mode {sandbox}", judged, lines, sandbox)
    network = table(value, "sandbox_workspace_write").get("network_access")
    if network is not None:
        wide = "it allows any address" if network is True else None
        yield _rule("allow" if network is True else "deny", "network_access", Judged(wide), lines)
    approval = value.get("approval_policy")
    if isinstance(approval, str):
        unbound = approval == "never" and sandbox == "danger-full-access"
        judged = Judged("it asks nothing" if unbound else None, unbound=unbound)
        yield _rule("mode", f"approval_policy {approval}", judged, lines, approval)
    for text in _texts(table(value, "shell_environment_policy").get("exclude")):
        yield _rule("deny", text, Judged(secret=is_secret_variable(text)), lines, text)


def _gemini_rules(value: dict[str, Any], lines: _Lines) -> Iterator[Rule]:
    tools = table(value, "tools")
    for key in ("allowed", "core"):
        for text in _texts(tools.get(key)):
            # `core` says which tools there are; each still asks.
            yield _rule("allow" if key == "allowed" else "ask", text, judge_rule(text), lines)
    for text in [*_texts(tools.get("exclude")), *_texts(value.get("excludeTools"))]:
        yield _rule("deny", text, judge_rule(text), lines)
    mode = table(value, "general").get("defaultApprovalMode")
    if isinstance(mode, str):
        wide = "it asks nothing" if mode == "yolo" else None
        judged = Judged(wide, unbound=bool(wide))
        yield _rule("mode", f"defaultApprovalMode {mode}", judged, lines, mode)


def _opencode_rules(value: dict[str, Any], lines: _Lines) -> Iterator[Rule]:
    permission = value.get("permission")
    if permission == "allow":
        judged = Judged("it asks nothing", unbound=True)
        yield _rule("mode", "permission allow", judged, lines, "permission")
    for tool, said in table(value, "permission").items():
        for pattern, says in said.items() if isinstance(said, dict) else ((None, said),):
            if says in ("allow", "ask", "deny"):
                text = tool if pattern is None else f"{tool}({pattern})"
                yield _rule(says, text, judge_tool(tool, pattern), lines, pattern or tool)


def _hooks(value: dict[str, Any], lines: _Lines) -> Iterator[Hook]:
    for event, groups in table(value, "hooks").items():
        for group in groups if isinstance(groups, list) else ():
            matcher = group.get("matcher", "") if isinstance(group, dict) else ""
            held = group.get("hooks") if isinstance(group, dict) else None
            for hook in held if isinstance(held, list) else ():
                if isinstance(hook, dict):
                    yield _hook(str(event), str(matcher), hook, lines)


def _hook(event: str, matcher: str, hook: dict[str, Any], lines: _Lines) -> Hook:
    command = hook.get("command", "")
    command = command if isinstance(command, str) else ""
    is_command = hook.get("type", "command") == "command"
    return Hook(
        event=event[:60],
        matcher=matcher[:MAX_TEXT],
        command=command[:MAX_TEXT],
        line=lines.of(command),
        hollow=hollow_command(command) if is_command else None,
        script=script_of(command),
        refusing=event in REFUSING,
    )


EXTRACT = Extract(
    version=1,
    kind=AgentSettings,
    wants=wants,
    read=read,
    suffixes=frozenset({".json", ".jsonc", ".toml", *_SCRIPTS}),
)
