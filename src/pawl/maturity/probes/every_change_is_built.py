"""Every change is built before it is merged, as it is merged.

Looks at the changes merged in the last 90 days: each needs a finished check on exactly the tree
that was merged, or a finished pipeline on the merge commit. Without a host's export it looks for
a workflow that changes start and that runs a test or a build which can fail.

What would fool it: a check of an older base (the tree ids are compared), a check that was
skipped or cancelled (it did not finish), and a workflow that only changes of paths without code
start (its path filters are held against the tree).

Yes: changes are built; `built` is their share. No: no merged change was built, or nothing in the
CI configuration starts on changes. Cannot tell: no host's export, and no CI configuration that
Pawl reads.
"""

from collections.abc import Sequence

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.extracts.workflow import Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import ChangeRequest, Host
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.delivery_text import OTHER_CI, other_ci
from pawl.maturity.looking.recent import share_of
from pawl.maturity.looking.windows import host_of, merged, reaches
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.parsing.languages import SOURCE

_ON_CHANGES = frozenset(
    {"push", "pull_request", "pull_request_target", "merge_group", "merge_request_event"}
)
FINISHED = frozenset({"success", "failure", "passed", "failed"})


def _is_built(change: ChangeRequest, built_commits: frozenset[str]) -> tuple[bool, bool]:
    """Return whether a change was built, and whether exactly what was merged was."""
    if change.merge_commit in built_commits:
        return True, True
    done = [check for check in change.checks if check.conclusion in FINISHED]
    required = [check for check in done if check.required] or done
    if change.merge_tree is not None:
        trees = {check.tree for check in required if check.tree}
        commits = {check.commit for check in required}
        same = change.merge_tree in trees or (
            change.head_tree == change.merge_tree and change.head in commits
        )
        return same, True
    on_head = any(check.commit == change.head and check.commit for check in required)
    return on_head, False


def _from_host(facts: Facts, host: Host) -> Answer | None:
    changes = merged(host, facts.as_of)
    if not changes:
        return None
    runs = frozenset(run.commit for run in host.runs if run.commit and run.conclusion in FINISHED)
    judged = [_is_built(change, runs) for change in changes]
    hits = sum(built for built, _ in judged)
    exact = all(certain for built, certain in judged if built)
    share = share_of(hits, len(changes), whole=reaches(host.complete_since, facts.as_of))
    told = {
        "values": {"built": share},
        "assurance": Assurance.PROVIDER,
        "claimed_at": host.exported_at,
        "inputs": [change.merge_commit or change.number for change in changes],
    }
    said = f"{hits} of {len(changes)} merged changes have a finished build of what was merged."
    if not hits:
        return no(said, Kind.HOST, **told)
    if exact:
        return yes(said, Depth.RUNS, Kind.HOST, Kind.CI, **told)
    said = (
        f"{hits} of {len(changes)} merged changes have a finished build; of which tree is unknown."
    )
    return yes(said, Depth.SUBSTANTIVE, Kind.HOST, **told)


def _from_tree(tree: Tree) -> Answer:
    workflows = list(tree.read("workflow", Workflow))
    building = [
        path
        for path, workflow in workflows
        if workflow.on_changes
        and _sees_code(workflow, tree)
        and any(
            gate.gate in ("test", "build", "type", "lint") and gate.swallowed is None
            for job in workflow.jobs
            if job.blocks
            for step in job.steps
            for gate in step.gates
        )
    ]
    if building:
        return yes(
            f"Changes start {building[0]}, which checks them; whether it ran is not known.",
            Depth.SUBSTANTIVE,
            Kind.TREE,
            inputs=building,
        )
    elsewhere = other_ci(tree)
    if elsewhere:
        return cannot_tell(f"CI is configured in {elsewhere}, which is not read. {OTHER_CI}")
    if any(workflow.problem for _, workflow in workflows):
        return cannot_tell("A workflow could not be read.")
    if workflows:
        return no("No workflow that changes start runs a check that can fail.", Kind.TREE)
    return no("There is no CI configuration.", Kind.TREE)


def _sees_code(workflow: Workflow, tree: Tree) -> bool:
    """Say whether some event that starts a workflow is about any code there is."""
    events = [event for event in workflow.triggers if event in _ON_CHANGES]
    filtered = [
        event
        for event in events
        if {f"{event}.paths", f"{event}.paths-ignore"} & workflow.filters.keys()
    ]
    if len(filtered) < len(events):
        return True
    code = [file.path for file in tree.of_role(SOURCE)]
    return not code or any(_passes(workflow, event, code) for event in filtered)


def _passes(workflow: Workflow, event: str, code: Sequence[str]) -> bool:
    """Say whether an event's path filter lets a change of any of the code through."""
    # Imported here: few workflows have such a filter.
    from pathspec import GitIgnoreSpec

    wanted = workflow.filters.get(f"{event}.paths")
    if wanted is not None:
        # The last pattern that matches decides, as in an ignore file.
        return any(GitIgnoreSpec.from_lines(_anchored(wanted)).match_files(code))
    ignored = GitIgnoreSpec.from_lines(_anchored(workflow.filters[f"{event}.paths-ignore"]))
    return len(set(ignored.match_files(code))) < len(code)


def _anchored(patterns: Sequence[str]) -> list[str]:
    """Return a workflow's patterns as an ignore file writes them: from the root on."""
    return [f"!/{each[1:]}" if each.startswith("!") else f"/{each}" for each in patterns]


def judge(facts: Facts) -> Answer:
    """Judge by what the host recorded, else by what the configuration says."""
    host = host_of(facts, "changes", "checks")
    if isinstance(host, Host):
        found = _from_host(facts, host)
        if found is not None:
            return found
    if isinstance(facts.tree, Absent):
        return cannot_tell(host if isinstance(host, str) else "Nothing was merged in the window.")
    return _from_tree(facts.tree)


PROBE = Probe(
    claim="Every change is built before it is merged.",
    area="delivery",
    version=2,
    kinds=(Kind.HOST, Kind.CI, Kind.TREE),
    depth=Depth.RUNS,
    values={"built": "share of the changes merged in 90 days with a finished build of that tree"},
    remedy=Remedy("Start the build on every change request, and demand it before merging.", 1.0),
    judge=judge,
)
