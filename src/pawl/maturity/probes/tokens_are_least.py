"""CI tokens may do only what their job needs.

Claims: every job declares what its token may do, and none may write everything.

Looks at: permissions of GitHub workflows and their jobs, the events that start them, and what the
lint finds about the tokens of jobs that run an agent (`loose-job-permissions`,
`lasting-token-for-outsiders`).

Fooled by: no declaration at all (the default may be everything, so it is not least), writing
granted to the whole workflow where one of several jobs needs it (not least for any of them), a
token that may change code, packages or deployments in a workflow that strangers can start (not
least), jobs that can never run (left out), an agent's job that asks for more than it uses, or holds
a secret that outlives it (not least, whoever waives the finding).

Yes: at least one job has least permissions; `least` says how many, `write_all` how many may write
everything. No: none has. Not applicable: there is no GitHub workflow. Cannot tell: no tree, or no
workflow that can be read.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Depth, Kind, Share
from pawl.maturity.extracts.workflow import Job, Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.looking.steered import allowance, rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, not_applicable, yes

_BY_STRANGERS = frozenset(
    {"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "fork"}
)
"""Events that people without rights start while the token has the repository's own."""
_DANGEROUS = frozenset(
    {"*", "actions", "attestations", "contents", "deployments", "id-token", "packages", "pages",
     "repository-projects", "security-events"}
)  # fmt: skip
"""What a stranger's event must not be able to write; comments and labels are needed to answer."""

_OF_AGENTS = ("loose-job-permissions", "lasting-token-for-outsiders")


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, _OF_AGENTS), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    findings = steering.of(_OF_AGENTS)
    accused = {each.path for each in findings}
    jobs, least, write_all, broken = 0, 0, 0, 0
    wide: list[Place] = []
    loose: list[Place] = []
    inputs = []
    for path, workflow in tree.read("workflow", Workflow):
        if workflow.product != "github":
            continue
        broken += workflow.problem is not None
        for job in workflow.jobs:
            if job.never is not None:
                continue
            jobs += 1
            inputs.append([path, job.id])
            granted = _granted(job, workflow)
            if granted is not None and granted.get("*") == "write":
                write_all += 1
                wide.append(Place(path, job.line))
            elif path in accused and any(step.agent for step in job.steps):
                loose.append(Place(path, job.line))
            elif granted is not None and _is_least(granted, job, workflow):
                least += 1
            else:
                loose.append(Place(path, job.line))
    if not jobs:
        if broken:
            return cannot_tell("No workflow could be read.")
        return not_applicable("There is no GitHub workflow with a job that can run.")
    whole = not broken and tree.is_census("workflow")
    told = {
        "values": {"least": Share(least, jobs, census=whole), "write_all": write_all},
        "places": (*wide, *loose),
        "inputs": [inputs, rules_of(findings)],
    }
    reason = (
        f"{least} of {jobs} jobs have least permissions, {write_all} may write everything, "
        f"{len(loose)} declare none or more than they need{allowance(findings)}."
    )
    if not least:
        return no(reason, Kind.TREE, **told)
    return yes(reason, Depth.SUBSTANTIVE, Kind.TREE, **told)


def _granted(job: Job, workflow: Workflow) -> dict[str, str] | None:
    return job.permissions if job.permissions is not None else workflow.permissions


def _is_least(granted: dict[str, str], job: Job, workflow: Workflow) -> bool:
    written = {scope for scope, access in granted.items() if access == "write"}
    if not written:
        return True
    if job.permissions is None and len(workflow.jobs) > 1:
        return False
    if _BY_STRANGERS & set(workflow.triggers):
        return not written & _DANGEROUS
    return True


PROBE = Probe(
    claim="CI tokens have least permissions",
    area="security",
    version=2,
    kinds=(Kind.TREE,),
    depth=Depth.SUBSTANTIVE,
    values={
        "least": "share of jobs whose token may do only what is declared for that job",
        "write_all": "jobs whose token may write everything",
    },
    remedy=Remedy(
        "Set `permissions: {contents: read}` on each workflow and grant writing to single jobs.",
        0.5,
    ),
    judge=_judge,
)
