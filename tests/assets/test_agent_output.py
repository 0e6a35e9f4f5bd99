"""Where an agent's output goes: what runs it, and what only reads it."""

from typing import Any

import pytest
from tests.assets.flows import agent

from pawl.assets.agent_output import sinks_of


def sinks(*steps: Any) -> list[str]:
    """Return how the output of the one agent is run."""
    return [each.how for each in sinks_of(agent("push", *steps))]


@pytest.mark.parametrize(
    "script",
    [
        "claude -p x | sh",
        "claude -p x | python3",
        'eval "$(claude -p x)"',
        'R=$(claude -p x)\nbash -c "$R"',
        'R=$(claude -p x)\necho "$R" | bash',
        'R=$(claude -p x)\necho "R=$R" >> $GITHUB_ENV',
        'R=$(claude -p x)\necho "$R" >> "$GITHUB_PATH"',
        "R=$(claude -p x)\n$R",
    ],
)
def test_a_script_runs_it(script: str) -> None:
    """A shell, `eval` and the settings of later steps run what they are handed."""
    assert sinks(script)


@pytest.mark.parametrize(
    "script",
    [
        "claude -p x | jq .",
        "claude -p x | python3 check.py",
        "claude -p x | tee out.txt",
        "claude -p x | xargs -n1 echo",
        'R=$(claude -p x)\necho "$R"',
        'R=$(claude -p x)\necho "r=$R" >> $GITHUB_OUTPUT',
        'R=$(claude -p x)\nbash check.sh "$R"',
        'R=$(claude -p x)\necho "MODE=fast" >> $GITHUB_ENV',
        "claude -p 'write about eval and | bash'",
    ],
)
def test_a_script_reads_it(script: str) -> None:
    """Programs with a text of their own, files and outputs only read it."""
    assert sinks(script) == []


def test_a_path_is_not_what_it_said() -> None:
    """Outputs that name a file or a branch are no words of the agent."""
    ask = {"id": "a", "uses": "anthropics/claude-code-action@v1"}
    assert sinks(ask, "cat ${{ steps.a.outputs.execution_file }}") == []
    assert sinks(ask, "echo ${{ steps.a.outputs.structured_output }}") != []
    assert sinks(ask, "echo ${{ steps.a.outputs['structured_output'] }}") != []
    assert sinks(ask, "echo ${{ steps.b.outputs.structured_output }}") == []
