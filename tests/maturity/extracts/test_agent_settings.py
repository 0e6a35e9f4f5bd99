"""What is read out of agents' settings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.agent_settings import EXTRACT, AgentSettings, read
from pawl.maturity.facts.tree import TreeFile

CLAUDE = """{
  // comments are allowed
  "permissions": {
    "allow": ["Bash(make test)", "Bash(*)"],
    "ask": ["Bash(git push *)"],
    "deny": ["Read(./.env)"],
    "defaultMode": "acceptEdits"
  },
  "enableAllProjectMcpServers": true,
  "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [
    {"type": "command", "command": "true"},
    {"type": "command", "command": "bash .claude/hooks/guard.sh"},
    {"type": "http", "url": "https://example.org"}
  ]}], "PostToolUse": [{"hooks": [{"type": "command", "command": "ruff format ."}]}]}
}"""


def _read(path: str, text: str) -> AgentSettings:
    found = read(path, text)
    assert found is not None
    return found


def test_claude_code_rules_modes_and_lines_are_read() -> None:
    """Each rule says what it is, how wide, and on which line; the mode counts as one."""
    found = _read(".claude/settings.json", CLAUDE)
    told = [(rule.says, rule.text, rule.line, bool(rule.wide)) for rule in found.rules]
    assert told == [
        ("allow", "Bash(make test)", 4, False),
        ("allow", "Bash(*)", 4, True),
        ("ask", "Bash(git push *)", 5, False),
        ("deny", "Read(./.env)", 6, False),
        ("mode", "defaultMode acceptEdits", 7, False),
    ]
    assert found.rules[3].secret
    assert found.any_server


def test_hooks_say_whether_they_can_refuse() -> None:
    """A hook is hollow when its command is; only events before an action can refuse it."""
    hooks = _read(".claude/settings.json", CLAUDE).hooks
    told = [(each.event, bool(each.hollow), each.refusing, each.script) for each in hooks]
    assert told == [
        ("PreToolUse", True, True, None),
        ("PreToolUse", False, True, ".claude/hooks/guard.sh"),
        ("PreToolUse", False, True, None),
        ("PostToolUse", False, False, None),
    ]


def test_a_denial_is_never_wide() -> None:
    """Denying everything is no wildcard that lets anything through."""
    text = json.dumps({"permissions": {"deny": ["Bash(*)"]}})
    assert [rule.wide for rule in _read(".claude/settings.json", text).rules] == [None, None]


def test_codex_without_sandbox_or_questions_is_wide() -> None:
    """No sandbox and no approval let anything run."""
    found = _read(
        ".codex/config.toml",
        'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
        "[sandbox_workspace_write]\nnetwork_access = true\n",
    )
    assert [bool(rule.wide) for rule in found.rules] == [True, True, True]


def test_gemini_and_opencode_rules_are_read() -> None:
    """Their lists and tables come out as the same rules."""
    gemini = _read(
        ".gemini/settings.json",
        '{"tools": {"allowed": ["run_shell_command"], "core": ["ls"], "exclude": ["web_fetch"]},'
        ' "general": {"defaultApprovalMode": "yolo"}}',
    )
    assert [(rule.says, bool(rule.wide)) for rule in gemini.rules] == [
        ("allow", True), ("ask", False), ("deny", False), ("mode", True)
    ]  # fmt: skip
    code = _read("opencode.json", '{"permission": {"edit": "ask", "bash": {"*": "allow"}}}')
    assert [(rule.text, bool(rule.wide)) for rule in code.rules] == [
        ("edit", False),
        ("bash(*)", True),
    ]


def test_settings_that_do_not_parse_say_so() -> None:
    """A product ignores a broken file, so it protects nothing."""
    found = _read(".claude/settings.json", '{"permissions": ')
    assert found.problem
    assert found.rules == ()


def test_a_hooks_script_says_whether_it_is_hollow() -> None:
    """A script in a folder of hooks is read for what it ends with."""
    assert _read(".claude/hooks/guard.py", "print(1)").script_hollow
    assert _read(".claude/hooks/guard.py", "exit(2)").script_hollow is None


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".claude/settings.json", True), ("app/.claude/settings.local.json", True),
        (".codex/config.toml", True), ("opencode.jsonc", True), (".claude/hooks/a.sh", True),
        (".vscode/settings.json", False), ("config.toml", False), ("src/hooks/useThing.js", False),
        ("settings.json", False),
    ],
)  # fmt: skip
def test_it_wants_settings_of_agents_only(path: str, wanted: bool) -> None:
    """Settings of editors and applications are not looked at."""
    assert EXTRACT.wants(TreeFile(path, 100, "0" * 40)) is wanted


_PATHS = st.sampled_from(
    [".claude/settings.json", ".codex/config.toml", ".gemini/settings.json", "opencode.json",
     ".claude/hooks/a.sh"]
)  # fmt: skip
_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["permissions", "allow", "hooks", "PreToolUse", "tools", "permission"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_PATHS, st.text(max_size=300) | _ODD.map(json.dumps))
def test_any_text_is_read(path: str, text: str) -> None:
    """No content raises."""
    read(path, text)
