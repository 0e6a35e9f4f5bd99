"""Pipelines deploy to production, not people.

Looks at production's deployments of the last 90 days and what started each. Without records of
deployments it looks for a workflow that delivers somewhere by itself: started by a push, a tag, a
release or a schedule.

What would fool it: a pipeline that a person starts by hand for each deployment. It counts as by
hand, in the records as in the workflow. Deployments whose actor is not known are left out, and
when they are more than a tenth nobody can tell.

Yes: pipelines deploy; `automated` is their share. No: every deployment is started by hand.
Cannot tell: no deployments are recorded and no workflow delivers.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.operations import Operations
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.delivery_text import steps
from pawl.maturity.looking.recent import newest, share_of
from pawl.maturity.looking.windows import deploys_of, mostly_known, operations_of, reaches
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

BY_HAND = frozenset({"workflow_dispatch", "repository_dispatch", "workflow_call"})


def _from_records(facts: Facts, operations: Operations) -> Answer | None:
    deploys = deploys_of(operations, facts.as_of)
    known = [deploy for deploy in deploys if deploy.actor != "unknown"]
    if not deploys:
        return None
    if not mostly_known(known, deploys):
        return cannot_tell(
            f"What started {len(deploys) - len(known)} of {len(deploys)} deployments is not known."
            " Export the actor of each."
        )
    automated = [deploy for deploy in known if deploy.actor == "pipeline"]
    whole = len(known) == len(deploys) and reaches(operations.complete_since, facts.as_of)
    told = {
        "values": {"automated": share_of(len(automated), len(known), whole=whole)},
        "claimed_at": newest(deploy.at for deploy in deploys),
        "inputs": [deploy.id for deploy in deploys],
    }
    said = f"A pipeline started {len(automated)} of {len(known)} deployments."
    if not automated:
        return no(said, Kind.HOST, **told)
    return yes(said, Depth.RUNS, Kind.HOST, **told)


def _from_tree(tree: Tree) -> Answer | None:
    delivering = [
        (path, workflow, job) for path, workflow, job, step in steps(tree) if step.deploys
    ]
    alone = [
        path
        for path, workflow, job in delivering
        if job.never is None
        and not job.manual
        and (set(workflow.triggers) - BY_HAND or workflow.product == "gitlab")
    ]
    if alone:
        return yes(
            f"The workflow {alone[0]} delivers by itself; whether it ran is not known.",
            Depth.SUBSTANTIVE,
            Kind.TREE,
            inputs=alone,
        )
    if delivering:
        return no(f"The workflow {delivering[0][0]} delivers, and only by hand.", Kind.TREE)
    return None


def judge(facts: Facts) -> Answer:
    """Judge by the records of deployments, else by the workflows."""
    operations = operations_of(facts)
    found = _from_records(facts, operations) if isinstance(operations, Operations) else None
    if found is None and not isinstance(facts.tree, Absent):
        found = _from_tree(facts.tree)
    nothing = "No deployment is recorded in the window. Export deployments with their actor."
    return found or cannot_tell(operations if isinstance(operations, str) else nothing)


PROBE = Probe(
    claim="Pipelines deploy, not people.",
    area="delivery",
    version=1,
    kinds=(Kind.HOST, Kind.TREE),
    depth=Depth.RUNS,
    values={"automated": "share of production's deployments in 90 days that a pipeline started"},
    remedy=Remedy("Let a pipeline deploy on merge or on a tag, without a person starting it.", 3.0),
    judge=judge,
)
