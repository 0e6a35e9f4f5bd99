"""Outsiders' text on its way: directly, by variables, pipes, steps and files."""

import pytest
from tests.assets.flows import agent

from pawl.assets.outsider_text import brought_to, untrusted_in
from pawl.assets.reach import reach_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("${{ github.event.issue.title }}", ("github.event.issue.title",)),
        ("a ${{ github.head_ref }} b", ("github.head_ref",)),
        ("${{ github.event.pull_request.head.ref }}", ("github.event.pull_request.head.ref",)),
        ("${{ github.event.issue.number }}", ()),
        ("${{ github.event.pull_request.base.ref }}", ()),
        ("${{ github.event.comment.user.login }}", ()),
        ("${{ contains(github.event.issue.title, 'x') }}", ()),
        ("github.event.issue.title", ()),
        ("${{ inputs.title }}", ()),
    ],
)
def test_which_expressions_yield_others_text(text: str, found: tuple[str, ...]) -> None:
    """Titles, bodies and names of branches are; numbers, hashes, logins and comparisons are not."""
    assert untrusted_in(text) == found


def ways(on: str, *steps: object, **job: object) -> list[tuple[str, bool]]:
    """Return the texts that come to the one agent, and whether each comes directly."""
    use = agent(on, *steps, **job)
    return [(each.text, each.direct) for each in brought_to(use, reach_of(use.flow, use.job, use))]


def test_a_variable_counts_where_it_is_named() -> None:
    """A variable of the job that the prompt does not name brings nothing."""
    env = {"T": "${{ github.event.issue.title }}"}
    assert ways("issues", 'claude -p "sort $T"', env=env) == [("github.event.issue.title", False)]
    assert ways("issues", 'claude -p "sort ${T}"', env=env) == [("github.event.issue.title", False)]
    assert ways("issues", 'claude -p "sort $TX"', env=env) == []
    assert ways("issues", 'claude -p "sort T"', env=env) == []


def test_a_pipe_and_a_variable_of_the_script() -> None:
    """What `gh` fetched is piped, or held by a variable that the prompt names."""
    assert ways("issues", "gh issue view 5 | claude -p x") == [("gh issue view", False)]
    assert ways("issues", 'B=$(gh issue view 5)\nclaude -p "$B"') == [("gh issue view", False)]
    assert ways("issues", "cat notes.md | claude -p x") == []
    assert ways("push", "gh issue view 5 | claude -p x") == []


def test_a_substitution_and_a_file() -> None:
    """What stands in a word of the call, and what a file holds that was fetched before."""
    assert ways("issues", 'claude -p "Sort $(gh issue view 5)"') == [("gh issue view", False)]
    fetched = "gh issue view 5 > /tmp/issue.md"
    assert ways("issues", fetched, 'claude -p "$(cat /tmp/issue.md)"') == [("gh issue view", False)]
    assert ways("issues", fetched, "claude -p x < /tmp/issue.md") == [("gh issue view", False)]
    assert ways("issues", f"{fetched}\nclaude -p x < /tmp/issue.md") == [("gh issue view", False)]
    assert ways("issues", fetched, "claude -p x < other.md > /tmp/issue.md") == []


def test_a_diff_is_an_outsiders_only_where_a_change_is_judged() -> None:
    """On an issue the diff is the repository's own."""
    assert ways("pull_request", "git diff a...b | claude -p x") == [("git diff", False)]
    assert ways("issues", "git diff a...b | claude -p x") == []


def test_behind_a_gate_the_authors_own_text_is_trusted() -> None:
    """Who was let pass may instruct; what others wrote in the thread may not."""
    gated = {"if": "github.actor == 'ada'"}
    assert ways("issue_comment", "claude -p '${{ github.event.comment.body }}'", **gated) == []
    assert ways("issue_comment", "claude -p '${{ github.event.issue.body }}'", **gated) == [
        ("github.event.issue.body", True)
    ]
    assert ways("pull_request", "git diff | claude -p x", **gated) == []
