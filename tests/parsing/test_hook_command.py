"""Whether a hook's command can refuse a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.hook_command import hollow_command, hollow_script, script_of


@pytest.mark.parametrize(
    "command",
    ["", "true", ":", "exit 0", "echo fine", "echo a; exit 0", "cat > /dev/null", "./check || true",
     "./check; exit 0", "jq .tool_input >> log.jsonl || exit 0", "sleep 1 && true"],
)  # fmt: skip
def test_commands_that_can_refuse_nothing_are_hollow(command: str) -> None:
    """What only prints, or hides its failure, is hollow."""
    assert hollow_command(command)


@pytest.mark.parametrize(
    "command",
    ["./check", "pawl hook PreToolUse", "grep -q rm && exit 2 || exit 0",
     "echo '{\"decision\": \"block\"}'", "./check; exit $?", "python3 guard.py"],
)  # fmt: skip
def test_commands_that_may_refuse_are_not(command: str) -> None:
    """A program whose status counts, a status of 2 and a printed decision may refuse."""
    assert hollow_command(command) is None


def test_scripts_are_judged_by_what_they_end_with() -> None:
    """A script that never ends with 2 and decides nothing is hollow; comments do not count."""
    assert hollow_script("guard.py", "# sys.exit(2)\nprint('ok')\n")
    assert hollow_script("guard.sh", "#!/bin/sh\n# nothing\n") == "it is empty"
    assert hollow_script("guard.sh", "#!/bin/sh\necho ok\n")
    assert hollow_script("guard.py", "import sys\nsys.exit(2)\n") is None
    assert hollow_script("guard.js", "process.exit(2)") is None


def test_the_repositorys_own_script_is_found() -> None:
    """A path below the project is the repository's; one of the machine is not."""
    assert script_of('"$CLAUDE_PROJECT_DIR"/.claude/hooks/a.sh --x') == ".claude/hooks/a.sh"
    assert script_of("python3 tools/guard.py") == "tools/guard.py"
    assert script_of("/usr/lib/guard/a.sh") is None
    assert script_of("~/hooks/a.sh") is None
    assert script_of("pawl hook") is None


@given(st.text(max_size=300))
def test_any_text_is_judged(text: str) -> None:
    """No text raises."""
    hollow_command(text)
    hollow_script("a.sh", text)
    script_of(text)
