"""Secrets within reach of an agent, apart from what pays for its model."""

import pytest
from tests.assets.flows import agent, workflow

from pawl.assets.held_secrets import is_model_key, names_in, secrets_of, secrets_of_step


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("${{ secrets.A }}", ("A",)),
        ("${{ secrets['A-B'] || secrets.C }}", ("A-B", "C")),
        ("${{ secrets.GITHUB_TOKEN }}", ()),
        ("${{ toJSON(secrets) }}", ("every secret",)),
        ("our secrets are safe", ()),
        ("", ()),
    ],
)
def test_names(text: str, names: tuple[str, ...]) -> None:
    """Secrets are named by dot or bracket; the job's own token is none."""
    assert names_in(text) == names


def test_keys_for_a_model() -> None:
    """A key for a model is known by its name, with a prefix or without."""
    assert is_model_key("ANTHROPIC_API_KEY")
    assert is_model_key("TEAM_OPENAI_API_KEY")
    assert not is_model_key("NPM_TOKEN")


def test_what_an_agent_can_read() -> None:
    """Variables around it, its inputs, its script, and what a checkout left; no model key."""
    steps = (
        {"uses": "actions/checkout@v4", "with": {"token": "${{ secrets.CLONE }}"}},
        {
            "uses": "anthropics/claude-code-action@v1",
            "env": {"B": "${{ secrets.STEP }}", "OPENAI_API_KEY": "${{ secrets.WHATEVER }}"},
            "with": {
                "anthropic_api_key": "${{ secrets.OURS }}",
                "github_token": "${{ secrets.PAT }}",
            },
        },
    )
    use = agent("issues", *steps, env={"A": "${{ secrets.JOB }}"})
    assert [each.name for each in secrets_of(use)] == ["JOB", "STEP", "PAT", "CLONE"]


def test_what_one_step_holds() -> None:
    """A step holds what it is given, whoever else has it."""
    (job,) = workflow("push", {"run": "x ${{ secrets.A }}", "env": {"B": "${{ secrets.B }}"}}).jobs
    assert [each.name for each in secrets_of_step(job.steps[0])] == ["B", "A"]
