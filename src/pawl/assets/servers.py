"""Servers of tools (MCP) that a file gives to an agent."""

from collections.abc import Iterator
from typing import Any

import msgspec

from pawl.assets.asset import Asset
from pawl.assets.json_text import Config

MAX_SERVERS = 500
_BELOW: dict[str, str] = {"codex": "mcp_servers", "opencode": "mcp"}


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """One server. `words` are its command with its arguments, `url` its address where it is remote.

    `values` is all that the file says of it.
    """

    name: str
    words: tuple[str, ...]
    url: str
    transport: str
    env: dict[str, str]
    headers: dict[str, str]
    values: dict[str, Any]
    path: str
    line: int | None


class Servers(msgspec.Struct, frozen=True, kw_only=True):
    """The servers of one file."""

    asset: Asset
    config: Config
    servers: tuple[Server, ...] = ()

    @property
    def path(self) -> str:
        """The file's path."""
        return self.asset.path


def read_servers(asset: Asset, config: Config) -> Servers:
    """Return the servers of a file with their lines."""
    return Servers(asset=asset, config=config, servers=tuple(_servers(asset, config))[:MAX_SERVERS])


def _servers(asset: Asset, config: Config) -> Iterator[Server]:
    below = _BELOW.get(asset.product, "mcpServers")
    if asset.product == "copilot":
        below = "servers"
    for name, said in config.table(below).items():
        if isinstance(said, dict):
            yield server_of(name, said, asset.path, config.line(below, name))


def server_of(name: str, said: dict[str, Any], path: str, line: int | None) -> Server:
    """Return one server from its values."""
    command, args = said.get("command"), said.get("args")
    first = command if isinstance(command, list) else [command]
    rest = args if isinstance(args, list) else []
    url = next(
        (said[k] for k in ("url", "serverUrl", "httpUrl") if isinstance(said.get(k), str)), ""
    )
    return Server(
        name=str(name),
        words=tuple(each for each in [*first, *rest] if isinstance(each, str))[:100],
        url=url,
        transport=str(said.get("type", "")),
        env=_texts(said.get("env") or said.get("environment")),
        headers=_texts(said.get("headers") or said.get("http_headers")),
        values=said,
        path=path,
        line=line,
    )


def _texts(value: Any) -> dict[str, str]:
    held = value.items() if isinstance(value, dict) else ()
    return {str(name): str(each) for name, each in held if isinstance(each, str | int | float)}
