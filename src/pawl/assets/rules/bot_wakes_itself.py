"""An agent's own comment or push may start it again.

Bad: `allowed_bots: "*"` in a workflow on comments, or a comment written with a personal token on
`issue_comment` where nothing passes over bots. What the job's own token writes starts nothing;
what another token writes does, and every turn of the loop is paid for.

Instead: pass over bots (`if: github.event.comment.user.type != 'Bot'`), name the few bots that
may start it, or write with the job's own token.
"""

from collections.abc import Iterator

from pawl.assets.asset import Kind
from pawl.assets.assets import Assets
from pawl.assets.ci_agents import CiAgent
from pawl.assets.ci_hits import hit_on, quoted, started_here
from pawl.assets.held_secrets import names_in
from pawl.assets.rule import Hit, Rule
from pawl.base.finding import Confidence, Severity
from pawl.base.patterns import regex

_WOKEN_BY = frozenset(
    {"issues", "issue_comment", "pull_request", "pull_request_target", "pull_request_review",
     "pull_request_review_comment", "discussion", "discussion_comment"}
)  # fmt: skip
_COMMENTS = frozenset({"issue_comment", "pull_request_review_comment", "discussion_comment"})
_BOTS = regex(r"(?i)\[bot\]|['\"]bot['\"]|-bot['\"]|user\.type|sender\.type|github-actions")
_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_PERSONAL_ACCESS_TOKEN")


def _check(assets: Assets) -> Iterator[Hit]:
    for agent in started_here(assets):
        conditions = f"{agent.use.job.condition} {agent.use.step.condition}"
        events = [each for each in agent.use.flow.triggers if each in _WOKEN_BY]
        if not events or _BOTS.search(conditions):
            continue
        why = _woken(agent, events)
        if why:
            message = f"{agent.use.name} may start itself again by {quoted(events)}: {why}."
            yield hit_on(agent, message, trail=agent.trail if agent.reach.events else ())


def _woken(agent: CiAgent, events: list[str]) -> str:
    """Return why an agent's own deeds start it again; empty where they do not."""
    use = agent.use
    if use.action is not None:
        for name, value in use.action.woken_by.items():
            if use.step.inputs.get(name, "").strip().strip("'\"") == value:
                return f"`{name}` lets every bot start it"
        if use.action.gate == "writers":
            return ""  # It refuses bots by itself.
    speaks = not agent.powers.keys().isdisjoint({"post", "shell"})
    if agent.reach.gate is not None or not speaks or _COMMENTS.isdisjoint(events):
        return ""
    for env in (use.flow.env, use.job.env, use.step.env):
        for name in _TOKENS:
            for secret in names_in(env.get(name, "")):
                return f"it comments with {secret}, and nothing passes over bots"
    return ""


RULE = Rule(
    title="An agent may start itself again",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.WORKFLOW}),
    check=_check,
    source="https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows",
    as_of="2026-11-21",
    hint="Pass over bots in the condition, or name those that may start it.",
)
