"""`pass_when` is a small language: total to read, bounded, and honest about what is unknown."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.evals.passing import BadExpression, Expression, evaluate, ids, parse

KNOWN = ("a", "b", "c-1")


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("all", {"a": True, "b": True, "c-1": True}, True),
        ("all", {"a": True, "b": None, "c-1": True}, None),
        ("all", {"a": False, "b": None, "c-1": True}, False),
        ("a or b and c-1", {"a": True, "b": False, "c-1": False}, True),
        ("(a or b) and c-1", {"a": True, "b": False, "c-1": False}, False),
        ("not a", {"a": None}, None),
        ("not a or b", {"a": True, "b": True}, True),
        ("not (a or b)", {"a": False, "b": None}, None),
        ("not not a", {"a": True}, True),
        ("a or b", {"a": None, "b": True}, True),
        ("a", {}, None),
    ],
)
def test_unknown_decides_only_where_the_rest_does_not(
    text: str, values: dict[str, bool | None], holds: bool | None
) -> None:
    """`not` binds most, then `and`, then `or`; unknown stays unknown unless the rest decides."""
    assert evaluate(parse(text, KNOWN), values) is holds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends where"),
        ("a and", "ends where"),
        ("a b", "Character 3 .*'b' cannot stand here"),
        ("(a", "ends where"),
        ("a)", "Character 2"),
        ("d", "no assertion has the id 'd'"),
        ("a & b", "Character 2 .* means nothing"),
        ("a and all", "'all' cannot stand here"),
        ("not " * 30 + "a", "nested more than 20"),
        ("(" * 500 + "a" + ")" * 500, "nested more than 20"),
        ("a or " * 500 + "a", "longer than"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(text: str, said: str) -> None:
    """An expression that cannot be read is refused with the character it stumbles at."""
    with pytest.raises(BadExpression, match=said):
        parse(text, KNOWN)


_WORDS = st.sampled_from([*KNOWN, "and", "or", "not", "(", ")", "all", "x", " ", "\n", "é", "-"])


@given(st.lists(_WORDS, max_size=40).map(" ".join) | st.text(max_size=100))
def test_reading_is_total(text: str) -> None:
    """Any text is an expression over known ids or a BadExpression."""
    try:
        found = parse(text, KNOWN)
    except BadExpression:
        return
    assert ids(found) <= set(KNOWN)


_TREES = st.recursive(
    st.sampled_from(KNOWN).map(lambda name: Expression("", id=name)),
    lambda inner: st.one_of(
        inner.map(lambda one: Expression("not", (one,))),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)).map(
            lambda both: Expression(both[0], tuple(both[1]))
        ),
    ),
    max_leaves=8,
)


def _written(tree: Expression) -> str:
    if not tree.word:
        return tree.id
    if tree.word == "not":
        return f"not ({_written(tree.parts[0])})"
    return f" {tree.word} ".join(f"({_written(part)})" for part in tree.parts)


@given(_TREES)
def test_a_written_tree_reads_back(tree: Expression) -> None:
    """An expression that was written out with brackets means what it meant."""
    assert parse(_written(tree), KNOWN) == tree


@given(_TREES, st.tuples(*[st.sampled_from([True, False, None])] * 3))
def test_a_known_answer_holds_whatever_the_unknown_turns_out_to_be(
    tree: Expression, values: tuple[bool | None, ...]
) -> None:
    """Where an answer is given although parts are unknown, no way they turn out changes it."""
    given_values = dict(zip(KNOWN, values, strict=True))
    answer = evaluate(tree, given_values)
    blanks = [name for name, value in given_values.items() if value is None]
    for filled in product((True, False), repeat=len(blanks)):
        later = evaluate(tree, {**given_values, **dict(zip(blanks, filled, strict=True))})
        assert later is not None
        assert answer is None or later is answer
