"""YAML with lines: anchors, merges, tags, and what is too much."""

import pytest

from pawl.base.errors import BadFile
from pawl.parsing.lined_yaml import Reference, read_lined


def test_values_know_their_lines() -> None:
    """A value's line is where it is written; a block's is its first line of text."""
    lined = read_lined("a:\n  b: 1\n  c: |\n    x\n", place="f")
    assert lined.value == {"a": {"b": 1, "c": "x\n"}}
    assert (lined.line("a", "b"), lined.line("a", "c"), lined.line("a", "zz")) == (2, 4, 2)


def test_words_stay_words() -> None:
    """`on`, `yes` and times are text, as in YAML 1.2."""
    lined = read_lined("on: yes\nno: 12:30\nt: true\nn: ~\nf: 1.5\n", place="f")
    assert lined.value == {"on": "yes", "no": "12:30", "t": True, "n": None, "f": 1.5}


def test_anchors_merges_and_references_are_followed() -> None:
    """What is written beside a merge wins over what is merged."""
    lined = read_lined(
        "b: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\nd:\n  <<: [*b, {z: 4}]\ne: !reference [b, x]\n",
        place="f",
    )
    assert lined.value["c"] == {"x": 1, "y": 3}
    assert lined.value["d"] == {"x": 1, "y": 2, "z": 4}
    assert lined.value["e"] == Reference(("b", "x"))


def test_an_empty_document_is_nothing() -> None:
    """No document is no value."""
    assert read_lined("# only a comment\n", place="f").value is None


@pytest.mark.parametrize("text", ["a: &a [*a]\n", "[" * 150, "a: [", "a: *b\n", "\x00"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    """Loops, depth, broken text and unknown aliases are refused with their place."""
    with pytest.raises(BadFile) as refused:
        read_lined(text, place="f.yml")
    assert refused.value.place.startswith("f.yml")
