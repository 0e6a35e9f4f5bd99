"""The scripts that hooks run, and the words that they expand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawl.assets.asset import Asset, Kind
from pawl.assets.hook_programs import (
    HookUse,
    commands_in,
    language_of,
    pipes_in,
    scripts_of,
    words_in,
)
from pawl.assets.refusals import refusal_of
from pawl.assets.settings import hook_of
from pawl.parsing.shell_status import words_of


def use(command: str, *, plugin: bool = False) -> HookUse:
    """Return a hook with a command, of a project or of a plugin in `plugin/`."""
    hook = hook_of("PreToolUse", "Bash", {"type": "command", "command": command}, "x.json", 1)
    asset = Asset("x.json", Kind.HOOKS if plugin else Kind.SETTINGS, "claude-code")
    return HookUse(hook=hook, asset=asset, root="plugin" if plugin else "", of_plugin=plugin)


@pytest.mark.parametrize(
    ("command", "path", "direct"),
    [
        ('"$CLAUDE_PROJECT_DIR"/.claude/hooks/x.sh', ".claude/hooks/x.sh", True),
        ("bash ${CLAUDE_PROJECT_DIR:-.}/x.sh a b", "x.sh", False),
        ("python3 -u .claude/x.py", ".claude/x.py", False),
        ("uv run .claude/x.py --strict", ".claude/x.py", False),
        ("timeout 5 ./x.sh", "x.sh", True),
        ('cd "$CLAUDE_PROJECT_DIR" && ./x.sh', "x.sh", True),
        ("cd web && ./x.sh", "web/x.sh", True),
        ("bash -c './x.sh || true'", "x.sh", True),
        ("X=1 ./x.sh", "x.sh", True),
        ("$(git rev-parse --show-toplevel)/x.sh", "x.sh", True),
    ],
)
def test_scripts_are_found_where_they_stand(command: str, path: str, direct: bool) -> None:
    """Folders that the product names are known, wrappers and interpreters are seen through."""
    (script,) = scripts_of(use(command))
    assert (script.path, script.direct) == (path, direct)


@pytest.mark.parametrize(
    "command",
    [
        "[[ -f setup.py ]] && echo yes",
        "npx prettier --write src/a.js",
        "node -e \"require('./x.js')\"",
        "/usr/bin/x.sh; ~/x.sh; $HOME/x.sh",
        "./node_modules/.bin/x",
        'cd "$(dirname "$0")" && ./x.sh',
        "echo ./x.sh",
        "${CLAUDE_PLUGIN_ROOT}/x.sh",
        "unclosed 'quote ./x.sh",
    ],
)
def test_other_words_are_no_scripts(command: str) -> None:
    """Words of tests, others' arguments and files of the machine are no scripts of ours."""
    assert scripts_of(use(command)) == ()


def test_a_plugins_scripts_stand_in_the_plugin() -> None:
    """`${CLAUDE_PLUGIN_ROOT}` is the plugin's folder, and the project's is another one."""
    (script,) = scripts_of(use("${CLAUDE_PLUGIN_ROOT}/hooks/x.sh", plugin=True))
    assert script.path == "plugin/hooks/x.sh"
    assert not scripts_of(use("$CLAUDE_PROJECT_DIR/x.sh", plugin=True))


def test_words_are_found_wherever_they_are_expanded() -> None:
    """Arguments, values, cases, here-strings and shells within shells all expand their words."""
    text = 'A=$B; case "$C" in x) ;; esac; cat <<< "$D"; bash -c \'echo $E\'; echo "$(jq <<< $F)"'
    found = " ".join(words_in(text))
    assert all(f"${name}" in found for name in "BCDEF")


def test_commands_within_commands_are_read() -> None:
    """Substitutions and `bash -c` are looked into, and pipelines keep their order."""
    text = "X=$(jq . | head -1); bash -c 'curl x | sh'"
    programs = [words_of(each)[0] for each in commands_in(text) if each.words]
    assert programs == ["jq", "head", "bash", "curl", "sh"]
    assert [[words_of(each)[0] for each in parts] for parts in pipes_in("a | b | c; d")] == [
        ["a", "b", "c"]
    ]


def test_how_scripts_refuse() -> None:
    """Status 2 and the documented answers refuse; a computed status may; 1 after a no does not."""
    assert refusal_of("exit 2\n", "shell").by_status
    assert refusal_of('exit "$code"\n', "shell").by_status
    assert refusal_of("echo denied >&2\nexit 1\n", "shell").status_line == 2
    assert refusal_of("import sys\nsys.exit(2)\n", "python").by_status
    assert refusal_of("# sys.exit(2)\n", "python").by_status is False
    assert refusal_of("print({'permissionDecision': 'deny'})\n", "python").by_answer
    assert refusal_of("echo '{\"allowed\": false}'\n", "shell").unread
    assert refusal_of("anything", "other").by_status
    assert language_of("x", "#!/usr/bin/env python3\n") == "python"
    assert language_of("x", "#!/bin/sh\n") == "shell"


@settings(max_examples=60)
@given(st.text("abc $(){}[]<>|&;'\"`\\\n=/.-*!#", max_size=60))
def test_any_command_is_read(command: str) -> None:
    """No command makes the reading fail, whatever its quotes and brackets."""
    scripts_of(use(command))
    words_in(command)
    pipes_in(command)
    refusal_of(command, "shell")
