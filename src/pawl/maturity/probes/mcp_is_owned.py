"""Tool servers are the organisation's own choice, pinned, and answer.

Claims: the servers that agents are given stand in the repository's configuration, each is pinned,
and their tools return results.

Looks at: `.mcp.json` and its like in the tree, what the lint finds about the servers in them
(`unpinned-mcp-server`, `plain-http-server`, `broken-mcp-server`, `server-given-home`,
`secret-in-mcp-server`), and in Pawl's records the calls of each server that came back with a
result. Pinned is an exact version, a digest, a commit, a script that stands in the repository, or
a fixed https address; a server with such a finding is not.

Fooled by: `npx server@latest` and images by tag (not pinned), a local script that does not exist
(not pinned), servers that only answer to pings (results of tools are counted), servers that are
switched off (not counted), other people's servers in somebody's own settings (not looked at).

Yes: there are servers; that they run is proved when one returned a result. No: there are none.
Cannot tell: the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Depth, Kind, Share, Value
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.steering import ToolServer
from pawl.maturity.looking.steered import allowance, rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

_UNWRITTEN = regex(r"[^A-Za-z0-9]")


_RULES = (
    "unpinned-mcp-server", "plain-http-server", "broken-mcp-server", "server-given-home",
    "secret-in-mcp-server",
)  # fmt: skip


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, _RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    servers: dict[str, ToolServer] = {}
    for server in steering.servers:
        # One server told to several products counts once, as its worst.
        known = servers.get(server.name)
        if known is None or known.unpinned is None:
            servers[server.name] = server
    if not servers:
        none: dict[str, Value] = {"servers": 0, "pinned": Share(0, 0)}
        return no("No tool server is configured in the repository.", Kind.TREE, values=none)
    loose = {name: each.unpinned for name, each in servers.items() if each.unpinned}
    findings = steering.of(_RULES)
    values: dict[str, Value] = {
        "servers": len(servers),
        "pinned": Share(len(servers) - len(loose), len(servers)),
    }
    told = {
        "values": values,
        "places": tuple(Place(servers[name].path, servers[name].line) for name in sorted(loose)),
        "inputs": [tree.blobs_of(each.path for each in servers.values()), rules_of(findings)],
    }
    reason = f"{len(servers) - len(loose)} of {len(servers)} tool servers are pinned"
    if loose:
        name = min(loose)
        reason += f"{allowance(findings)}; {name}: {loose[name].rstrip('.')}"
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


PROBE = Probe(
    claim="Tool servers are owned",
    area="adoption",
    version=2,
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
