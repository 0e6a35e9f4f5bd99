"""How wide a permission rule of an agent is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.permission_rules import is_secret_variable, judge_rule, judge_tool


@pytest.mark.parametrize(
    "rule",
    [
        "*", "Bash", "Bash(*)", "Bash(:*)", "Bash(**)", "Bash(bash *)", "Bash(/bin/sh:*)",
        "Bash(sudo:*)", "Bash(python3 *)", "Bash(npx *)", "run_shell_command", "mcp__*",
        "WebFetch", "WebFetch(domain:*)", "WebFetch(*)", "Write(//**)", "Edit(~/**)",
    ],
)  # fmt: skip
def test_rules_that_let_anything_through_are_wide(rule: str) -> None:
    """A bare tool, a bare wildcard and a program that runs any other are wide."""
    assert judge_rule(rule).wide


@pytest.mark.parametrize(
    "rule",
    [
        "Bash(npm run build)", "Bash(git diff:*)", "Bash(make *)", "Bash(tools/*)", "Read",
        "Read(src/**)", "Edit",
        "Edit(src/**)", "Write(docs/**)", "WebFetch(domain:docs.example.org)", "mcp__tickets",
        "mcp__tickets__read", "Bash(python3 scripts/check.py)", "run_shell_command(npm test)",
        "Grep", "Skill(review)",
    ],
)  # fmt: skip
def test_rules_for_something_particular_are_narrow(rule: str) -> None:
    """A named command, host, folder or server is narrow."""
    assert judge_rule(rule).wide is None


def test_only_rules_that_open_a_shell_walk_around_denials() -> None:
    """A rule for any address is wide, but no way around what files may be read."""
    assert judge_rule("Bash(bash *)").unbound
    assert not judge_rule("WebFetch").unbound


@pytest.mark.parametrize(
    ("rule", "secret"),
    [
        ("Read(./.env)", True), ("Read(**/secrets/**)", True), ("Read(~/.ssh/**)", True),
        ("Read(certs/*.pem)", True), ("Read(src/**)", False), ("Bash(cat .env)", False),
        ("Read", True), ("Edit(.env)", False),
    ],
)  # fmt: skip
def test_a_rule_guards_secrets_when_it_is_about_reading_them(rule: str, secret: bool) -> None:
    """Only the tool that reads files guards secrets: one shell command among many does not."""
    assert judge_rule(rule).secret is secret


def test_the_other_products_rules_are_judged_the_same() -> None:
    """A pattern of its own, as opencode writes it, is judged like one in brackets."""
    assert judge_tool("bash", "*").wide
    assert judge_tool("bash", "git status *").wide is None
    assert judge_tool("read", "*.env").secret


def test_names_of_secret_variables_are_known() -> None:
    """Patterns of variables with keys and tokens are secret, others are not."""
    assert is_secret_variable("*_TOKEN")
    assert not is_secret_variable("EDITOR")


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    """No text raises."""
    judge_rule(text)
