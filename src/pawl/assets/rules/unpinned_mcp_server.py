"""A server of tools is started from a package without an exact version.

Bad: `npx -y some-server`, `uvx --from git+https://… server`, `npx server@latest`. Whoever publishes
the package next runs code on every machine that opens the repository. A container image without
a digest is the same.

Instead: name the version (`some-server@1.4.2`), the commit (`git+https://…@<40 hex digits>`), or
the digest.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.parsing.pinning import pin_of


def _check(assets: Assets) -> Iterator[Hit]:
    for server in assets.all_servers:
        pin = pin_of(server.words)
        if pin.fetches and pin.unpinned and server.values.get("disabled") is not True:
            yield Hit(
                path=server.path,
                line=server.line,
                message=f"The server {server.name} is not pinned: {pin.unpinned}.",
                subject=server.name,
            )


RULE = Rule(
    title="A server of tools has no exact version",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    kinds=frozenset({Kind.MCP, Kind.SETTINGS}),
    check=_check,
    source="https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    as_of="2026-11-21",
    hint="Name an exact version, a commit or a digest.",
)
