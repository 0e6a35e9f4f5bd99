"""A server of tools is described so that it never starts.

Bad: a file that is no JSON, an entry with neither `command` nor `url`, a `url` without `type`
(Claude Code takes it for a program), a transport that does not exist, a name that the product keeps
for itself. The session goes on without the server's tools, and says so in a line that
nobody reads.

Instead: give `command` and `args`, or `type` and `url`, under a name of its own.
"""

from collections.abc import Iterator
from typing import Any

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.known import ProductServers, server_shapes
from pawl.assets.rule import Hit, Rule
from pawl.assets.servers import Server, Servers
from pawl.base.finding import Confidence, Severity

_TABLE = {"codex": "mcp_servers", "opencode": "mcp", "copilot": "servers"}


def _check(assets: Assets) -> Iterator[Hit]:
    for file in assets.servers:
        if file.asset.kind is Kind.MCP:
            yield from _file(file)
        shape = server_shapes().products.get(file.asset.product)
        for server in file.servers if shape is not None else ():
            why = None if shape is None else _wrong(server, shape)
            if why is not None:
                yield Hit(
                    path=file.path,
                    line=server.line,
                    message=f"The server {server.name[:60]} never starts: {why}.",
                    subject=server.name,
                )


def _file(file: Servers) -> Iterator[Hit]:
    config, below = file.config, _TABLE.get(file.asset.product, "mcpServers")
    if config.problem:
        yield _hit(file, config.problem_line or 1, f"No server starts: {config.problem}.")
        return
    value = config.value
    if not isinstance(value, dict) or not isinstance(value.get(below), dict):
        flat = isinstance(value, dict) and any(_is_server(each) for each in value.values())
        if flat or not isinstance(value, dict) or below in value:
            yield _hit(file, 1, f"No server starts: they are read from the map `{below}`.")
        return
    for name, said in value[below].items():
        if not isinstance(said, dict):
            line = config.line(below, name)
            yield _hit(file, line, f"The server {str(name)[:60]} never starts: it is no map.")


def _hit(file: Servers, line: int | None, message: str) -> Hit:
    return Hit(path=file.path, line=line, message=message, subject=message)


def _is_server(value: Any) -> bool:
    return isinstance(value, dict) and bool({"command", "url"} & set(value))


def _wrong(server: Server, shape: ProductServers) -> str | None:
    values = server.values
    if values.get("disabled") is True or values.get("enabled") is False:
        return None
    if server.name in shape.reserved:
        return "the product keeps this name for itself"
    transport = values.get("type")
    if transport is not None and transport not in shape.transports:
        return f"there is no transport `{str(transport)[:40]}`"
    local = transport in server_shapes().local
    starts = bool(server.words and values.get("command"))
    if not starts and not server.url:
        return "it has neither a command nor an address"
    if transport is None:
        untyped = server.url and not starts and shape.url_needs_type
        return "an address without a `type` is taken for a program" if untyped else None
    if local and not starts:
        return f"`{transport}` needs a command"
    return f"`{transport}` needs an address" if not local and not server.url else None


RULE = Rule(
    title="A server of tools never starts as it is described",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MCP, Kind.SETTINGS, Kind.PLUGIN}),
    check=_check,
    source="https://code.claude.com/docs/en/mcp",
    as_of="2026-11-21",
    hint="Give `command` and `args`, or `type` and `url`, under a name of its own.",
)
