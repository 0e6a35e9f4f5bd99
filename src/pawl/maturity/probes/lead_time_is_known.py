"""How long a change takes from its beginning to production is measured.

Looks at production's successful deployments of the last 90 days and the commits that each brought:
those after the previous deployment's commit, up to its own. A commit's time begins when its change
request was opened, as the host recorded it, or else at the commit's own date.

What would fool it: the first deployment on record would drag every older commit along, so it only
marks where the next one begins. A commit's own date is its author's claim; when no change request
is known the figure is marked as declared.

Yes: hours were measured. No: something was deployed, and nothing can be traced to a change.
Cannot tell: no deployments, no commits, or only one deployment.
"""

from pawl.base.times import seconds_between
from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.history import Commit, History
from pawl.maturity.facts.host import Host
from pawl.maturity.facts.operations import Deploy
from pawl.maturity.looking.windows import deploys_of, host_of, middle, operations_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _brought(history: History, deploys: tuple[Deploy, ...]) -> list[tuple[Commit, Deploy]]:
    """Return each commit with the deployment that first brought it to production."""
    line = [commit for commit in reversed(history.commits) if commit.first_parent]  # oldest first
    position = {commit.id: at for at, commit in enumerate(line)}
    found: list[tuple[Commit, Deploy]] = []
    reached: int | None = None
    for deploy in deploys:
        at = position.get(deploy.commit or "")
        if at is None or deploy.outcome == "failed":
            continue
        if reached is not None:
            found += [(commit, deploy) for commit in line[reached + 1 : at + 1]]
        # A rollback or an older version brings nothing, and takes nothing back.
        reached = at if reached is None else max(reached, at)
    return found


def judge(facts: Facts) -> Answer:
    """Measure from a change's beginning to the deployment that brought it."""
    operations = operations_of(facts)
    if isinstance(operations, str):
        return cannot_tell(operations)
    if isinstance(facts.history, Absent):
        return cannot_tell(facts.history)
    deploys = deploys_of(operations, facts.as_of)
    named = [deploy for deploy in deploys if deploy.commit]
    if len(deploys) < 2:
        return cannot_tell("Fewer than two deployments are recorded in the window.")
    if not named:
        return no("Deployments are recorded without the commit that they brought.", Kind.HOST)
    brought = _brought(facts.history, deploys)
    if not brought:
        return cannot_tell("No commit of the history lies between two recorded deployments.")
    host = host_of(facts, "changes")
    opened = {}
    if isinstance(host, Host):
        opened = {
            commit: change.opened_at
            for change in host.changes
            for commit in (change.merge_commit, change.head)
            if commit and change.merged_at
        }
    hours = [
        seconds_between(opened.get(commit.id, commit.committed_at), deploy.at) / 3600
        for commit, deploy in brought
    ]
    # A date after the deployment is no date of its beginning.
    usable = [each for each in hours if each >= 0]
    median = middle(usable)
    if median is None:
        return cannot_tell("Every commit is dated after the deployment that brought it.")
    vouched = sum(commit.id in opened for commit, _ in brought)
    assurance = Assurance.PROVIDER if vouched == len(brought) else Assurance.DECLARED
    kinds = (Kind.HOST, Kind.HISTORY)
    return yes(
        f"{len(usable)} changes took {median:.1f} hours to production at the median.",
        Depth.RUNS,
        *kinds,
        values={"median_hours": round(median, 2), "changes": len(usable)},
        assurance=assurance,
        claimed_at=deploys[-1].at,
        inputs=[deploy.id for deploy in deploys],
    )


PROBE = Probe(
    claim="How long a change takes to production is measured.",
    area="delivery",
    version=1,
    kinds=(Kind.HOST, Kind.HISTORY),
    depth=Depth.RUNS,
    values={
        "median_hours": "median hours from a change's beginning to production",
        "changes": "commits that were measured",
    },
    remedy=Remedy("Record each deployment with its commit and its time.", 1.0),
    judge=judge,
)
