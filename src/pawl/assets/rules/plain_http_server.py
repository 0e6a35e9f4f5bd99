"""A server of tools is reached over plain http.

Bad: `"url": "http://tools.example.com/mcp"`. Who sits on the way reads the tokens and what the
tools answer, and may answer in their place: an answer is text that the agent acts on.

Instead: use https. An address of this very machine is fine.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.addresses import host_of, is_near, is_this_machine


def _check(assets: Assets) -> Iterator[Hit]:
    for server in assets.all_servers:
        host = host_of(server.url) if server.url.lower().startswith(("http://", "ws://")) else None
        if host is None or "$" in host or "{" in host or is_this_machine(server.url):
            continue
        yield Hit(
            path=server.path,
            line=server.line,
            message=f"The server {server.name[:60]} is reached at {host[:80]} without encryption.",
            subject=server.name,
            severity=Severity.MEDIUM if is_near(server.url) else None,
        )


RULE = Rule(
    title="A server of tools is reached over plain http",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MCP, Kind.SETTINGS, Kind.PLUGIN}),
    check=_check,
    source="https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    as_of="2026-11-21",
    hint="Use https.",
)
