"""Which name somebody meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.nearest import MAX_NAME, nearest

KNOWN = ("permissions", "enableAllProjectMcpServers", "hooks", "model", "PreToolUse", "deny")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("permission", "permissions"),
        ("premissions", "permissions"),
        ("enableAllProjectMCPServers", "enableAllProjectMcpServers"),
        ("pre_tool_use", "PreToolUse"),
        ("hook", "hooks"),
        ("mdoel", "model"),
        ("Deny", "deny"),
    ],
)
def test_a_slip_is_told_from_its_name(written: str, meant: str) -> None:
    """A letter too few, two swapped, another case or other signs between words are slips."""
    assert nearest(written, KNOWN) == meant


@pytest.mark.parametrize("written", ["hooks", "moods", "permit", "dy", "", "x" * 61, "theme"])
def test_other_names_are_near_to_nothing(written: str) -> None:
    """A known name, a short one, a long one and one of two letters' distance is no slip."""
    assert nearest(written, KNOWN) is None


@given(
    name=st.text("abcdefgh", min_size=8, max_size=20),
    at=st.integers(0, 19),
    letter=st.sampled_from("xyz"),
)
def test_one_wrong_letter_is_always_found(name: str, at: int, letter: str) -> None:
    """Whichever letter of a long name is wrong, the name is found."""
    place = at % len(name)
    written = name[:place] + letter + name[place + 1 :]
    assert nearest(written, (name, "quite-another-name")) == name


@given(st.text(max_size=MAX_NAME + 5), st.lists(st.text(max_size=70), max_size=8))
def test_any_text_is_compared(written: str, known: list[str]) -> None:
    """What is found is one of the known names, and never the very same."""
    found = nearest(written, known)
    assert found is None or (found in known and found != written)
