"""What an item is called, and what is made of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile, BadValue
from pawl.runs.batch_item import (
    MAX_ELEMENT,
    Item,
    Template,
    check_template,
    command_of,
    make_item,
    refuse_duplicates,
    stdin_of,
)


def item(entry: Any) -> Item:
    """Return an entry as the item of line 1."""
    return make_item(entry, "line 1", "f")


def made(entry: Any, *command: str, dashes: bool = False) -> tuple[str, ...]:
    """Return what a command becomes for an entry."""
    return command_of(Template(command=command, dashes=dashes), item(entry), "f")


def test_an_id_is_given_or_the_digest() -> None:
    """A given id is taken; else equal entries have equal ids whatever the order of their keys."""
    assert item({"id": "a", "prompt": "x"}).id == "a"
    assert item({"id": 7}).id == "7"
    one, other = item({"prompt": "x", "n": 1}), item({"n": 1, "prompt": "x"})
    assert one.id == other.id
    assert one.id != item({"prompt": "y", "n": 1}).id
    assert item("x").id != item("y").id


@pytest.mark.parametrize(
    "entry",
    [1, None, ["a"], {"id": ""}, {"id": "a\nb"}, {"id": "a" * 201}, {"id": True}, {"id": 1.5},
     {"prompt": 3}, {"cwd": ""}, {"cwd": "a\0b"}, {"cwd": 3}],
)  # fmt: skip
def test_what_is_no_item_is_refused_with_its_place(entry: Any) -> None:
    """An entry that means nothing is named with its line."""
    with pytest.raises(BadFile) as raised:
        item(entry)
    assert raised.value.place == "f: line 1"


def test_two_items_with_one_id_are_refused_with_both_places() -> None:
    """Whoever wrote the same twice is told where."""
    both = (make_item("same", "line 2", "f"), make_item("same", "line 9", "f"))
    with pytest.raises(BadFile, match="line 2 and line 9 are the same item"):
        refuse_duplicates(both, "f")


def test_placeholders_become_the_items_own_text() -> None:
    """Fields are found by their path; text around a placeholder stays."""
    entry = {"id": "a", "prompt": "say hi", "vars": {"who": "me"}, "n": 3, "yes": True}
    assert made(entry, "x", "{item}") == ("x", "say hi")
    assert made(entry, "{item.id}:{item.n}:{item.yes}:{item.vars.who}") == ("a:3:true:me",)
    assert made({"id": "only"}, "{item}") == ("only",)
    assert made("a line", "{item.id}") == (item("a line").id,)


def test_a_list_alone_in_an_element_becomes_elements() -> None:
    """`args` of an item are as many elements as it has."""
    entry = {"id": "a", "args": ["one", "two words", ""]}
    assert made(entry, "x", "{item.args}", "y") == ("x", "one", "two words", "", "y")
    with pytest.raises(BadFile):
        made(entry, "x{item.args}")
    with pytest.raises(BadFile):
        made({"args": [1]}, "{item.args}")


def test_other_braces_are_left_alone() -> None:
    """A JSON schema on the command line stays as it is, and a doubled placeholder is literal."""
    schema = '{"type":"object","properties":{"item":{}}}'
    assert made("x", schema, "{items}", "{{item}}", "{item }") == (
        schema, "{items}", "{item}", "{item }",
    )  # fmt: skip


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_an_items_text_stays_one_element(text: str) -> None:
    """Nothing that an item says becomes a second element, another placeholder or a shell's."""
    assert made(text, "x", "a{item}b", "z") == ("x", f"a{text}b", "z")


def test_an_item_does_not_become_an_option() -> None:
    """Text from a file that begins with a dash is refused where the agent would take it as one."""
    with pytest.raises(BadFile, match="read as an option"):
        made("--yolo", "x", "-p", "{item}")
    with pytest.raises(BadFile, match="read as an option"):
        made({"args": ["ok", "-x"]}, "x", "{item.args}")
    assert made("--yolo", "x", "--", "{item}") == ("x", "--", "--yolo")
    assert made("--yolo", "x", "--prompt={item}") == ("x", "--prompt=--yolo")
    assert made("--yolo", "x", "{item}", dashes=True) == ("x", "--yolo")


@pytest.mark.parametrize(
    ("entry", "element"),
    [
        ({"prompt": "a\0b"}, "{item}"),
        ({"prompt": "a" * (MAX_ELEMENT + 1)}, "{item}"),
        ({"args": ["a" * 100_000] * 6}, "{item.args}"),
        ({"n": 1}, "{item}"),
        ({"id": "a"}, "{item.nothing}"),
        ({"id": "a", "vars": {}}, "{item.vars.x}"),
        ({"id": "a", "vars": {}}, "{item.vars}"),
        ({"id": "a", "x": None}, "{item.x}"),
    ],
)
def test_what_cannot_be_in_a_command_is_refused(entry: Any, element: str) -> None:
    """A missing field, a mapping, a null character and a giant are named with their place."""
    with pytest.raises(BadFile) as raised:
        made(entry, "x", element)
    assert raised.value.place == "f: line 1"


def test_stdin_is_made_of_a_template() -> None:
    """What is too long for a command goes to stdin, and no template is nothing."""
    long = "ä" * MAX_ELEMENT
    template = Template(command=("x",), stdin="Say: {item}")
    assert stdin_of(template, item(long), "f") == f"Say: {long}".encode()
    assert stdin_of(Template(command=("x",)), item(long), "f") is None


def test_a_command_without_an_item_is_refused() -> None:
    """A hundred times the same is a slip, unless the folders differ."""
    with pytest.raises(BadValue):
        check_template(Template(command=("x", "{{item}}")), [item("a")])
    check_template(Template(command=("x",)), [item({"id": "a", "cwd": "b"})])
    check_template(Template(command=("x",), stdin="{item}"), [item("a")])


@pytest.mark.parametrize(
    "command",
    [
        ("sh", "-c", "grep x {item}"),
        ("/bin/bash", "-ec", "{item}"),
        ("env", "A=1", "python3.11", "-c", "print('{item.name}')"),
        ("node", "--eval", "{item}"),
    ],
)
def test_an_item_does_not_become_a_program(command: tuple[str, ...]) -> None:
    """A placeholder inside a script is refused: whoever wrote the item would write the script."""
    with pytest.raises(BadValue, match="run as a program"):
        check_template(Template(command=command), [item("a")])


@pytest.mark.parametrize(
    "command",
    [
        ("sh", "-c", 'grep x "$1"', "sh", "{item}"),
        ("sh", "-c", "echo {{item}} $1", "sh", "{item}"),
        ("claude", "-c", "{item}"),
        ("bash", "script.sh", "{item}"),
    ],
)
def test_an_item_may_be_an_argument_of_a_program(command: tuple[str, ...]) -> None:
    """What is given to a script as an argument stays text."""
    check_template(Template(command=command), [item("a")])


def test_the_digest_is_of_what_the_agent_gets() -> None:
    """Another command or stdin is another batch."""
    digests = {
        Template(command=("x", "{item}")).digest,
        Template(command=("x {item}",)).digest,
        Template(command=("x", "{item}"), stdin="").digest,
    }
    assert len(digests) == 3
