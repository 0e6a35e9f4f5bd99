"""The questions of readiness that no probe of a model asks: about one skill, one key, one review.

They are probes in all but that no model counts them: pure over the same facts, asked the same way,
so that what the judged tree brings along proves no more here than there.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from pawl.base.finding import Place
from pawl.base.patterns import regex
from pawl.maturity.evidence import Assurance, Depth, Kind, Value
from pawl.maturity.extracts.workflow import Job, Step, Workflow
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.facts.tree import Tree
from pawl.maturity.looking.delivery_text import steps
from pawl.maturity.looking.identities import is_machine
from pawl.maturity.looking.merges import host_of
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, within
from pawl.maturity.looking.skills import SKILL_RULES, judged_skills
from pawl.maturity.looking.steered import rules_of, steering_of
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes
from pawl.maturity.readiness_live import limited, recorded, recorded_runs, say_why, spending

MONTH_DAYS = 31
"""The source asks for a review each month."""
AGENT_RULES = (
    "broken-front-matter", "missing-front-matter", "incomplete-agent", "unrestricted-agent",
    "reviewer-may-write", "agent-bypasses-permissions", "unknown-tool", "unknown-model",
    "hidden-order", "invisible-characters", "dangling-agent-link",
)  # fmt: skip
"""Findings with which an agent is not loaded, or may do more than look."""
KEY_RULES = ("secret-in-settings", "credential-in-page", "secret-in-mcp-server")
_REVIEWS = regex(r"(?i)(?:^|[^a-z])review")
_SECURITY = regex(r"(?i)(?:^|[^a-z])(?:secur|vulnerab)")
_STORED = regex(r"\$\{\{\s*secrets\s*[.\[]")
_ALLOWLIST = regex(r"(?i)allow[ -]?list|permission")


def _reviewing_skill(facts: Facts) -> Answer:
    """Look for a skill on reviewing that would be loaded and says something."""
    steering, tree = steering_of(facts, SKILL_RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    judged = judged_skills(tree, steering)
    about = {
        page.path
        for page in steering.pages
        if page.kind == "skill" and _REVIEWS.search(f"{page.name} {page.description}")
    }
    good = sorted(path for path in about & set(judged.skills) if path not in judged.wrong)
    bad = sorted(path for path in about if path in judged.wrong)
    told = {
        "values": {"skills": len(good)},
        "places": tuple(Place(path, 1) for path in bad),
        "inputs": tree.blobs_of(about),
    }
    if good:
        return yes(f"{good[0]} says how to review.", Depth.SUBSTANTIVE, Kind.TREE, **told)
    if bad:
        return no(f"{bad[0]} would not work: {judged.wrong[bad[0]]}.", Kind.TREE, **told)
    return no("No skill is about reviewing.", Kind.TREE, **told)


def _security_agent(facts: Facts) -> Answer:
    """Look for an agent on security that is loaded and may only look."""
    steering, tree = steering_of(facts, AGENT_RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    about = {
        page.path
        for page in steering.pages
        if page.kind == "agent" and _SECURITY.search(f"{page.name} {page.description}")
    }
    findings = [each for each in steering.of(AGENT_RULES) if each.path in about]
    good = sorted(about - {each.path for each in findings})
    told = {
        "values": {"agents": len(good)},
        "places": tuple(Place(each.path, each.line) for each in findings),
        "inputs": [tree.blobs_of(about), rules_of(findings)],
    }
    if good:
        return yes(f"{good[0]} looks for security.", Depth.SUBSTANTIVE, Kind.TREE, **told)
    if findings:
        first = findings[0]
        return no(f"{first.path} would not do: {first.message.rstrip('.')}.", Kind.TREE, **told)
    return no("No agent is about security.", Kind.TREE, **told)


def _agents_on_changes(facts: Facts) -> Answer:
    """Look for workflows that a change starts and that run an agent."""
    tree = facts.tree
    if isinstance(tree, Absent):
        return cannot_tell(tree)
    found = sorted({path for path, workflow, _, _ in _running(tree) if workflow.on_changes})
    told = {"values": {"workflows": len(found)}, "inputs": tree.blobs_of(found)}
    if not found:
        return no("No workflow that a change starts runs an agent.", Kind.TREE, **told)
    return yes(f"{found[0]} runs an agent on changes.", Depth.SUBSTANTIVE, Kind.TREE, **told)


def _running(tree: Tree) -> list[tuple[str, Workflow, Job, Step]]:
    """Return the steps that run an agent, those of an action of the same repository too."""
    inner = {
        path.rpartition("/")[0]
        for path, workflow, _, step in steps(tree)
        if workflow.product == "github-action" and step.agent
    }
    return [
        (path, workflow, job, step)
        for path, workflow, job, step in steps(tree)
        if workflow.product != "github-action"
        and job.never is None
        and (step.agent or step.uses.removeprefix("./").rstrip("/") in inner)
    ]


def _keys(facts: Facts) -> Answer:
    """Look whether agents' steps are handed a stored secret, and whether their workflows work."""
    steering, tree = steering_of(facts, KEY_RULES), facts.tree
    if isinstance(steering, Answer):
        return steering
    assert not isinstance(tree, Absent)
    running = _running(tree)
    handed = sorted({path for path, flow, job, step in running if _is_handed(flow, job, step)})
    findings = steering.of(KEY_RULES)
    values: dict[str, Value] = {"handed": len(handed), "written": len(findings)}
    places = tuple(Place(each.path, each.line) for each in findings)
    if findings:
        first = findings[0]
        reason = f"{first.path}: {first.message.rstrip('.')}."
        return no(reason, Kind.TREE, values=values, places=places, inputs=rules_of(findings))
    if not handed:
        why = "is handed a stored secret" if running else "exists that runs an agent"
        return no(f"No workflow {why}.", Kind.TREE, values=values)
    host = host_of(facts, "runs")
    if isinstance(host, Answer):
        return cannot_tell(f"{handed[0]} is handed a stored secret; whether it is there: "
                           f"{host.reason}", values=values)  # fmt: skip
    worked = [
        run
        for run in host.runs
        if run.path in handed and run.conclusion == "success"
        if within(run.started_at, facts.as_of)
    ]
    if not worked:
        reason = f"{handed[0]} is handed a stored secret, and no run of it succeeded."
        return no(reason, Kind.TREE, Kind.CI, values=values)
    return yes(
        f"{len(worked)} runs that were handed a stored secret succeeded in {WINDOW_DAYS} days.",
        Depth.RUNS,
        Kind.TREE,
        Kind.CI,
        assurance=Assurance.PROVIDER,
        values=values,
        claimed_at=newest(run.started_at for run in worked),
        inputs=sorted(run.id for run in worked),
    )


