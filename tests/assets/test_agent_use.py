"""Agents are found through wrappers and substitutions, and not where only their name stands."""

import pytest
from tests.assets.flows import agent, flow, workflow
from tests.assets.trees import assets

from pawl.assets.agent_use import split, uses_of


@pytest.mark.parametrize(
    "command",
    [
        "claude -p 'x'",
        "claude -pc 'x'",
        "claude --print x",
        "timeout 5m claude -p x",
        "npx -y @anthropic-ai/claude-code@2.1.329 -p x",
        "sudo -E env A=b claude -p x",
        "R=$(claude -p x)",
        'echo "$(claude -p x | tee y)"',
        "bash -c 'cd a && claude -p x'",
        "if ! claude -p x; then exit 1; fi",
        "git diff | claude -p x > out.json || true",
        "pawl run --max-usd 1 -- claude -p x",
        "export OUT=`claude -p x`",
    ],
)
def test_a_call_without_a_person_is_found(command: str) -> None:
    """A headless call is found once, however it is wrapped."""
    use = agent("push", command)
    assert use.product == "claude-code"
    assert use.line is not None


@pytest.mark.parametrize(
    "command",
    [
        "echo claude -p x",
        "claude --version",
        "npm install -g @anthropic-ai/claude-code",
        "cat claude -p",
        "git commit -m 'claude -p x'",
        "codex login",
        "gemini --help -p",
        "# claude -p x",
        "grep -p claude file",
        "claude -p 'x",
    ],
)
def test_a_name_alone_is_no_call(command: str) -> None:
    """A name in a text, an installation and a call with a person are none."""
    assert uses_of(workflow("push", command)) == ()


@pytest.mark.parametrize(
    ("command", "product"),
    [
        ("pawl review --base A --head B --out r.json", "claude-code"),
        ("pawl review --base A --head B -- codex exec", "codex"),
        ('PATH="$w/bin:$PATH" "$w/pawl/bin/pawl" review --base A -- gemini', "gemini-cli"),
        ("timeout 5m pawl batch items.yaml --max-usd 3 -- claude -p '{item}'", "claude-code"),
        ("uv run pawl review", "claude-code"),
    ],
)
def test_what_pawl_runs_an_agent_for_is_one(command: str, product: str) -> None:
    """A review and a batch are agents at work, supervised by Pawl within what they are given."""
    use = agent("push", command)
    assert use.product == product
    assert use.supervised


@pytest.mark.parametrize(
    "command",
    [
        "pawl review post review.json --host github",
        "pawl review feedback r.json ID dismiss --reason x",
        "pawl batch items.yaml",
        "pawl batch items.yaml -- true",
        "pawl lint --agent claude-code",
        "echo pawl review",
        "pawl review --help",
        "pawl ci generate review --agent claude-code",
        "pawl",
    ],
)
def test_what_pawl_runs_no_agent_for_is_none(command: str) -> None:
    """What posts a review, lints or writes a pipeline runs no agent."""
    assert uses_of(workflow("push", command)) == ()


def test_a_review_by_pawl_only_reads() -> None:
    """Its agent has the tools that read; a batch has those that its program starts with."""
    review = agent("push", "pawl review --max-turns 3 -- claude -p --model m")
    assert review.only == ("Read", "Grep", "Glob")
    assert review.limits == ("review", "--max-turns", "3")
    assert review.option("--model") == "m"
    assert agent("push", "pawl batch items.yaml -- claude -p '{item}'").only is None
    assert agent("push", "pawl batch i.csv -- claude -p x --tools Read").only == ("Read",)


def test_words_tools_and_limits_are_read() -> None:
    """Options with their values, tools in each spelling, and the words of Pawl are kept apart."""
    use = agent(
        "push",
        "pawl run --max-usd=2 --timeout 5m -- claude -p 'do it' --tools Read,Bash --max-turns 3"
        " --disallowedTools=WebFetch,Bash --allowedTools 'Bash(npm test)' Read",
    )
    assert use.tools == ("Bash(npm test)", "Read")
    assert use.denied == ("WebFetch", "Bash")
    assert use.only == ("Read", "Bash")
    assert use.option("--max-turns") == "3"
    assert use.limits == ("run", "--max-usd=2", "--timeout", "5m", "--")
    assert use.prompts == (("", "do it"),)


def test_a_line_of_a_long_script_is_its_own() -> None:
    """The line of a call is that on which its first word stands."""
    head = "on: push\njobs:\n  a:\n    steps:\n      - run: |\n"
    text = f"{head}          a\n\n          claude -p \\\n            x\n"
    (use,) = uses_of(flow(text))
    assert use.line == 8


def test_an_action_is_read_by_its_inputs() -> None:
    """Prompts, tools and arguments of an action come out as those of a command do."""
    inputs = {"prompt": "x", "claude_args": "--allowedTools 'Read,Edit'\n--max-turns 4"}
    use = agent("push", {"uses": "Anthropics/Claude-Code-Action@v1", "with": inputs})
    assert use.tools == ("Read", "Edit")
    assert use.option("--max-turns") == "4"
    assert use.prompts == (("prompt", "x"),)
    assert use.says("prompt=x")
    assert not use.says("prompt=y")


def test_odd_arguments_are_split_by_blanks() -> None:
    """A text with an open quote is no reason to see nothing."""
    assert split("--a 'b c") == ("--a", "'b", "c")


POWERSHELL = """\
on: push
jobs:
  a:
    runs-on: windows-latest
    steps:
      - run: |
          $told = git diff | claude `
            -p "Review `"this`"" --allowedTools 'Read,Grep' | Out-String
      - shell: bash
        run: codex exec 'go'
"""


def test_powershell_is_read_where_it_is_the_shell() -> None:
    """A step of a Windows runner is PowerShell's unless it says otherwise."""
    (flow,) = assets({".github/workflows/a.yml": POWERSHELL}).flows
    claude, codex = uses_of(flow)
    assert claude.prompts == (("", 'Review "this"'),)
    assert claude.tools == ("Read", "Grep")
    assert claude.line == 7
    assert claude.command is not None
    assert (claude.command.assigned, claude.command.feeds) == ("told", (("git", "diff"),))
    assert codex.program == "codex"
