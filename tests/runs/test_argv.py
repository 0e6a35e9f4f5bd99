"""Command lines are taken apart far enough to add to them, and no further."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.runs.argv import Grammar, parse

GRAMMAR = Grammar(
    one=("--model",), several=("--tools",), perhaps=("--resume",),
    aliases={"-p": "--print", "-c": "--continue", "-m": "--model"}, bundles="pc",
)  # fmt: skip


def test_flags_words_and_values() -> None:
    """Values go with their flags; what is left are words; `--` ends the flags."""
    asked = parse(
        ("-p", "hi", "--model", "-odd", "--tools", "A", "B", "--resume", "--x=1", "--", "--y"),
        GRAMMAR,
    )
    assert asked.has("--print")
    assert not asked.has("--y")
    assert asked.words == ("hi", "--y")
    assert asked.value("--model") == "-odd"
    assert asked.values("--tools") == ("A", "B")
    assert (asked.has("--resume"), asked.value("--resume")) == (True, None)
    assert asked.value("--x") == "1"


def test_bundles_and_repeats() -> None:
    """Letters written together are flags each; of a repeated flag the last value counts."""
    asked = parse(("-pc", "-m", "one", "--model=two"), GRAMMAR)
    assert asked.has("--print")
    assert asked.has("--continue")
    assert asked.value("--model") == "two"
    assert asked.without("--model") == ("-pc",)


@given(st.lists(st.sampled_from(["-p", "--model", "--tools", "--resume", "x", "--", "-", "--a=b"])))
def test_taking_nothing_out_changes_nothing(argv: list[str]) -> None:
    """Whatever the arguments, leaving out no flag leaves them as they were."""
    assert parse(tuple(argv), GRAMMAR).without() == tuple(argv)
