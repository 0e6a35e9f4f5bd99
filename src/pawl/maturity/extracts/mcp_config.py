"""Tool servers that agents are given: `.mcp.json` and the like, with what pins each.

A local server is pinned by an exact version of its package, an image's digest, a commit, or by
being part of this repository. A remote one has no version to name; a fixed https address stands
for it. What the machine happens to have installed is not pinned.
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from pawl.maturity.extract import Extract
from pawl.maturity.facts.tree import TreeFile
from pawl.parsing.config_text import jsonc, table, toml
from pawl.parsing.pinning import Pin, pin_of

MAX_SERVERS = 200
MAX_TEXT = 200

_KEYS: dict[str, str] = {
    ".mcp.json": "mcpServers",
    "mcp.json": "mcpServers",
    "mcp_config.json": "mcpServers",
    ".gemini/settings.json": "mcpServers",
    ".codex/config.toml": "mcp_servers",
    "opencode.json": "mcp",
    "opencode.jsonc": "mcp",
}


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """One server. `unpinned` says why nothing pins it, None when something does.

    `script` is the path of this repository that it runs, where it does; the reader of the tree
    says whether it is there.
    """

    name: str
    where: Literal["local", "remote"]
    line: int | None = None
    unpinned: str | None = None
    script: str | None = None
    disabled: bool = False


class McpConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The servers of one file; `problem` says why it could not be read."""

    servers: tuple[Server, ...] = ()
    problem: str | None = None


def _key(path: str) -> str | None:
    for name, key in _KEYS.items():
        if path == name or path.endswith(f"/{name}"):
            return "servers" if path.endswith(".vscode/mcp.json") else key
    return None


def wants(file: TreeFile) -> bool:
    """Say whether a file may name tool servers."""
    path = file.path
    return path.endswith((".json", ".jsonc", ".toml")) and _key(path) is not None


def read(path: str, text: str) -> McpConfig | None:
    """Return the servers that a file names, or None when it is no such file."""
    key = _key(path)
    if key is None:
        return None
    value = toml(text) if path.endswith(".toml") else jsonc(text)
    if not isinstance(value, dict):
        return McpConfig(problem="it does not parse")
    servers = tuple(_servers(table(value, key), text))[:MAX_SERVERS]
    # Files of these names that hold something else are not ours.
    return McpConfig(servers=servers) if servers or key in value else None


def _servers(held: dict[str, Any], text: str) -> Iterator[Server]:
    for name, said in held.items():
        if not isinstance(said, dict):
            continue
        address = next(
            (
                said[key]
                for key in ("url", "serverUrl", "httpUrl")
                if isinstance(said.get(key), str)
            ),
            None,
        )
        disabled = said.get("disabled") is True or said.get("enabled") is False
        at = text.find(f'"{name}"') if f'"{name}"' in text else text.find(name)
        line = text.count("\n", 0, at) + 1 if at >= 0 else None
        pin = Pin(_remote(address)) if address else pin_of(_words(said))
        yield Server(
            name=name[:100],
            where="remote" if address else "local",
            line=line,
            unpinned=pin.unpinned,
            script=pin.script,
            disabled=disabled,
        )


def _words(said: dict[str, Any]) -> tuple[str, ...]:
    """Return a server's command with its arguments; opencode writes both as one list."""
    command, args = said.get("command"), said.get("args")
    first = command if isinstance(command, list) else [command]
    rest = args if isinstance(args, list) else []
    return tuple(each[:MAX_TEXT] for each in [*first, *rest] if isinstance(each, str))[:50]


def _remote(address: str) -> str | None:
    host = address.partition("://")[2].partition("/")[0]
    if not address.startswith("https://"):
        return "its address is not https"
    return "its address is not fixed" if "$" in host or "{" in host or not host else None


EXTRACT = Extract(
    version=1,
    kind=McpConfig,
    wants=wants,
    read=read,
    suffixes=frozenset({".json", ".jsonc", ".toml"}),
)
