"""A secret is written down with a server of tools.

Bad: `"env": {"API_KEY": "sk-…"}`, `"Authorization": "Bearer …"`, `--token=…` among the arguments, a
key in the address. The file is in the repository for the servers' sake, and so the secret is too. A
placeholder in its place is told of mildly: somebody will put the real one there.

Instead: write `${API_KEY}`, which the product replaces from the environment, and revoke the old
one.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.credentials import Judged, judge, judge_address, judge_words
from pawl.assets.rule import Hit, Rule
from pawl.assets.servers import Server
from pawl.base.finding import Confidence, Severity


def _check(assets: Assets) -> Iterator[Hit]:
    for server in assets.all_servers:
        for name, found in _found(server):
            real = found == "secret"
            what = "holds a secret" if real else "waits for a secret to be written down"
            yield Hit(
                path=server.path,
                line=server.line,
                message=f"`{name[:60]}` of the server {server.name[:60]} {what}.",
                subject=f"{server.name} {name}",
                severity=None if real else Severity.INFO,
            )


def _found(server: Server) -> Iterator[tuple[str, Judged]]:
    for name, value in (*server.env.items(), *server.headers.items()):
        found = judge(name, value)
        if found is not None:
            yield name, found
    yield from dict(judge_words(server.words)).items()
    address = judge_address(server.url) if server.url else None
    if address is not None:
        yield address


RULE = Rule(
    title="A secret is written down with a server of tools",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MCP, Kind.SETTINGS, Kind.PLUGIN}),
    check=_check,
    source="https://code.claude.com/docs/en/mcp",
    as_of="2026-11-21",
    hint="Write `${NAME}` and revoke the old one.",
)
