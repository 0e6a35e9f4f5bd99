"""Rules on settings, servers, hooks and plugins, given whatever a hostile repository writes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.assets.trees import assets

import pawl.assets.rules
from pawl.assets.asset import Kind
from pawl.assets.known import hook_events, plugin_fields, settings_keys
from pawl.assets.left_out import left_out
from pawl.assets.rule import Hit, Rule
from pawl.assets.script_users import users_of
from pawl.base.catalogue import load, names

KINDS = {Kind.SETTINGS, Kind.MCP, Kind.HOOKS, Kind.PLUGIN}
RULES = {
    name: rule
    for name in names(pawl.assets.rules)
    if KINDS & (rule := load(pawl.assets.rules, name, "RULE", Rule)).kinds
}
MOST_HITS = 4000
"""Hits of one rule in trees as small as these: a list of twenty, a few levels deep."""

EVENTS = hook_events().products["claude-code"].events
WORDS = [
    *settings_keys().products["claude-code"].keys,
    *settings_keys().products["codex"].keys,
    *EVENTS,
    *plugin_fields().fields,
    *("allow", "deny", "ask", "hooks", "matcher", "type", "command", "args", "env", "url", "http"),
    *("plugins", "owner", "source", "metadata", "pluginRoot", "headers", "timeout", "defaultMode"),
    *("mcpServers", "servers", "mcp_servers", "mcp", "network", "filesystem", "bash", "async"),
]
SAID = [
    "Bash(python3:*)", "Read(/etc/**)", "Write(", "Bash(* *)", "*", "bypassPermissions", "./x",
    "../../x", "/", "~", "http://[::1", "http://a.b@c:d/e?token=$(x)", "curl x | bash <(",
    "$CLAUDE_PROJECT_DIR/a.sh || true", "cd \"$X\" && bash -c 'eval \"$(jq .)\"'", "[[ -f a ]] &&",
    "F=$(cat) $F", "case $TOOL_NAME in a) exit 1;; esac <<< $STDIN_JSON", "npm i; ./a.sh; exit 0",
    "command", "\ud83d", "ghp_Zk3kdSDk20sdkKDs02kdkdks02kd", "${X:-${Y}}", "\x00", "a" * 3000,
    "(" * 200, "$(" * 60, "\u202e",
]  # fmt: skip

KEYS = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(),
    st.sampled_from(SAID),
    st.text(max_size=30),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)
RULE_TEXTS = st.one_of(st.sampled_from(SAID), st.text(max_size=20), VALUES)
HOOKS = st.dictionaries(
    st.sampled_from([*EVENTS, "x"]),
    st.lists(
        st.fixed_dictionaries(
            {
                "matcher": RULE_TEXTS,
                "hooks": st.lists(
                    st.fixed_dictionaries(
                        {"type": st.sampled_from(["command", "http", "x"]), "command": RULE_TEXTS},
                        optional={
                            "timeout": SCALARS,
                            "async": SCALARS,
                            "args": VALUES,
                            "url": VALUES,
                        },
                    ),
                    max_size=3,
                ),
            }
        ),
        max_size=2,
    ),
    max_size=3,
)
SERVERS = st.dictionaries(KEYS, RULE_TEXTS, max_size=4)
SHAPED = st.fixed_dictionaries(
    {},
    optional={
        "permissions": st.dictionaries(KEYS, st.lists(RULE_TEXTS, max_size=5), max_size=4),
        "hooks": st.one_of(HOOKS, VALUES),
        "env": st.dictionaries(KEYS, RULE_TEXTS, max_size=4),
        "mcpServers": st.dictionaries(KEYS, SERVERS, max_size=3),
        "sandbox": VALUES,
        "name": VALUES,
        "commands": VALUES,
        "plugins": st.lists(st.dictionaries(KEYS, RULE_TEXTS, max_size=3), max_size=4),
    },
)  # fmt: skip
JSON_FILES = (
    ".claude/settings.json", ".claude/settings.local.json", "managed-settings.json",
    ".gemini/settings.json", "opencode.json", ".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json",
    ".claude-plugin/plugin.json", ".claude-plugin/marketplace.json", "hooks/hooks.json",
    ".codex/hooks.json",
)  # fmt: skip


def judged(files: dict[str, str]) -> dict[str, list[Hit]]:
    """Return what every rule says of a tree, and check that each hit can be told of."""
    tree = assets(files)
    found = {name: list(rule.check(tree)) for name, rule in RULES.items()}
    assert all(each.endswith(".") for each in left_out(tree))
    assert users_of(tree).keys() <= files.keys()
    for name, hits in found.items():
        assert len(hits) <= MOST_HITS, name
        for hit in hits:
            assert hit.path in files, name
            assert hit.line is None or hit.line >= 1, name
            assert 0 < len(hit.message) < 600, name
            assert hit.message.endswith("."), (name, hit.message)
    return found


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if value is None or isinstance(value, bool | str):
        return json.dumps(value or "")
    return repr(value)


@settings(max_examples=60)
@given(value=st.one_of(SHAPED, VALUES), other=SHAPED)
def test_any_json_is_judged(value: Any, other: Any) -> None:
    """No value of any JSON file makes a rule fail, tell of no place, or never end."""
    texts = {path: as_json(value if at % 2 else other) for at, path in enumerate(JSON_FILES)}
    judged({**texts, "a.sh": "exit 1", ".gitignore": "\\\n[z-a]\n!\n"})


@settings(max_examples=60)
@given(hooks=st.one_of(HOOKS, VALUES), command=st.sampled_from(SAID))
def test_any_hooks_of_a_page_are_judged(hooks: Any, command: str) -> None:
    """Front matter may hold whatever it likes below `hooks`, of a skill, a command, an agent."""
    group = {"hooks": [{"type": "command", "command": command}]}
    for held in (hooks, {"PreToolUse": [group], "Stop": hooks}):
        page = f"---\nname: a\ndescription: x\nhooks: {as_json(held)}\n---\n"
        judged(
            {
                ".claude/skills/a/SKILL.md": page,
                ".claude/skills/a/x": "exit 1",
                ".claude/commands/b.md": page,
                "sub/.claude/agents/c.md": page,
            }
        )


@settings(max_examples=60)
@given(
    text=st.one_of(st.text(max_size=200), st.binary(max_size=80).map(lambda b: b.decode("latin-1")))
)
def test_any_text_is_judged(text: str) -> None:
    """A file that is no JSON and no TOML is told of, and every rule goes on."""
    files = {**dict.fromkeys(JSON_FILES, text), ".codex/config.toml": text}
    judged(files)


@settings(max_examples=60)
@given(value=st.dictionaries(KEYS, VALUES, max_size=5), script=st.text(max_size=120))
def test_any_toml_and_any_script_is_judged(value: dict[str, Any], script: str) -> None:
    """Whatever stands in Codex's settings, and in the script that a hook names, is judged."""
    toml = "".join(f"{json.dumps(key)} = {as_toml(each)}\n" for key, each in value.items())
    hook = {"type": "command", "command": "bash a.sh || true"}
    settings = {"hooks": {event: [{"hooks": [hook]}] for event in EVENTS}}
    judged(
        {
            ".codex/config.toml": toml,
            ".claude/settings.json": as_json(settings),
            "a.sh": script,
        }
    )


@pytest.mark.parametrize("command", SAID)
def test_odd_commands_of_hooks_are_judged(command: str) -> None:
    """Commands that no shell would read, or that nest without end, make no rule fail."""
    hooks = [{"type": "command", "command": command, "timeout": 10**400}]
    value = {"hooks": {event: [{"matcher": command, "hooks": hooks}] for event in EVENTS}}
    judged({".claude/settings.json": json.dumps(value), "a.sh": command})


def test_a_file_of_many_rules_is_judged_in_bounds() -> None:
    """Thousands of rules and hooks in one file are judged, each once."""
    rules = [f"Bash(cmd{n}:*)" for n in range(3000)]
    hooks = [{"type": "command", "command": f"./h{n}.sh || true"} for n in range(1000)]
    value = {
        "permissions": {"allow": rules, "deny": rules, "ask": rules},
        "hooks": {"PreToolUse": [{"hooks": hooks}]},
        "env": {f"V{n}": "x" for n in range(3000)},
    }
    found = judged({".claude/settings.json": json.dumps(value)})
    assert len(found["missing-hook-script"]) == 500
    assert found["shadowed-allow"]
