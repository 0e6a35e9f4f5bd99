"""Tool servers are the organisation's own choice, pinned, and answer.

Claims: the servers that agents are given stand in the repository's configuration, each is pinned,
and their tools return results.

Looks at: `.mcp.json` and its like in the tree, and in Pawl's records the calls of each server that
came back with a result. Pinned is an exact version, a digest, a commit, a script that stands in
the repository, or a fixed https address.

Fooled by: `npx server@latest` and images by tag (not pinned), a local script that does not exist
(not pinned), servers that only answer to pings (results of tools are counted), servers that are
switched off (not counted), other people's servers in somebody's own settings (not looked at).

Yes: there are servers; that they run is proved when one returned a result. No: there are none.
Cannot tell: the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share, Value
from pawl.maturity.extracts.mcp_config import McpConfig, Server
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.mentions import Present
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

_UNWRITTEN = regex(r"[^A-Za-z0-9]")


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    there = Present(tree)
    servers: dict[str, tuple[str, Server]] = {}
    for path, config in tree.read("mcp-config", McpConfig):
        for server in config.servers:
            # One server told to several products counts once, as its worst.
            known = servers.get(server.name)
            if not server.disabled and (known is None or _unpinned(*known, there) is None):
                servers[server.name] = (path, server)
    if not servers:
        none: dict[str, Value] = {"servers": 0, "pinned": Share(0, 0)}
        return no("No tool server is configured in the repository.", Kind.TREE, values=none)
    loose = {
        name: reason for name, found in servers.items() if (reason := _unpinned(*found, there))
    }
    values: dict[str, Value] = {
        "servers": len(servers),
        "pinned": Share(len(servers) - len(loose), len(servers), tree.is_census("mcp-config")),
    }
    told = {
        "values": values,
        "places": tuple(Place(servers[name][0], servers[name][1].line) for name in sorted(loose)),
        "inputs": tree.blobs_of(path for path, _ in servers.values()),
    }
    reason = f"{len(servers) - len(loose)} of {len(servers)} tool servers are pinned"
    if loose:
        name = min(loose)
        reason += f"; {name}: {loose[name]}"
    calls = None if isinstance(facts.practice, Absent) else facts.practice.mcp_calls
    if calls is None:
        return yes(f"{reason}; no record tells of calls.", Depth.SUBSTANTIVE, Kind.TREE, **told)
    answered = {_called(name) for name, count in calls.items() if count > 0}
    healthy = sum(_called(name) in answered for name in servers)
    values["healthy"] = Share(healthy, len(servers))
    reason += f"; {healthy} returned results."
    if not healthy:
        return yes(reason, Depth.SUBSTANTIVE, Kind.TREE, **told)
    return yes(reason, Depth.RUNS, Kind.TREE, Kind.TELEMETRY, **told)


def _called(name: str) -> str:
    """Return a server's name as agents write it into the names of its tools."""
    return _UNWRITTEN.sub("_", name).lower()


def _unpinned(path: str, server: Server, there: Present) -> str | None:
    """Return why nothing pins a server, or None."""
    if server.script is not None and not there.has_path(path, server.script):
        return f"{server.script} is not there"
    return server.unpinned


PROBE = Probe(
    claim="Tool servers are owned",
    area="adoption",
    version=1,
    kinds=(Kind.TREE, Kind.TELEMETRY),
    depth=Depth.RUNS,
    values={
        "servers": "tool servers that are configured and switched on",
        "pinned": "share of them that a version, digest, commit or fixed address names",
        "healthy": "share of them whose tools returned a result within the window",
    },
    remedy=Remedy("Pin each server to an exact version, and drop those that nobody calls.", 0.5),
    judge=_judge,
)
