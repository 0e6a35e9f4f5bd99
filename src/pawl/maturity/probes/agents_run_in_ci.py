"""Agents run in CI within limits, and their failure shows.

Claims: workflows run agents without a person, each is capped, a failing agent fails its step, and
outsiders cannot use it as a way in.

Looks at: GitHub workflows (with composite actions of the same repository) and GitLab CI in the
tree, what the lint finds about the agents in them, and in the host's export whether the workflows
ran within 90 days. Capped is a run with a limit on turns, money or time, its own or its step's or
job's. Exposed is a workflow with a new, waived or known finding on what outsiders can make its
agent do, on what it runs unasked, or on a way from it to secrets and releases.

Fooled by: `|| true` after the agent and `continue-on-error` on its step or job (the workflow counts
as swallowed), jobs that never run (`if: false`, not counted), a limit of six hours that the host
sets by itself (not counted), runs that were all cancelled or skipped (no proof that it runs), a
result that is used as a good one after the failure was hidden (swallowed too), a waiver (the
finding counts all the same).

Yes: at least one workflow runs an agent whose failure shows; deeper when the host ran it. No: none
does, or all hide their failure. Cannot tell: the files were not looked at.
"""

from pawl.base.finding import Place
from pawl.maturity.evidence import Assurance, Depth, Kind, Share
from pawl.maturity.extracts.workflow import Job, Step, Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.host import CiRun
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.delivery_text import other_ci, steps
from pawl.maturity.looking.recent import newest, within
from pawl.maturity.looking.steered import allowance, rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes

EXPOSING = (
    "agent-open-to-outsiders", "agent-output-run-as-code", "broad-tools-for-outsiders",
    "bypassed-permissions-in-ci", "cache-pivot-to-release", "hook-from-pull-request",
    "lasting-token-for-outsiders", "lethal-trifecta", "outsider-code-checked-out",
    "outsider-text-by-detour", "outsider-text-in-prompt", "outsiders-settings-loaded",
    "secrets-after-agent",
)  # fmt: skip
"""Findings of the lint that make an agent in CI a way in."""
_HIDING = ("swallowed-agent-failure",)
_RAN = frozenset({"success", "failure", "failed", "timed_out"})
"""Conclusions of runs in which steps ran."""


def _judge(facts: Facts) -> Answer:
    steering, tree = steering_of(facts, (*EXPOSING, *_HIDING)), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    found = _agents(tree)
    if not found:
        other = other_ci(tree)
        if other:
            return cannot_tell(f"CI is configured in {other}, which Pawl does not read.")
        values = {"workflows": 0, "capped": Share(0, 0), "swallowed": 0, "exposed": 0}
        return no("No workflow runs an agent.", Kind.TREE, values=values)
    limited = "pawl.toml" in tree.paths
    capped = [path for path, runs in found.items() if all(_capped(*run, limited) for run in runs)]
    hidden = {path: why for path, runs in found.items() if (why := _hidden(runs))}
    hidden |= {
        each.path: each.message.rstrip(".")
        for each in steering.of(_HIDING)
        if each.path in found and each.path not in hidden
    }
    exposing = [each for each in steering.of(EXPOSING) if each.path in found]
    runs = _ran(facts, set(found) - set(hidden))
    reason = f"{len(found)} workflows run agents, {len(capped)} within limits"
    if hidden:
        path = min(hidden)
        reason += f"; {len(hidden)} hide its failure, as {path}: {hidden[path]}"
    if exposing:
        first = exposing[0]
        reason += f"; {len({each.path for each in exposing})} are open to outsiders"
        reason += f"{allowance(exposing)}, as {first.path}: {first.message.rstrip('.')}"
    told = {
        "values": {
            "workflows": len(found),
            "capped": Share(len(capped), len(found), tree.is_census("workflow")),
            "swallowed": len(hidden),
            "exposed": len({each.path for each in exposing}),
        },
        "places": (
            *(Place(each.path, each.line) for each in exposing),
            *(
                Place(path, _line(found[path]))
                for path in sorted(found, key=lambda path: (path not in hidden, path))
                if path in hidden or path not in capped
            ),
        ),
        "claimed_at": newest(run.finished_at or run.started_at for run in runs),
        "inputs": [
            tree.blobs_of(found),
            sorted(run.id for run in runs),
            rules_of(exposing),
        ],
    }
    if len(hidden) == len(found):
        return no(f"{reason}.", Kind.TREE, **told)
    if runs:
        vouched = {**told, "assurance": Assurance.PROVIDER}
        return yes(
            f"{reason}; {len(runs)} runs of 90 days.", Depth.RUNS, Kind.TREE, Kind.CI, **vouched
        )
    return yes(f"{reason}; no run was seen.", Depth.SUBSTANTIVE, Kind.TREE, **told)


Run = tuple[Job, Step, Step]
"""A job, its own step, and the step that runs the agent: the same, or one of an action's."""


def _agents(tree: Tree) -> dict[str, list[Run]]:
    """Return the workflows that run an agent, with the steps that do."""
    actions = {
        path.rpartition("/")[0]: [step for job in each.jobs for step in job.steps]
        for path, each in tree.read("workflow", Workflow)
        if each.product == "github-action"
    }
    found: dict[str, list[Run]] = {}
    for path, workflow, job, step in steps(tree):
        if workflow.product == "github-action" or job.never:
            continue
        inner = [step]
        if step.uses.startswith("./"):
            inner = actions.get(step.uses.removeprefix("./").rstrip("/"), [])
        found.setdefault(path, []).extend((job, step, each) for each in inner if each.agent)
    return {path: runs for path, runs in found.items() if runs}


def _capped(job: Job, step: Step, deep: Step, limited: bool) -> bool:
    agent = deep.agent
    assert agent is not None
    limits = (
        agent.max_turns, agent.max_usd, agent.timeout_minutes,
        step.timeout_minutes, job.timeout_minutes,
    )  # fmt: skip
    return any(limit is not None for limit in limits) or (agent.supervised and limited)


def _hidden(runs: list[Run]) -> str | None:
    """Return why a failure of an agent would not show, or None when each would."""
    for job, step, deep in runs:
        agent = deep.agent
        assert agent is not None
        if job.continue_on_error or step.continue_on_error or deep.continue_on_error:
            return "it goes on after an error"
        reason = agent.swallowed or step.swallowed or deep.swallowed
        if reason:
            return reason
    return None


def _line(runs: list[Run]) -> int | None:
    _, step, deep = runs[0]
    return (deep.agent.line if step is deep and deep.agent else None) or step.line


def _ran(facts: Facts, paths: set[str]) -> list[CiRun]:
    """Return the runs of these workflows within the window in which steps ran."""
    if isinstance(facts.host, Absent):
        return []
    return [
        run
        for run in facts.host.runs
        if run.path in paths and run.conclusion in _RAN and within(run.started_at, facts.as_of)
    ]


PROBE = Probe(
    claim="Agents run in CI",
    area="adoption",
    version=2,
    kinds=(Kind.TREE, Kind.CI),
    depth=Depth.RUNS,
    values={
        "workflows": "workflows that run an agent",
        "capped": "share of them in which every agent has a limit on turns, money or time",
        "swallowed": "workflows in which an agent's failure does not show",
        "exposed": "workflows whose agent outsiders can use as a way in, by the lint",
    },
    remedy=Remedy(
        "Wrap the agent in `pawl run --max-usd … --timeout …`, set `timeout-minutes`, and let its "
        "exit code through.",
        0.5,
    ),
    judge=_judge,
)
