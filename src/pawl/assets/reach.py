"""Who can start a pipeline, and whose text it works on.

An outsider is anybody with an account and no write access. Source: GitHub's documentation of
events and of security hardening, GitLab's of merge request pipelines, read 2026-11-21.
"""

from collections.abc import Iterable, Iterator

import msgspec

from pawl.assets.agent_use import AgentUse
from pawl.assets.ci_knowledge import known
from pawl.assets.conditions import Says, Verdict, judge
from pawl.assets.flow import Flow, Job, Step
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
_EVENTS = OUTSIDER_EVENTS | FORK_EVENTS
COMMENTS = frozenset(
    {"issue_comment", "pull_request_review_comment", "discussion_comment", "pull_request_review"}
)
_TRIAGE = frozenset(
    {"labeled", "unlabeled", "assigned", "unassigned", "milestoned", "demilestoned", "pinned",
     "locked", "transferred", "deleted"}
)  # fmt: skip
"""Types of events that only who may triage causes."""
_INSIDERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_RANKS = regex(
    r"\b(?:OWNER|MEMBER|COLLABORATOR|CONTRIBUTOR|FIRST_TIME_CONTRIBUTOR|FIRST_TIMER|MANNEQUIN|NONE)\b"
)
_WORD = regex(r"\w{1,100}")
_LITERAL = regex(r"['\"]([^'\"]{0,200})['\"]")
_ACTOR = regex(
    r"github\.actor\b|github\.triggering_actor|\.user\.login|sender\.login|github\.actor_id"
    r"|GITLAB_USER_LOGIN|GITLAB_USER_ID"
)
_SAME_REPOSITORY = regex(
    r"head(?:_repository|\.repo)\.(?:full_name|owner\.login|id)|\.repo\.fork\b|repository\.fork\b"
    r"|CI_MERGE_REQUEST_SOURCE_PROJECT_(?:ID|PATH|URL)|isCrossRepository"
)
_OUTPUT = regex(r"\b(steps|needs)\.([\w-]{1,100})\.(?:outputs|result|outcome|conclusion)\b")
_INSIDE = regex(
    r"CI_COMMIT_(?:BRANCH|TAG)\b|CI_COMMIT_REF_PROTECTED"
    r"|CI_PIPELINE_SOURCE\s*==\s*['\"](?!merge_request|external)"
)
_ASKS = regex(
    r"author_association|getCollaboratorPermissionLevel|collaborators/|/memberships?/|/members/"
    r"|github\.actor\b|GITHUB_ACTOR\b|github\.triggering_actor|checkMembershipForUser"
    r"|context\.actor\b|sender\.login|user\.login"
)
_STOPS = regex(r"\bexit\s+[1-9]|setFailed|\bthrow\b|GITHUB_OUTPUT|setOutput|::set-output")


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

    @property
    def is_dangerous(self) -> bool:
        """Say whether an outsider reaches the job with the repository's token and secrets."""
        return self.is_open and self.secrets

    @property
    def way(self) -> str:
        """The first step of a trail: the events, and the gate or that there is none."""
        gate = "nothing asks who it was" if self.gate is None else f"behind {self.gate}"
        return f"anybody can cause `{'`, `'.join(self.events)}`; {gate}"


def reach_of(
    flow: Flow, job: Job, use: AgentUse | None = None, *, others: Iterable[Flow] = ()
) -> Reach:
    """Return how an outsider gets at a job, or at the agent that one of its steps runs.

    `others` are the repository's other pipelines: which may start this one by having run.
    """
    asked = flow.triggers if job.events is None else job.events
    events = [each for each in asked if each in _EVENTS and not _only_triage(flow, each)]
    if "workflow_run" in events and _runs_after_insiders(flow, others):
        events.remove("workflow_run")
    verdicts = {event: _verdict(flow, job, use, event) for event in events}
    possible = [event for event in events if verdicts[event].says is not Says.FALSE]
    gate = _gate_of_all(flow, job, use) if possible else None
    passing = [event for event in possible if verdicts[event].says is Says.LETS_PASS]
    if gate is None and not passing and possible:
        gate = f"`{' '.join(verdicts[possible[0]].term.split())[:80]}`"
    held = tuple(passing if gate is None else possible)
    return Reach(events=held, gate=gate, secrets=any(each in OUTSIDER_EVENTS for each in held))


def _only_triage(flow: Flow, event: str) -> bool:
    types = flow.filters.get(f"{event}.types")
    return bool(types) and set(types or ()) <= _TRIAGE


def _runs_after_insiders(flow: Flow, others: Iterable[Flow]) -> bool:
    """Say whether the pipelines that start this one are all known, and none is an outsider's."""
    wanted = set(flow.filters.get("workflow_run.workflows", ()))
    before = [each for each in others if each.name in wanted]
    known_all = bool(wanted) and {each.name for each in before} == wanted
    return known_all and not any(_EVENTS & set(each.triggers) for each in before)


