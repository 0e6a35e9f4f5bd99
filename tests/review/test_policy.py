"""The shipped numbers are whole, and an agent that could do more than read is refused."""

import pytest

from pawl.base.errors import BadFile, Refused
from pawl.review.finding import Category
from pawl.review.policy import held_to_reading, load_policy, shipped_policy
from pawl.review.prompt import prompt

POLICY = shipped_policy()


def test_security_asks_for_least_and_style_for_most() -> None:
    """A miss costs most in one, and most findings are taste in the other."""
    asked = {name: bounds.threshold for name, bounds in POLICY.categories.items()}
    assert min(asked, key=lambda name: asked[name]) is Category.SECURITY
    assert max(asked, key=lambda name: asked[name]) is Category.STYLE
    assert POLICY.budget.least_micros < POLICY.budget.usd_micros
    assert POLICY.budget.least_seconds < POLICY.budget.seconds


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{threshold: 0.50,", "{threshold: 0.39,"),
        ("  style: {threshold: 0.95, floor: 0.90, ceiling: 1.00}\n", ""),
        ("  skip: Ours", "  skipped: Ours"),
        ("least: 8", "least: 0"),
    ],
)
def test_a_policy_with_a_hole_is_refused(before: str, after: str) -> None:
    """A bound that does not hold, a missing category and a number without a source are errors."""
    from importlib.resources import files

    text = files("pawl.review").joinpath("thresholds.yaml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(BadFile):
        load_policy(text.replace(before, after), place="x")


def test_known_agents_only_read() -> None:
    """Claude Code by its tools, Codex by its sandbox."""
    command, tools = held_to_reading(POLICY, "claude-code", ("claude", "-p"), named=False)
    assert (command[:3], tools) == (
        ("claude", "-p", "--disallowedTools"),
        ("Read", "Grep", "Glob"),
    )
    command, _ = held_to_reading(POLICY, "codex", ("codex", "exec"), named=False)
    assert command == ("codex", "exec", "--sandbox", "read-only")
    worded, _ = held_to_reading(POLICY, "codex", ("codex", "exec", "--", "x"), named=False)
    assert worded == ("codex", "exec", "--sandbox", "read-only", "--", "x")


@pytest.mark.parametrize(
    ("product", "command"),
    [
        ("claude-code", ("claude", "-p", "--dangerously-skip-permissions")),
        ("codex", ("codex", "exec", "--sandbox=danger-full-access")),
        ("codex", ("codex", "exec", "--yolo")),
        ("generic", ("sh", "-c", "rm -rf .")),
    ],
)
def test_more_than_reading_is_refused(product: str, command: tuple[str, ...]) -> None:
    """Flags that widen, and commands of which nothing is known."""
    with pytest.raises(Refused):
        held_to_reading(POLICY, product, command, named=False)


def test_an_unknown_command_runs_when_named() -> None:
    """Whoever names the agent answers for it."""
    assert held_to_reading(POLICY, "generic", ("x",), named=True) == (("x",), ())


def test_the_diff_cannot_end_its_fence() -> None:
    """The question names a word of chance around the diff, and braces in it stay."""
    told = prompt("+{evil} {nonce}", part=1, parts=2, nonce="k3y")
    assert told.count("k3y") == 3
    assert "+{evil} {nonce}" in told
    assert '{"findings": [{' in told
