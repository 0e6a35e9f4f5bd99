"""Files of several YAML documents, broken and hostile ones too."""

from hypothesis import given
from hypothesis import strategies as st

from pawl.parsing.yaml_documents import documents, entries, get, items, text_of


def test_one_broken_document_does_not_hide_the_others() -> None:
    """What can be read is read, and what cannot is told of."""
    found, problem = documents("a: 1\n---\nb: [\n---\nc: 3\n", place="x.yaml")
    assert found == [{"a": 1}, {"c": 3}]
    assert problem


def test_an_alias_bomb_is_refused() -> None:
    """A document that grows when it is read is a problem, not a memory."""
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
    )
    found, problem = documents(bomb, place="x.yaml")
    assert found == []
    assert problem


def test_looking_up_never_raises() -> None:
    """What is not there, or is of another shape, is None or nothing."""
    assert get({"a": [1]}, "a", "b") is None
    assert items({"a": 1}, 3) == []
    assert entries([1], 3) == []
    assert text_of(True) == "true"
    assert text_of(None) == ""


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Odd text gives documents, a problem, or nothing."""
    found, problem = documents(text, place="x.yaml")
    assert isinstance(found, list)
    assert isinstance(problem, str)