def _is_handed(workflow: Workflow, job: Job, step: Step) -> bool:
    """Say whether a step is handed a stored secret, or an identity in the place of one."""
    if workflow.product == "gitlab":
        return True  # Its variables are handed to every job; only a run shows that they are there.
    held = {**workflow.env, **job.env, **step.env, **step.inputs}
    permitted = job.permissions if job.permissions is not None else workflow.permissions or {}
    identity = permitted.get("id-token") == "write"
    return identity or any(_STORED.search(value) for value in held.values())


def _posted(facts: Facts) -> Answer:
    """Look for agents' comments on change requests, in the code host's own record."""
    host = host_of(facts, "changes", "agent_comments")
    if isinstance(host, Answer):
        return host
    comments = [
        (change.number, each.at)
        for change in host.changes
        for each in change.agent_comments
        if within(each.at, facts.as_of)
    ]
    values = {"comments": len(comments)}
    if not comments:
        reason = f"No agent commented on a change request in {WINDOW_DAYS} days."
        return no(reason, Kind.HOST, values=values)
    return yes(
        f"Agents wrote {len(comments)} comments on changes in {WINDOW_DAYS} days.",
        Depth.RUNS,
        Kind.HOST,
        assurance=Assurance.PROVIDER,
        values=values,
        claimed_at=newest(at for _, at in comments),
        inputs=sorted(comments),
    )


