"""What agents may do without asking is narrow, and secrets are out of their reach.

Claims: the permission rules that stand in the repository allow particular things, and deny
reading secrets.

Looks at: settings of Claude Code, Codex, Gemini CLI and opencode in the tree, and what the lint
finds in them. Each allow rule counts, and each file's mode, which decides about everything that no
rule names. Wide are rules for any command, any address or any tool, modes that ask nothing, rules
for programs that run whatever they are given (`bash`, `make`, `sudo`, `npx`), and switches that
the lint names: every tool server approved, a sandbox opened, a variable that hijacks programs.

Fooled by: a wildcard with something before it (`Bash(bash *)` is any command); a deny rule beside
a rule that lets any command run, or that nobody asks for, or with a program that reads the same
file (it can be walked around, so secrets count as not denied); settings that do not parse, which
the products ignore; a waiver of a finding, which makes nothing narrower. Whether a deny rule is
enough, only a hook or a sandbox proves: see `hooks-bite`.

Yes: rules stand there and some are narrow; `narrow` says how many. No: there are no rules, or all
are wide. Cannot tell: the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.steered import allowance, rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

_SWITCHES = ("all-project-servers-approved", "weakened-sandbox", "hijacking-env")
"""Findings that let an agent do more than any rule says."""
_HOLES = ("deny-with-a-hole",)
_VOID = ("never-consulted-rule", "rule-without-tool", "misanchored-path-rule", "broken-settings")
"""Findings about rules that hold nothing back."""


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, (*_SWITCHES, *_HOLES, *_VOID)), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    giving = [rule for rule in steering.permissions if rule.says in ("allow", "mode")]
    wide = [rule for rule in giving if rule.wide]
    known = {rule.path for rule in wide if rule.says == "mode"}
    # A sandbox that a mode switches off is told of by the mode.
    switches = [
        each
        for each in steering.of(_SWITCHES)
        if each.rule != "weakened-sandbox" or each.path not in known
    ]
    findings = (*switches, *steering.of((*_HOLES, *_VOID)))
    void = {(each.path, each.line) for each in steering.of(_VOID)}
    denied = any(
        rule.says == "deny" and rule.secret and (rule.path, rule.line) not in void
        for rule in steering.permissions
    )
    hole = next(iter(steering.of(_HOLES)), None)
    unbound = next((rule for rule in giving if rule.unbound), None)
    of = len(giving) + len(switches)
    good = of - len(wide) - len(switches)
    told = {
        "values": {
            "narrow": Share(good, of),
            "wildcards": len(wide) + len(switches),
            "denies_secrets": denied and unbound is None and hole is None,
        },
        "places": (
            *(Place(rule.path, rule.line) for rule in wide),
            *(Place(each.path, each.line) for each in findings),
        ),
        "inputs": [tree.blobs_of(steering.settings), rules_of(findings)],
    }
    if not steering.permissions:
        broken = next(iter(steering.broken), None)
        why = f"; {broken} does not parse" if broken else ""
        return no(f"No permission rule for an agent was found{why}.", Kind.TREE, **told)
    reason = f"{good} of {of} rules, modes and switches are narrow{allowance(findings)}"
    if wide:
        reason += f"; in {wide[0].path} `{wide[0].text[:60]}`: {wide[0].wide}"
    elif switches:
        reason += f"; {switches[0].path}: {switches[0].message.rstrip('.')}"
    if denied and (unbound is not None or hole is not None):
        what = "a rule that runs any command" if unbound else "a program that reads them"
        reason += f"; secrets are denied, but {what} walks around that"
    elif not denied:
        reason += "; reading secrets is not denied"
    if not good and (wide or switches):
        return no(f"{reason}.", Kind.TREE, **told)
    return yes(f"{reason}.", Depth.SUBSTANTIVE, Kind.TREE, **told)


PROBE = Probe(
    claim="Permissions are narrow",
    area="adoption",
    version=2,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "narrow": "share of allow rules, modes and switches that are not wide",
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
