"""What is read out of prompt templates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.maturity.extracts.prompt_template import EXTRACT, PromptTemplate, read
from pawl.maturity.facts.tree import TreeFile


def _read(text: str, path: str = "prompts/a.md") -> PromptTemplate:
    found = read(path, text)
    assert found is not None
    return found


def test_each_of_the_four_is_found_with_its_line() -> None:
    """Tools, output, fallback and bound are named by line."""
    found = _read(
        "Look at {{incident}}.\nUse `kubectl logs` first.\nReturn JSON with the cause.\n"
        "If the logs are missing, say so.\nRead at most 200 lines.\n"
    )
    assert (found.tools, found.output, found.fallback, found.bound) == (2, 3, 4, 5)


@pytest.mark.parametrize(
    "text",
    [
        "Keep it short and concise.",
        "Think about the maximum that could be said.",
        "There is no limit to what you may read.",
    ],
)
def test_a_bound_has_a_number(text: str) -> None:
    """Without a number nothing is bounded."""
    assert _read(text).bound is None


def test_variables_are_neither_words_nor_placeholders() -> None:
    """What is filled in later is part of every template."""
    assert _read("Review {{ diff }} of $ARGUMENTS and ${NAME} well.").placeholders == 0
    assert _read("Review the change. TODO: say what for.").placeholders > 0


def test_a_command_in_toml_is_read_for_its_prompt() -> None:
    """Gemini CLI keeps its commands in TOML; a file without a prompt is none."""
    found = _read('prompt = "Use `git diff` and list at most 5 files."', ".gemini/commands/a.toml")
    assert found.tools
    assert found.bound
    assert read(".gemini/commands/a.toml", 'description = "x"') is None
    assert read(".gemini/commands/a.toml", "prompt = ") is None


def test_the_front_matters_tools_count() -> None:
    """A command that is allowed some tools names them."""
    assert _read("---\nallowed-tools: Read, Grep\n---\nReview it.").tools == 2


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("prompts/a.md", True), ("app/prompts/b.txt", True), (".claude/commands/review.md", True),
        (".pawl/templates/x/a.md", True), ("a.prompt", True), ("prompts/README.md", False),
        ("templates/page.md", False), ("commands/a.md", False), ("prompts/a.py", False),
        ("tests/prompts/a.md", False),
    ],
)  # fmt: skip
def test_it_wants_templates_only(path: str, wanted: bool) -> None:
    """Pages that are templates of something else are not looked at."""
    assert EXTRACT.wants(TreeFile(path, 10, "0" * 40)) is wanted


@given(st.text(max_size=400), st.sampled_from(["prompts/a.md", ".gemini/commands/a.toml"]))
def test_any_text_is_read(text: str, path: str) -> None:
    """No content raises."""
    read(path, text)
