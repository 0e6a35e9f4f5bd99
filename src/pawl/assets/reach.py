"""Who can start a pipeline, and whose text it works on.

An outsider is anybody with an account and no write access. Source: GitHub's documentation of
events and of security hardening, read 2026-11-21.
"""

import msgspec

from pawl.assets.agent_use import AgentUse
from pawl.assets.workflow import Flow, Job, Step
from pawl.base.patterns import regex

OUTSIDER_EVENTS = frozenset(
    {
        "issues", "issue_comment", "pull_request_target", "discussion", "discussion_comment",
        "pull_request_review", "pull_request_review_comment", "workflow_run", "fork", "watch",
        "gollum",
    }
)  # fmt: skip
"""Events that anybody starts, with the workflow's own token and secrets."""
FORK_EVENTS = frozenset({"pull_request", "merge_request_event"})
"""Events that anybody starts, with a token that only reads and without secrets."""

UNTRUSTED = regex(
    r"github\.event\.(?:issue|pull_request|comment|review|review_comment|discussion|head_commit"
    r"|workflow_run|pages|commits)\b[\w.\[\]*'-]{0,120}"
    r"|github\.head_ref|github\.event\.inputs\.[\w-]{1,80}"
)
_TRUSTED_FIELD = regex(
    r"\.(?:number|id|node_id|sha|created_at|updated_at|merged|draft|state|url|html_url|diff_url"
    r"|locked|comments|additions|deletions|changed_files|author_association|run_id|conclusion"
    r"|event|base\.(?:sha|ref|repo)\b.*|(?:user|sender)\.(?:id|type|login)|head_sha|run_number)$"
)
EXPRESSION = regex(r"\$\{\{(.{0,2000}?)\}\}")
_GATES = regex(
    r"author_association|github\.actor\b|github\.triggering_actor|sender\.login|user\.login"
    r"|getCollaboratorPermissionLevel|collaborators/|head\.repo\.(?:full_name|fork|owner)"
    r"|github\.repository_owner"
)
_LABELS = regex(r"github\.event\.label\.name|\blabels\.\*\.name")


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How an outsider gets at a job.

    `events` are the events by which one starts it, `gate` what keeps outsiders out (None: nothing
    does). `secrets` says that the job then runs with the repository's token and secrets.
    """

    events: tuple[str, ...]
    gate: str | None
    secrets: bool

    @property
    def is_open(self) -> bool:
        """Say whether an outsider reaches the job."""
        return bool(self.events) and self.gate is None


def reach_of(flow: Flow, job: Job, use: AgentUse | None = None) -> Reach:
    """Return how an outsider gets at a job, or at the agent that one of its steps runs."""
    events = [each for each in flow.triggers if each in OUTSIDER_EVENTS | FORK_EVENTS]
    if "pull_request" in events and _labels_only(flow, "pull_request"):
        events.remove("pull_request")
    if "issues" in events and set(flow.filters.get("issues.types", ("opened",))) <= {
        "labeled", "assigned", "milestoned",
    }:  # fmt: skip
        events.remove("issues")  # Only who may triage does these.
    return Reach(
        events=tuple(events),
        gate=_gate(flow, job, use),
        secrets=any(each in OUTSIDER_EVENTS for each in events),
    )


def _gate(flow: Flow, job: Job, use: AgentUse | None) -> str | None:
    """Return what keeps outsiders out of a job."""
    conditions = [job.condition, *(_needed(flow, job))]
    if use is not None:
        conditions.append(use.step.condition)
    for condition in conditions:
        if _GATES.search(condition):
            return f"the condition `{condition.strip()[:80]}`"
        if _LABELS.search(condition):
            return "a label that only a triager sets"
    if job.environment:
        return f"the environment {job.environment}, where it asks for a reviewer"
    before = [] if use is None else job.steps[: use.step.at]
    for step in before:
        if _checks_author(step):
            return f"the step {step.name or step.id or step.at + 1}, which asks who it was"
    if use is not None and use.action is not None and use.action.gate == "writers":
        opened = [
            name
            for name, value in use.action.opened_by.items()
            if use.step.inputs.get(name, "").strip().strip("'\"") == value
        ]
        if not opened:
            return f"{use.step.uses} itself, which refuses who cannot write"
    return None


def _needed(flow: Flow, job: Job) -> list[str]:
    """Return the conditions of the jobs that a job needs, and of those that they need."""
    by_id = {each.id: each for each in flow.jobs}
    waiting, seen, found = list(job.needs), set[str](), list[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in by_id:
            continue
        seen.add(name)
        found.append(by_id[name].condition)
        waiting.extend(by_id[name].needs)
    return found


def _checks_author(step: Step) -> bool:
    text = step.run + step.inputs.get("script", "")
    asks = _GATES.search(text) is not None
    return asks and ("exit 1" in text or "setFailed" in text or "throw" in text)


def _labels_only(flow: Flow, event: str) -> bool:
    types = flow.filters.get(f"{event}.types")
    return types is not None and set(types) <= {"labeled"}


def untrusted_in(text: str) -> tuple[str, ...]:
    """Return the outsiders' texts that a value interpolates, as `github.event.issue.title`."""
    found = []
    for expression in EXPRESSION.finditer(text):
        for match in UNTRUSTED.finditer(expression[1]):
            if _TRUSTED_FIELD.search(match[0]) is None:
                found.append(match[0])
    return tuple(dict.fromkeys(found))
