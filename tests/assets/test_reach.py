"""Who gets at a job: events, their types, conditions, checks and actions that ask."""

from typing import Any

import pytest
from tests.assets.flows import agent, flow, workflow

from pawl.assets.reach import reach_of

AGENT = "claude -p x"


def events(on: Any, condition: str = "", **job: Any) -> tuple[str, ...]:
    """Return the events by which an outsider reaches a job's agent, none behind a gate."""
    use = agent(on, AGENT, **({"if": condition} if condition else {}), **job)
    reach = reach_of(use.flow, use.job, use)
    return reach.events if reach.is_open else ()


@pytest.mark.parametrize(
    ("on", "open_events"),
    [
        ("issues", ("issues",)),
        (["push", "schedule", "workflow_dispatch", "release"], ()),
        ({"issues": {"types": ["labeled", "assigned"]}}, ()),
        ({"issues": {"types": ["opened", "labeled"]}}, ("issues",)),
        ({"pull_request": {"types": ["labeled"]}, "push": None}, ()),
        ("pull_request", ("pull_request",)),
    ],
)
def test_events(on: Any, open_events: tuple[str, ...]) -> None:
    """An event is an outsider's unless all its types are those of who may triage."""
    assert events(on) == open_events


@pytest.mark.parametrize(
    "condition",
    [
        "github.event.comment.author_association == 'OWNER'",
        'contains(\'["OWNER","MEMBER"]\', github.event.comment.author_association)',
        "github.actor == 'ada'",
        'contains(fromJSON(\'["ada","bob"]\'), github.event.comment.user.login)',
        "contains(vars.USERS, github.actor)",
        "github.event_name == 'push'",
        "github.event_name != 'issue_comment' || github.actor == 'ada'",
        "github.event.label.name == 'go' && true",
    ],
)
def test_conditions_that_keep_outsiders_out(condition: str) -> None:
    """Names, ranks, labels and other events keep an outsider's comment out."""
    assert events("issue_comment", condition) == ()


@pytest.mark.parametrize(
    "condition",
    [
        "github.actor != 'dependabot[bot]'",
        "!contains(github.actor, '[bot]')",
        "github.repository == 'o/r'",
        "github.repository_owner == 'o'",
        "contains(github.event.comment.body, '@x')",
        "github.event.comment.author_association != 'NONE'",
        'contains(fromJSON(\'["OWNER","CONTRIBUTOR"]\'), github.event.comment.author_association)',
        "github.actor == 'ada' || contains(github.event.comment.body, '@x')",
        "github.event.comment.user.login == github.event.issue.user.login",
        "always()",
        "!(github.actor == 'ada')",
        "github.event_name == 'issue_comment'",
    ],
)
def test_conditions_that_keep_nobody_out(condition: str) -> None:
    """What passes over bots, asks for a word or for the repository's name is no gate."""
    assert events("issue_comment", condition) == ("issue_comment",)


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        ("github.event.pull_request.head.repo.full_name == github.repository", False),
        ("github.event.pull_request.head.repo.fork == false", False),
        ("!github.event.pull_request.head.repo.fork", False),
        ("github.event.pull_request.head.repo.fork != true", False),
        ("github.event.pull_request.head.repo.fork == true", True),
        ("github.event.pull_request.head.repo.fork", True),
        ("github.event.pull_request.merged == true", False),
        ("github.event.pull_request.draft == false", True),
    ],
)
def test_changes_of_forks(condition: str, is_open: bool) -> None:
    """A change of the same repository, or a merged one, is no outsider's."""
    assert bool(events("pull_request_target", condition)) is is_open


def test_a_branch_for_another_event_is_none_for_this_one() -> None:
    """Of two events only the one is open whose branch asks nothing."""
    condition = (
        "(github.event_name == 'issue_comment' && github.actor == 'ada')"
        " || github.event_name == 'issues'"
    )
    assert events(["issues", "issue_comment"], condition) == ("issues",)


