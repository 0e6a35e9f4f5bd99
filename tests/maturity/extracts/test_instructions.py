"""What is read out of instructions for agents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.instructions import EXTRACT, read
from pawl.maturity.facts.tree import TreeFile


def test_imports_are_read_but_not_out_of_code() -> None:
    """An import names a file; packages, mail and code are none."""
    text = (
        "See @docs/rules.md and @../shared.md.\n\n`@not/this.md` kim@example.org @team/pay\n\n"
        "```\n@nor/this.md\n```\n@~/mine.md\n"
    )
    found = read("CLAUDE.md", text)
    assert found is not None
    assert [(each.text, each.line) for each in found.imports] == [
        ("docs/rules.md", 1),
        ("../shared.md", 1),
    ]


def test_the_product_and_the_size_are_told() -> None:
    """Who reads it decides how much of it is read."""
    found = read("api/AGENTS.md", "# Rules\n")
    assert found is not None
    assert (found.product, found.characters) == ("codex", 8)


def test_rules_for_some_paths_say_for_which() -> None:
    """Cursor's and Copilot's rules may hold for some files only."""
    found = read(".cursor/rules/api.mdc", "---\nglobs: src/api/**\n---\nUse types.\n")
    assert found is not None
    assert found.paths == "src/api/**"
    found = read(".github/instructions/a.instructions.md", "---\napplyTo: '**/*.py'\n---\nText.\n")
    assert found is not None
    assert found.paths == "**/*.py"


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("CLAUDE.md", True), ("api/AGENTS.md", True), (".github/copilot-instructions.md", True),
        (".cursor/rules/a.mdc", True), (".cursorrules", True), (".claude/rules/a.md", True),
        ("README.md", False), ("docs/claude.md", False), ("node_modules/x/AGENTS.md", False),
        ("docs/rules/a.md", False),
    ],
)  # fmt: skip
def test_it_wants_what_agents_read_by_themselves(path: str, wanted: bool) -> None:
    """Pages about agents and other people's instructions are not looked at."""
    assert EXTRACT.wants(TreeFile(path, 100, "0" * 40)) is wanted


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    """No content raises."""
    assert read("CLAUDE.md", text) is not None
