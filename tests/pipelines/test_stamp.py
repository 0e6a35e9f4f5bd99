"""What Pawl wrote is told from what somebody changed, and from what an older Pawl wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipelines.made import PATTERNS, made

from pawl.pipelines.generate import template_digest
from pawl.pipelines.pattern import Host
from pawl.pipelines.stamp import State, mark_of, state_of

TODAY = template_digest("review", PATTERNS["review"], Host.GITHUB)
TEXT = made("review", max_usd="1").text


def test_the_first_comment_names_the_command() -> None:
    """The first line is the command that makes the file again, with what was said."""
    first = TEXT.splitlines()[0]
    assert first == "# Written by: pawl ci generate review --host github --max-usd 1"


def test_what_was_written_is_current() -> None:
    """A file as it was written is current, and where a checkout changed its line ends too."""
    assert state_of(TEXT, TODAY) is State.CURRENT
    assert state_of(TEXT.replace("\n", "\r\n"), TODAY) is State.CURRENT


@given(st.integers(0, len(TEXT) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_any_other_character_is_an_edit(at: int, other: str) -> None:
    """Whichever character is changed, the file is no longer called current."""
    if TEXT[at] == other:
        return
    assert state_of(TEXT[:at] + other + TEXT[at + 1 :], TODAY) is not State.CURRENT


@pytest.mark.parametrize(
    "edited",
    [
        TEXT.replace('MAX_USD: "1"', 'MAX_USD: "99"'),
        TEXT.replace("--max-usd 1\n", "--max-usd 2\n"),
        TEXT + "# more\n",
        TEXT.rpartition("\n  outsider:")[0],
    ],
)
def test_an_edit_is_told(edited: str) -> None:
    """A limit, the command, a line more, a job less: each is an edit."""
    assert edited != TEXT
    assert state_of(edited, TODAY) is State.EDITED
    assert state_of(edited, "0" * 64) is State.EDITED_AND_OUTDATED


def test_an_older_template_is_told() -> None:
    """A file from another template is of an older one; of a pattern that is gone, unknown."""
    assert state_of(TEXT, "0" * 64) is State.OUTDATED
    assert state_of(TEXT, None) is State.UNKNOWN


@pytest.mark.parametrize("text", ["", "name: x\n", "\n" * 9 + TEXT, "# pawl.pipeline/1\n"])
def test_a_file_without_the_mark_is_not_ours(text: str) -> None:
    """Without the mark among its first lines a file is somebody else's."""
    assert mark_of(text) is None
    assert state_of(text, TODAY) is State.FOREIGN