def test_the_gate_is_named() -> None:
    """What keeps outsiders out is told, for the trail."""
    use = agent("issues", {"uses": "anthropics/claude-code-action@v1"})
    assert "refuses who cannot write" in (reach_of(use.flow, use.job, use).gate or "")
    use = agent("issues", AGENT, environment="agents")
    assert "the environment agents" in (reach_of(use.flow, use.job, use).gate or "")
    use = agent("issues", AGENT, **{"if": "github.actor == 'ada'"})
    reach = reach_of(use.flow, use.job, use)
    assert reach.gate == "`github.actor == 'ada'`"
    assert "behind `github.actor" in reach.way
    assert reach.events == ("issues",)


def test_a_step_that_asks_and_stops_is_a_gate() -> None:
    """A script that ends the job for who may not write, before the agent."""
    ask = 'gh api "repos/x/collaborators/$A/permission" | grep -q admin || exit 1'
    before = agent("issues", ask, AGENT)
    after = agent("issues", AGENT, ask)
    assert not reach_of(before.flow, before.job, before).is_open
    assert reach_of(after.flow, after.job, after).is_open


def test_a_job_that_runs_always_is_not_kept_by_what_it_needs() -> None:
    """`always()` runs a job though the job it needs was skipped."""
    gate = {"if": "github.actor == 'ada'", "steps": [{"run": "true"}]}
    for condition, is_open in (("", False), ("always()", True)):
        job = {"needs": "gate", "if": condition, "steps": [{"run": AGENT}]}
        held = flow({"on": "issues", "jobs": {"gate": gate, "a": job}})
        (asked,) = (each for each in held.jobs if each.id == "a")
        assert reach_of(held, asked).is_open is is_open


def test_gitlab_by_the_rules_of_the_job() -> None:
    """A merge request starts a job by itself, by hand, or only from the same project."""
    for rule, is_open in (
        ({"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}, True),
        ({"if": "$CI_MERGE_REQUEST_IID", "when": "manual"}, False),
        ({"if": "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"}, False),
        ({"if": "$CI_COMMIT_BRANCH"}, False),
        ({"if": "$CI_MERGE_REQUEST_IID", "when": "never"}, False),
    ):
        held = flow({"a": {"rules": [rule], "script": [AGENT]}}, ".gitlab-ci.yml")
        assert reach_of(held, held.jobs[0]).is_open is is_open, rule


def test_after_another_workflow() -> None:
    """What starts after workflows of insiders only is no outsider's; an unknown one may be."""
    on = {"workflow_run": {"workflows": ["CI"]}}
    use = agent(on, AGENT)
    inside = flow({"name": "CI", "on": "push", "jobs": {}})
    outside = flow({"name": "CI", "on": "pull_request", "jobs": {}})
    assert not reach_of(use.flow, use.job, use, others=[inside]).is_open
    assert reach_of(use.flow, use.job, use, others=[outside]).is_dangerous
    assert reach_of(use.flow, use.job, use).is_dangerous


@pytest.mark.parametrize(
    ("condition", "is_open"),
    [
        ("github.event.workflow_run.conclusion == 'failure'", True),
        ("github.event.workflow_run.head_branch == 'main'", True),
        ("github.event.workflow_run.pull_requests[0] && true", False),
        ("github.event.workflow_run.event == 'push'", False),
        ("github.event.workflow_run.event != 'pull_request'", False),
        ("github.event.workflow_run.event == 'pull_request'", True),
        ("github.event.workflow_run.head_repository.full_name == github.repository", False),
    ],
)
def test_conditions_on_the_run_before(condition: str, is_open: bool) -> None:
    """A branch's name is anybody's; the event, the repository and the list of changes are not."""
    assert bool(events("workflow_run", condition)) is is_open


def test_a_job_without_an_agent_has_a_reach_too() -> None:
    """The question may be asked of a job alone."""
    held = workflow("issues", "make")
    assert reach_of(held, held.jobs[0]).is_dangerous
