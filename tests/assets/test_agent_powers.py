"""What an agent can do, from its options, tools, settings and denials."""

from typing import Any

import pytest
from tests.assets.flows import agent

from pawl.assets.agent_powers import is_limited, powers_of, powers_of_tool
from pawl.assets.ci_knowledge import actions_by_name, known, programs_by_name


@pytest.mark.parametrize(
    ("tool", "powers"),
    [
        ("Bash", {"read", "shell", "write", "network", "post"}),
        ("Bash(*)", {"read", "shell", "write", "network", "post"}),
        ("Bash(python3:*)", {"read", "shell", "write", "network", "post"}),
        ("Bash(npm:*)", {"shell", "write", "network"}),
        ("Bash(npm install *)", {"shell", "write", "network"}),
        ("Bash(npm test)", set()),
        ("Bash(npm run build:*)", set()),
        ("Bash(gh issue view:*)", set()),
        ("Bash(gh issue comment:*)", {"post"}),
        ("Bash(gh:*)", {"post"}),
        ("Bash(git diff:*)", set()),
        ("Bash(git push:*)", {"post"}),
        ("WebFetch", {"network"}),
        ("WebFetch(domain:example.com)", set()),
        ("Write", {"write"}),
        ("Read", {"read"}),
        ("mcp__github__create_issue", {"post"}),
        ("mcp__github__get_issue_comments", set()),
        ("mcp__github__pull_request_review_write", {"post"}),
        ("mcp__github_inline_comment__create_inline_comment", {"post"}),
        ("mcp__github", {"post"}),
        ("mcp__docs__create_page", set()),
        ("run_shell_command", {"read", "shell", "write", "network", "post"}),
        ("run_shell_command(echo)", set()),
        ("", set()),
    ],
)
def test_one_tool(tool: str, powers: set[str]) -> None:
    """A tool gives what its widest use comes to, and no more."""
    assert set(powers_of_tool(tool)) == powers


@pytest.mark.parametrize(
    ("step", "powers"),
    [
        ("claude -p x", {"read"}),
        ("claude -p x --permission-mode acceptEdits", {"read", "write"}),
        ("claude -p x --dangerously-skip-permissions --tools Read", {"read"}),
        ("claude -p x --allowedTools Bash --disallowedTools Bash", {"read", "write", "network"}),
        ("codex exec x", {"read"}),
        ("codex exec -s workspace-write x", {"read", "shell", "write"}),
        ("gemini -p x", {"read"}),
        ("gemini -y -p x", {"read", "shell", "write", "network"}),
        ("opencode run x", {"read", "shell", "write", "network"}),
        ("copilot -p x --allow-tool 'shell(git:*)'", {"read", "post"}),
        ({"uses": "openai/codex-action@v1", "with": {"prompt": "x"}}, {"read", "shell", "write"}),
        (
            {"uses": "openai/codex-action@v1", "with": {"prompt": "x", "sandbox": "read-only"}},
            {"read"},
        ),
        ({"uses": "anthropics/claude-code-action@v1"}, {"read", "write", "post"}),
        ({"uses": "anthropics/claude-code-action@v1", "with": {"prompt": "x"}}, {"read"}),
        (
            {
                "uses": "anthropics/claude-code-action@v1",
                "with": {"prompt": "x", "settings": '{"permissions": {"allow": ["WebFetch"]}}'},
            },
            {"read", "network"},
        ),
        (
            {
                "uses": "google-github-actions/run-gemini-cli@v0",
                "with": {"settings": '{"coreTools": ["read_file", "write_file"]}'},
            },
            {"read", "write"},
        ),
        (
            {
                "uses": "google-github-actions/run-gemini-cli@v0",
                "with": {
                    "settings": '{"tools": {"core": ["read_file"]}, "mcpServers":'
                    ' {"github": {"includeTools": ["add_comment"]}}}'
                },
            },
            {"read", "post"},
        ),
    ],
)
def test_one_agent(step: Any, powers: set[str]) -> None:
    """What a program starts with, what options add, and what limits leave."""
    assert set(powers_of(agent("push", step))) == powers


@pytest.mark.parametrize(
    ("command", "limited"),
    [
        ("claude -p x", False),
        ("claude -p x --allowedTools Read", True),
        ("claude -p x --tools Read", True),
        ("claude -p x --disallowedTools Bash,WebFetch", True),
        ("claude -p x --permission-mode plan", True),
        ("claude -p x --allowedTools Bash", False),
        ("claude -p x --allowedTools 'Bash(gh issue comment:*)'", False),
        ("codex exec x", True),
        ("codex exec -s workspace-write x", False),
        ("pawl run --allow-tool Read -- claude -p x", True),
        ("aider --message x", False),
    ],
)
def test_limits(command: str, limited: bool) -> None:
    """An agent is limited where somebody said so, and no way out is left."""
    use = agent("push", command)
    assert is_limited(use, powers_of(use)) is limited


def test_what_is_known_hangs_together() -> None:
    """Each action names a program that is known, and no name means two programs."""
    about = known()
    assert {action.program for action in about.actions.values()} <= set(about.programs)
    names = [n for p, each in about.programs.items() for n in (p, *each.aliases)]
    assert sorted(names) == sorted(programs_by_name())
    assert len(actions_by_name()) == len(about.actions)
    assert about.as_of == "2026-11-21"
    for action in about.actions.values():
        assert action.source.startswith("https://")
