"""What the lint and the settings of agents come to, as probes are told."""

import json

from hypothesis import given
from hypothesis import strategies as st
from tests.maturity.told import tree

from pawl.maturity.facts.steering import Steering

CLAUDE = """{
  "permissions": {
    "allow": ["Bash(make test)",
              "Bash(*)"],
    "ask": ["Bash(git push *)"],
    "deny": ["Read(./.env)"],
    "defaultMode": "acceptEdits"
  },
  "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [
    {"type": "command", "command": "true"},
    {"type": "command", "command": "bash .claude/hooks/guard.sh"},
    {"type": "http", "url": "https://example.org"}
  ]}], "PostToolUse": [{"hooks": [{"type": "command", "command": "ruff format ."}]}]}
}"""
GUARD = "#!/bin/sh\ngrep -q rm && exit 2\nexit 0\n"


def steering(files: dict[str, str | bytes]) -> Steering:
    """Return the survey of files that steer agents."""
    found = tree(files).surveyed("steering", Steering)
    assert found is not None
    return found


def test_rules_modes_and_lines_are_told() -> None:
    """Each rule says what it is, how wide, and on which line; the mode counts as one."""
    found = steering({".claude/settings.json": CLAUDE, ".claude/hooks/guard.sh *": GUARD})
    told = [(rule.says, rule.text, rule.line, bool(rule.wide)) for rule in found.permissions]
    assert told == [
        ("allow", "Bash(make test)", 3, False),
        ("allow", "Bash(*)", 4, True),
        ("ask", "Bash(git push *)", 5, False),
        ("deny", "Read(./.env)", 6, False),
        ("mode", "permissions.defaultMode acceptEdits", 7, False),
    ]
    assert [rule.secret for rule in found.permissions] == [False, False, False, True, False]
    assert [rule.unbound for rule in found.permissions] == [False, True, False, False, False]


def test_hooks_before_a_call_say_whether_they_can_refuse() -> None:
    """A hook is hollow when what it runs is; hooks after the fact are no guards."""
    found = steering({".claude/settings.json": CLAUDE, ".claude/hooks/guard.sh *": GUARD})
    told = [(each.event, each.line, bool(each.hollow)) for each in found.guards]
    assert told[:2] == [("PreToolUse", 10, True), ("PreToolUse", 11, False)]
    assert [event for event, _, _ in told] == ["PreToolUse"] * 3
    idle = steering({".claude/settings.json": CLAUDE, ".claude/hooks/guard.sh *": "exit 0\n"})
    assert idle.guards[1].hollow


def test_other_products_modes_are_told() -> None:
    """No sandbox, no approval and everything allowed are wide in each product's own words."""
    found = steering(
        {
            ".codex/config.toml": (
                'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
                "[sandbox_workspace_write]\nnetwork_access = true\n"
            ),
            ".gemini/settings.json": '{"general": {"defaultApprovalMode": "yolo"}}',
            "opencode.json": '{"permission": "allow"}',
        }
    )
    assert [bool(rule.wide) for rule in found.permissions] == [True] * 5


def test_a_denial_is_never_wide() -> None:
    """Denying everything is no wildcard that lets anything through."""
    text = json.dumps({"permissions": {"deny": ["Bash(*)"]}})
    assert not [r for r in steering({".claude/settings.json": text}).permissions if r.wide]


def test_settings_that_do_not_parse_say_so() -> None:
    """A product ignores a broken file, so it protects nothing."""
    found = steering({".claude/settings.json": '{"permissions": '})
    assert found.broken == (".claude/settings.json",)
    assert found.permissions == ()


def test_the_judged_tree_does_not_choose_the_rules() -> None:
    """Rules switched off, made milder, waived or in a baseline find what they find; it is told."""
    skill = "---\nname: other\ndescription: Cut a release when the tests passed\n---\nText.\n"
    files: dict[str, str | bytes] = {
        ".claude/skills/ship/SKILL.md": skill,
        "pawl.toml": (
            '[lint]\noff = ["skill-name-unlike-folder"]\n'
            '[[lint.allow]]\nrules = ["skill-name-unlike-folder"]\npath = "*"\nreason = "ours"\n'
        ),
    }
    (found,) = steering(files).of(["skill-name-unlike-folder"])
    assert (found.state, found.reason) == ("waived", "ours")
    del files["pawl.toml"]
    (bare,) = steering(files).of(["skill-name-unlike-folder"])
    assert bare.state == "new"
    assert bare.message == found.message


def test_settings_of_the_lint_that_do_not_read_allow_nothing() -> None:
    """A broken pawl.toml or baseline hides no finding."""
    skill = "---\nname: other\ndescription: Cut a release when the tests passed\n---\nText.\n"
    found = steering(
        {
            ".claude/skills/ship/SKILL.md": skill,
            "pawl.toml": "[lint\n",
            ".pawl/lint-baseline.json": "{",
        }
    )
    assert [each.state for each in found.of(["skill-name-unlike-folder"])] == ["new"]


_PATHS = st.sampled_from(
    [".claude/settings.json", ".codex/config.toml", ".gemini/settings.json", "opencode.json",
     ".mcp.json", ".claude/skills/a/SKILL.md", ".github/workflows/a.yml"]
)  # fmt: skip


@given(_PATHS, st.text(max_size=200))
def test_any_text_is_surveyed(path: str, text: str) -> None:
    """Whatever stands there, no rule fails and the survey comes to an answer."""
    assert steering({path: text}).failed == {}
