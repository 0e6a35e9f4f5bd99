"""No value changes the shape of a template: it is refused, or it stands there as it is."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadValue
from pawl.pipelines.template import fill

TEMPLATE = """\
a:
  whole: @{value}
  list:
    - @{value}
  after: x
"""
SCRIPT = """\
run: |
  echo @[value] done
  true
after: x
"""
ODD = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        (
            *("${{ secrets.X }}", "$HOME", "a: b", "- x", "'", '"', "\\", "\n", "#", "x #y", "&a"),
            *("!!python/name:os.system", "{a: b}", "[a", "%TAG", "@{value}", "@[value]", "\u2028"),
            *(
                "~",
                "null",
                "yes",
                "0x1F",
                "1e3",
                "2026-11-21",
                ";rm -rf /",
                "`id`",
                "$(id)",
                "\x85",
            ),
            *("*a", "", "a\\\nb"),
        )
    ),
)


@given(ODD)
def test_a_whole_value_is_itself_or_refused(value: str) -> None:
    """Any text comes back from the YAML as the same text, at the same two places."""
    try:
        text = fill(TEMPLATE, {"value": value})
    except BadValue:
        return
    assert yaml.safe_load(text) == {"a": {"whole": value, "list": [value], "after": "x"}}
    assert "$" not in text


@given(st.lists(ODD, max_size=4).map(tuple))
def test_a_list_is_itself_or_refused(values: tuple[str, ...]) -> None:
    """Any list of texts comes back as the same list."""
    try:
        text = fill("a: @{value}\n", {"value": values})
    except BadValue:
        return
    assert yaml.safe_load(text) == {"a": list(values)}


@given(ODD)
def test_a_word_means_nothing_to_yaml_or_a_shell(value: str) -> None:
    """What stands within a script has no character that a shell, YAML or an expression reads."""
    try:
        text = fill(SCRIPT, {"value": value})
    except BadValue:
        return
    assert yaml.safe_load(text) == {"run": f"echo {value} done\ntrue\n", "after": "x"}
    assert not set(value) & set(" \t\n'\"`$&|;<>(){}[]*?~#!\\")


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    """A value that looks like a place stays what it is."""
    assert fill("a: @{value}\n", {"value": "@{other} @[other]"}) == 'a: "@{other} @[other]"\n'


def test_numbers_are_numbers() -> None:
    """A count stands without quotes, a text of digits within them."""
    assert yaml.safe_load(fill("a: @{n}\nb: @{t}\n", {"n": 3, "t": "3"})) == {"a": 3, "b": "3"}


def test_a_block_is_indented_like_its_place() -> None:
    """Lines of ours take the indentation of their place, and their own words."""
    text = fill("run: |\n  @<lines>\n  end\n", {"v": "1"}, {"lines": ("a @[v] \\", "  b")})
    assert text == "run: |\n  a 1 \\\n    b\n  end\n"


@pytest.mark.parametrize("line", ["a @<lines>", "a: @{v} b", "# @{v}", "a: x@{v}", "a:@{v}"])
def test_a_place_where_none_can_be_is_a_defect(line: str) -> None:
    """A template with a place that cannot be filled safely is refused, whatever the value."""
    with pytest.raises(ValueError):
        fill(line, {"v": "x"}, {"lines": ("x",)})


@pytest.mark.parametrize("line", ["a: @{gone}", "a: @[gone]", "@<gone>"])
def test_a_place_without_a_value_is_a_defect(line: str) -> None:
    """Nothing stands for what was not given."""
    with pytest.raises(KeyError):
        fill(line, {})