def _verdict(flow: Flow, job: Job, use: AgentUse | None, event: str) -> Verdict:
    """Return what the conditions of a job, of those it needs, and of the step come to."""
    conditions = [job.condition]
    if "always()" not in job.condition:  # With it a job runs though what it needs was skipped.
        conditions += [each.condition for each in _needed(flow, job)]
    if use is not None:
        conditions.append(use.step.condition)

    def ask(term: str, negated: bool) -> Says:
        return _says(term, negated, event, flow, job)

    found = [judge(each, ask) for each in conditions]
    for wanted in (Says.FALSE, Says.REFUSES):
        for each in found:
            if each.says is wanted:
                return each
    return found[0]


def _says(term: str, negated: bool, event: str, flow: Flow, job: Job) -> Says:
    """Return what one term says of an outsider who caused an event."""
    unequal = "!=" in term
    holds = negated == unequal  # `!(a != b)` and `a == b` demand that both are the same
    if "event_name" in term and _LITERAL.search(term) is not None:
        named = {word for each in _LITERAL.finditer(term) for word in _WORD.findall(each[1])}
        return Says.LETS_PASS if (event in named) == holds else Says.FALSE
    if "author_association" in term:
        ranks = {each[0] for each in _RANKS.finditer(term)}
        insiders = bool(ranks) and ranks <= _INSIDERS
        return Says.REFUSES if holds and insiders else Says.LETS_PASS
    if _SAME_REPOSITORY.search(term):
        if ".fork" in term and "==" not in term and not unequal:
            holds = negated
        elif ".fork" in term and "true" in term:
            holds = not holds
        elsewhere = event in ("issues", "issue_comment", "discussion", "discussion_comment")
        return Says.REFUSES if holds and not elsewhere else Says.LETS_PASS
    if "workflow_run." in term and _after_insiders(term, holds, negated):
        return Says.REFUSES
    if _ACTOR.search(term):
        return Says.REFUSES if holds and _names_somebody(term) else Says.LETS_PASS
    if holds and _triages(term):
        return Says.REFUSES
    if holds and not unequal and _INSIDE.search(term):
        return Says.FALSE
    output = _OUTPUT.search(term)
    if output is not None and _asked_by(output[1], output[2], flow, job):
        return Says.REFUSES
    speaks = "github.event.comment." in term and not negated and not unequal
    return Says.FALSE if speaks and event not in COMMENTS else Says.LETS_PASS


def _after_insiders(term: str, holds: bool, negated: bool) -> bool:
    """Say whether a term lets only runs pass that somebody with rights started.

    The list of a run's changes is empty for those of forks.
    """
    if "workflow_run.pull_requests[0]" in term and "=" not in term:
        return not negated
    literal = _LITERAL.search(term)
    if "workflow_run.event" not in term or literal is None:
        return False
    return (literal[1] not in _EVENTS) if holds else literal[1] == "pull_request"


def _names_somebody(term: str) -> bool:
    """Say whether a term compares who caused the event with names that are written down."""
    if ".body" in term or ".title" in term:
        return False
    literal, actor = _LITERAL.search(term), _ACTOR.search(term)
    if "contains(" in term.lower():
        listed = literal is not None and actor is not None and literal.start() < actor.start()
        return listed or "vars." in term
    return "==" in term and (literal is not None or "repository_owner" in term or "vars." in term)


def _triages(term: str) -> bool:
    """Say whether a term holds only for what somebody did who may triage or merge."""
    if "github.event.label.name" in term or "labels.*.name" in term:
        return True
    if "pull_request.merged" in term and "false" not in term:
        return True
    literal = _LITERAL.search(term)
    return "github.event.action" in term and literal is not None and literal[1] in _TRIAGE


def _asked_by(kind: str, name: str, flow: Flow, job: Job) -> bool:
    """Say whether a step or a job of this name asks who caused the event."""
    if kind == "steps":
        return any(step.id == name and _checks_author(step) for step in job.steps)
    return any(each.id == name and any(map(_checks_author, each.steps)) for each in flow.jobs)


def _gate_of_all(flow: Flow, job: Job, use: AgentUse | None) -> str | None:
    """Return what keeps outsiders out whatever the event: an environment, a check, the action."""
    if job.environment:
        return f"the environment {job.environment[:80]}, where it asks for a reviewer"
    before = [] if use is None else job.steps[: use.step.at]
    for step in [*before, *(step for each in _needed(flow, job) for step in each.steps)]:
        if _checks_author(step) and not _is_soft(step):
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


def _needed(flow: Flow, job: Job) -> Iterator[Job]:
    """Yield the jobs that a job needs, and those that they need."""
    by_id = {each.id: each for each in flow.jobs}
    waiting, seen = list(job.needs), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in by_id:
            continue
        seen.add(name)
        yield by_id[name]
        waiting.extend(by_id[name].needs)


def _script(step: Step) -> str:
    return step.run + step.inputs.get("script", "")


def _checks_author(step: Step) -> bool:
    """Say whether a step asks who caused the event, and acts on it."""
    if step.uses.lower() in known().gate_actions:
        return True
    text = _script(step)
    return _ASKS.search(text) is not None and _STOPS.search(text) is not None


def _is_soft(step: Step) -> bool:
    """Say whether a step only tells what it found: then a condition has to ask for it."""
    if step.uses.lower() in known().gate_actions:
        return False
    text = _script(step)
    return not ("setFailed" in text or "throw" in text or "exit 1" in text)