def _reviewed(facts: Facts) -> Answer:
    """Look for a review of what agents may do: an approved change of it, or a kept duty."""
    steering = steering_of(facts)
    if isinstance(steering, Answer):
        return steering
    paths = {rule.path for rule in steering.permissions}
    if not paths:
        return no("No permission rule stands in the repository.", Kind.TREE, values={"reviews": 0})
    host = host_of(facts, "changes", days=MONTH_DAYS)
    approved = [] if isinstance(host, Answer) else [
        str(change.number)
        for change in host.changes
        if change.merged_at is not None
        and within(change.merged_at, facts.as_of, MONTH_DAYS)
        and not paths.isdisjoint(change.files)
        and any(
            review.state == "approved"
            and not review.bot
            and not is_machine(review.author)
            and review.author != change.author
            for review in change.reviews
        )
    ]  # fmt: skip
    kept = _duties(facts)
    found = [*approved, *(kept or ())]
    values = {"reviews": len(found)}
    if not found:
        if isinstance(host, Answer) and kept is None:
            return cannot_tell(host.reason, values=values)
        reason = f"No review of what agents may do was recorded in {MONTH_DAYS} days."
        return no(reason, Kind.HOST, Kind.INCIDENT, values=values)
    kinds = [*([Kind.HOST] if approved else []), *([Kind.INCIDENT] if kept else [])]
    return yes(
        f"{len(found)} reviews of what agents may do were recorded in {MONTH_DAYS} days.",
        Depth.RUNS,
        *kinds,
        assurance=Assurance.PROVIDER if approved else Assurance.OBSERVED,
        values=values,
        inputs=sorted(found),
    )


def _duties(facts: Facts) -> list[str] | None:
    """Return the kept duties of looking at permissions; None where no duty is told of."""
    operations = facts.operations
    if isinstance(operations, Absent) or operations.routines is None:
        return None
    return [
        each.name
        for each in operations.routines
        if _ALLOWLIST.search(each.name)
        and each.done_at is not None
        and each.record_digest
        and within(each.done_at, facts.as_of, MONTH_DAYS)
    ]


def _look(
    claim: str,
    judge: Callable[[Facts], Answer],
    kinds: tuple[Kind, ...],
    area: Literal["adoption", "security"] = "adoption",
    **values: str,
) -> Probe:
    return Probe(
        claim=claim,
        area=area,
        version=1,
        kinds=kinds,
        depth=Depth.RUNS,
        values=values,
        remedy=Remedy("See what readiness says of the item.", 0.5),
        judge=judge,
    )


LOOKS: Mapping[str, Probe] = {
    "a-skill-reviews": _look(
        "A skill says how to review", _reviewing_skill, (Kind.TREE,),
        skills="skills on reviewing that would be loaded and say something",
    ),
    "an-agent-looks-for-security": _look(
        "An agent looks for security", _security_agent, (Kind.TREE,), "security",
        agents="agents on security that are loaded and may only look",
    ),
    "changes-start-an-agent": _look(
        "Changes start an agent", _agents_on_changes, (Kind.TREE,),
        workflows="workflows that a change starts and that run an agent",
    ),
    "keys-are-secrets": _look(
        "Keys are stored secrets", _keys, (Kind.TREE, Kind.CI), "security",
        handed="workflows whose agent is handed a stored secret or an identity",
        written="credentials that are written down in files that steer agents",
    ),
    "reviews-are-posted": _look(
        "Reviews are posted", _posted, (Kind.HOST,),
        comments="comments of agents on change requests within the window",
    ),
    "spending-is-watched": _look(
        "Spending is watched", spending, (Kind.TELEMETRY,),
        priced="share of requests whose price is known",
        recent="runs of two weeks whose cost is known",
        budgets="budgets in force for the project",
        watched="whether alerts on cost are looked at",
    ),
    "permissions-are-reviewed": _look(
        "Permissions are reviewed", _reviewed, (Kind.TREE, Kind.HOST, Kind.INCIDENT), "security",
        reviews="approved changes of permission rules, and kept duties, within a month",
    ),
    "runs-are-recorded": _look(
        "Runs are recorded", recorded_runs(recorded), (Kind.TELEMETRY,), runs="supervised runs",
    ),
    "runs-say-why": _look(
        "Runs say why they ended", recorded_runs(say_why), (Kind.TELEMETRY,),
        sessions="share of runs that name the session whose log holds what happened",
        readable="share of runs whose output could be read",
        gaps="stretches of whole days with runs and no event of them",
    ),
    "runs-are-limited": _look(
        "Runs are limited", recorded_runs(limited), (Kind.TELEMETRY,), "security",
        limited="share of runs with a limit on time, turns, calls, tokens or money",
    ),
}  # fmt: skip
"""By id. None of them is a probe of a model."""
