"""What an asset is: a file that steers agents, known by its path."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from pawl.base.patterns import regex

MAX_ASSET_BYTES = 1024 * 1024
"""A larger file is not read; instructions and settings that people keep are far smaller."""


class Kind(StrEnum):
    """What an asset is for."""

    MEMORY = "memory"
    """Instructions that an agent reads by itself: CLAUDE.md, AGENTS.md, rules of other products."""
    SKILL = "skill"
    AGENT = "agent"
    """A sub-agent's definition."""
    COMMAND = "command"
    SETTINGS = "settings"
    """Permissions, modes, hooks of one product."""
    HOOKS = "hooks"
    """A file of hooks and nothing else: a plugin's, or Codex's."""
    MCP = "mcp"
    """Servers of tools."""
    PLUGIN = "plugin"
    WORKFLOW = "workflow"
    """A pipeline of a code host, or an action; only those that run an agent are judged."""
    TEMPLATE = "template"
    """What an agent that investigates an incident is asked."""


HOOKED_KINDS = frozenset(
    {Kind.SETTINGS, Kind.HOOKS, Kind.PLUGIN, Kind.SKILL, Kind.COMMAND, Kind.AGENT}
)
"""What may bring hooks."""

Product = Literal[
    "claude-code", "codex", "gemini-cli", "opencode", "copilot", "cursor", "windsurf", "github",
    "gitlab",
]  # fmt: skip


class Entry(msgspec.Struct, frozen=True):
    """One path of a tree. `target` is what a symbolic link says, as it is written.

    `tracked` says whether version control follows it; None where there is none.
    """

    size: int
    executable: bool = False
    target: str | None = None
    tracked: bool | None = None


class Files(Protocol):
    """A tree to look at."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Every path of the tree below its root, with `/`; folders are not listed."""

    def text(self, path: str) -> str | None:
        """Return a file's text; None where there is none, or one that is too large or no text."""


class Asset(msgspec.Struct, frozen=True):
    """One file that steers agents."""

    path: str
    kind: Kind
    product: Product

    @property
    def folder(self) -> str:
        """The folder it stands in; empty for the root."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """Its file name."""
        return self.path.rpartition("/")[2]


_MEMORIES: dict[str, Product] = {
    "CLAUDE.md": "claude-code",
    "CLAUDE.local.md": "claude-code",
    "AGENTS.md": "codex",
    "AGENTS.override.md": "codex",
    "GEMINI.md": "gemini-cli",
    "copilot-instructions.md": "copilot",
    ".cursorrules": "cursor",
    ".windsurfrules": "windsurf",
}
_MCP_FILES: dict[str, Product] = {
    ".mcp.json": "claude-code",
    "mcp.json": "cursor",
    "mcp_config.json": "windsurf",
}
_SETTINGS = frozenset({"settings.json", "settings.local.json", "managed-settings.json"})
_PLACED: dict[tuple[str, str], tuple[Kind, Product]] = {
    (".gemini", "settings.json"): (Kind.SETTINGS, "gemini-cli"),
    (".codex", "config.toml"): (Kind.SETTINGS, "codex"),
    (".codex", "hooks.json"): (Kind.HOOKS, "codex"),
}
"""Files known by their name and the folder right above."""
_AGENT_FOLDERS = frozenset({".claude", ".opencode", ".gemini", ".codex"})
_FOREIGN = frozenset({"node_modules", "vendor", "third_party", ".git", ".venv", "site-packages"})
_GITLAB = regex(r"(?:.*/)?\.gitlab-ci\.ya?ml|\.gitlab/(?:ci/)?.{1,200}\.ya?ml")


def asset_of(path: str, plugins: frozenset[str] = frozenset()) -> Asset | None:
    """Return what a path is, or None for a file that steers no agent.

    `plugins` are the folders that hold a plugin: below them `agents/`, `commands/` and
    `hooks/hooks.json` count as they do below `.claude/`.
    """
    parts = path.split("/")
    if not _FOREIGN.isdisjoint(parts[:-1]):
        return None
    found = _named(path, parts) or _below(path, parts, plugins)
    return None if found is None else Asset(path, *found)


def _named(path: str, parts: list[str]) -> tuple[Kind, Product] | None:
    """Return what a file is by its name, wherever it stands."""
    name, folder = parts[-1], parts[-2] if len(parts) > 1 else ""
    if name in _MEMORIES:
        return Kind.MEMORY, _MEMORIES[name]
    if name == "SKILL.md":
        return Kind.SKILL, "claude-code"
    if name in _SETTINGS and (folder == ".claude" or name.startswith("managed")):
        return Kind.SETTINGS, "claude-code"
    if (folder, name) in _PLACED:
        return _PLACED[folder, name]
    if name in ("opencode.json", "opencode.jsonc"):
        return Kind.SETTINGS, "opencode"
    if name == "mcp.json" and folder not in (".cursor", ".vscode"):
        return None
    if name in _MCP_FILES:
        return Kind.MCP, "copilot" if folder == ".vscode" else _MCP_FILES[name]
    if folder == ".claude-plugin" and name in ("plugin.json", "marketplace.json"):
        return Kind.PLUGIN, "claude-code"
    if parts[:2] == [".github", "workflows"] and len(parts) == 3 and _is_yaml(name):
        return Kind.WORKFLOW, "github"
    if name in ("action.yml", "action.yaml"):
        return Kind.WORKFLOW, "github"
    return (Kind.WORKFLOW, "gitlab") if _GITLAB.fullmatch(path) else None


def _below(path: str, parts: list[str], plugins: frozenset[str]) -> tuple[Kind, Product] | None:
    """Return what a file is by the folders around it."""
    whole, name = f"/{path}", parts[-1]
    if name.endswith(".md") and "/.pawl/investigation/" in whole:
        return Kind.TEMPLATE, "claude-code"
    if name.endswith(".mdc") and "/.cursor/rules/" in whole:
        return Kind.MEMORY, "cursor"
    if name.endswith(".instructions.md") and "/.github/instructions/" in whole:
        return Kind.MEMORY, "copilot"
    if name.endswith(".md") and "/.windsurf/rules/" in whole:
        return Kind.MEMORY, "windsurf"
    if name.endswith(".md") and "/.claude/rules/" in whole:
        return Kind.MEMORY, "claude-code"
    for at in range(len(parts) - 1):
        holder, inside = "/".join(parts[:at]), parts[at]
        above = parts[at - 1] if at else ""
        if above not in _AGENT_FOLDERS and holder not in plugins:
            continue
        product: Product = "opencode" if above == ".opencode" else "claude-code"
        if inside in ("agents", "agent") and name.endswith(".md"):
            return Kind.AGENT, product
        if inside in ("commands", "command") and name.endswith(".md"):
            return Kind.COMMAND, product
        if parts[at:] == ["hooks", "hooks.json"] and holder in plugins:
            return Kind.HOOKS, "claude-code"
    return None


def _is_yaml(name: str) -> bool:
    return name.endswith((".yml", ".yaml"))


def plugin_folders(paths: Mapping[str, object]) -> frozenset[str]:
    """Return the folders of a tree that hold a plugin: those with `.claude-plugin/plugin.json`."""
    end = ".claude-plugin/plugin.json"
    return frozenset(
        path[: -len(end)].rstrip("/") for path in paths if path == end or path.endswith(f"/{end}")
    )
