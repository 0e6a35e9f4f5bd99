"""What agents may do without asking is narrow, and secrets are out of their reach.

Claims: the permission rules that stand in the repository allow particular things, and deny
reading secrets.

Looks at: settings of Claude Code, Codex, Gemini CLI and opencode in the tree. Each allow rule
counts, and each file's mode, which decides about everything that no rule names. Wide are rules
for any command, any address or any tool, modes that ask nothing, and rules for programs that run
whatever they are given (`bash`, `python`, `sudo`, `npx`).

Fooled by: a wildcard with something before it (`Bash(bash *)` is any command); a deny rule beside
a rule that lets any command run (it can be walked around, so secrets count as not denied);
settings that do not parse, which the products ignore. Whether a deny rule is enough, only a hook
or a sandbox proves: see `hooks-bite`.

Yes: rules stand there and some are narrow; `narrow` says how many. No: there are no rules, or all
are wide. Cannot tell: the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.agent_settings import AgentSettings
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    files = [
        (path, each)
        for path, each in tree.read("agent-settings", AgentSettings)
        if each.product != "script"
    ]
    rules = [(path, rule) for path, settings in files for rule in settings.rules]
    giving = [(path, rule) for path, rule in rules if rule.says in ("allow", "mode")]
    # Servers that start without asking are a permission that no rule shows.
    servers = [path for path, settings in files if settings.any_server]
    wide = [(path, rule) for path, rule in giving if rule.wide]
    denied = any(rule.says == "deny" and rule.secret for _, rule in rules)
    unbound = next((rule for _, rule in giving if rule.unbound), None)
    of = len(giving) + len(servers)
    good = of - len(wide) - len(servers)
    values = {
        "narrow": Share(good, of, tree.is_census("agent-settings")),
        "wildcards": len(wide) + len(servers),
        "denies_secrets": denied and unbound is None,
    }
    told = {
        "values": values,
        "places": (
            *(Place(path, rule.line) for path, rule in wide),
            *(Place(path, 1) for path in servers),
        ),
        "inputs": tree.blobs_of(path for path, _ in files),
    }
    if not rules:
        broken = next((path for path, settings in files if settings.problem), None)
        why = f"; {broken} does not parse" if broken else ""
        return no(f"No permission rule for an agent was found{why}.", Kind.TREE, **told)
    reason = f"{good} of {of} rules and modes are narrow"
    if wide:
        path, rule = wide[0]
        reason += f"; in {path} `{rule.text[:60]}`: {rule.wide}"
    if denied and unbound is not None:
        reason += "; secrets are denied, but a rule that runs any command walks around that"
    elif not denied:
        reason += "; reading secrets is not denied"
    if not good and wide:
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


PROBE = Probe(
    claim="Permissions are narrow",
    area="adoption",
    version=1,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "narrow": "share of allow rules and modes that are not wide",
        "wildcards": "rules, modes and switches that are wide",
        "denies_secrets": "whether reading secrets is denied and no rule walks around it",
    },
    remedy=Remedy(
        "Allow single commands, deny `Read(./.env)` and its like, and take rules for shells and "
        "interpreters out.",
        0.5,
    ),
    judge=_judge,
)
