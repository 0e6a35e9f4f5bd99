"""What a bound of ours leaves out is told of with its place; ordinary trees leave out nothing."""

import json

import pytest
from tests.assets.trees import assets

from pawl.assets.left_out import deeper_calls, left_out

FLOW = ".github/workflows/a.yml"
HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"


def script(text: str, *, shell: str = "") -> str:
    lines = "".join(f"          {line}\n" for line in text.split("\n"))
    return f"{HEAD}      - {f'shell: {shell}' if shell else 'name: x'}\n        run: |\n{lines}"


def told(files: dict[str, str]) -> list[str]:
    return list(left_out(assets(files)))


def test_an_ordinary_tree_leaves_out_nothing() -> None:
    """Nothing is told of what is looked at whole."""
    files = {
        FLOW: script("claude -p x"),
        "CLAUDE.md": "[a](b.md) @c.md\n",
        ".claude/settings.json": '{"permissions": {"allow": ["Bash(ls)"]}}',
        ".claude/skills/a/SKILL.md": "---\nname: a\n---\n",
        ".claude/skills/a/x.sh": "ls\n",
    }
    assert told(files) == []


HOOKED = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "echo 'open"}]}]}}
POWER = {
    "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "ls", "shell": "powershell"}]}]}
}
MANY = {"permissions": {"allow": [f"Bash(a{n})" for n in range(600)]}}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({FLOW: script("\n".join(["claude -p x"] * 31))}, "no more than 30 agents of one script"),
        ({FLOW: script("claude -p 'open")}, "does not read as a shell's"),
        ({FLOW: script("claude -p x\n" + "# y\n" * 40_000)}, "does not read as a shell's"),
        ({FLOW: HEAD + "      - run: claude -p x\n" * 301}, "no more than 300 steps of a"),
        (
            {
                FLOW: "on: push\njobs:\n"
                + "".join(f"  j{n}: {{steps: [{{run: claude -p x}}]}}\n" for n in range(201))
            },
            "no more than 200 of its jobs",
        ),
        ({".claude/settings.json": json.dumps(HOOKED)}, "the hook's command does not read"),
        ({".claude/settings.json": json.dumps(POWER)}, "is PowerShell's"),
        ({".claude/settings.json": json.dumps(MANY)}, "no more than 500 entries"),
        ({".mcp.json": '{"mcpServers": ' + "[" * 20 + "]" * 20 + "}"}, "deeper than 12 levels"),
        ({"CLAUDE.md": "[a](b.md)\n" * 201}, "no more than 200 of its links"),
        (
            {".claude/skills/a/SKILL.md": "x\n", ".claude/skills/a/x.sh": "#" * 2_000_000},
            "x.sh: it is too large",
        ),
        (
            {"CLAUDE.md": "x", **{f".pawl/evals/{n}.yaml": "a: 1\n" for n in range(501)}},
            "no more than 500 files of eval cases",
        ),
    ],
)
def test_a_bound_is_told_of(files: dict[str, str], says: str) -> None:
    """Each bound that a tree comes to stands in one sentence."""
    assert any(says in each for each in told(files)), told(files)


def test_another_language_is_no_shell_that_failed() -> None:
    """A script for Python that names an agent is no unreadable shell."""
    assert told({FLOW: script("print('claude", shell="python")}) == []


def test_a_call_within_a_call_is_noted() -> None:
    """An agent two calls away is judged where it stands, and that is told."""
    files = {
        FLOW: f"{HEAD}      - uses: ./one\n      - run: claude -p x\n",
        "one/action.yml": "runs: {using: composite, steps: [{uses: ./two}]}\n",
        "two/action.yml": "runs:\n  using: composite\n  steps: [{run: claude -p x, shell: bash}]\n",
    }
    (note,) = deeper_calls(assets(files))
    assert "calls one/action.yml, which calls two/action.yml" in note
