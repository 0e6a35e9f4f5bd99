"""The lists of judgement load, say where they come from, and mean what rules take them for."""

import re
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.assets import judgement
from pawl.assets.credentials import credentials_in

LISTS: list[Callable[[], msgspec.Struct]] = [
    judgement.claude_names, judgement.acts, judgement.roles, judgement.rivals, judgement.homes,
    judgement.credentials, judgement.prohibitions, judgement.dynamic_commands,
    judgement.hidden_orders,
]  # fmt: skip
SHAPES = judgement.credentials().shapes


@pytest.mark.parametrize("read", LISTS)
def test_a_list_says_where_it_comes_from(read: Callable[[], msgspec.Struct]) -> None:
    """Each list names its sources and the day it was looked at."""
    held = read()
    sources = held.source if isinstance(held.source, tuple) else (held.source,)  # type: ignore[attr-defined]
    assert all(each.startswith(("https://", "observed with ")) for each in sources)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", held.as_of)  # type: ignore[attr-defined]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.sign)
def test_a_shape_begins_with_its_sign(shape: judgement.Shape) -> None:
    """A pattern matches only from its sign on, and keeps the secret part in its one group."""
    assert re.compile(shape.pattern).groups == 1
    assert shape.pattern.replace("\\.", ".").startswith(shape.sign)


@given(
    st.text(
        alphabet="abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789",
        min_size=36,
        max_size=36,
    )
)
def test_a_random_token_is_found_once_and_not_told(secret: str) -> None:
    """A token of random letters is found where it stands, unless it looks like a stand-in."""
    text = f"line\nexport T=ghp_{secret} # x\n"
    found = credentials_in(text)
    assert all(each.issuer == "GitHub" and each.at == 14 for each in found)
    assert all(secret not in str(each) for each in found)
    plain = not any(word.lower() in secret.lower() for word in judgement.credentials().stand_ins)
    assert len(found) == (plain and len(set(secret)) >= 8)


def test_what_is_retired_is_not_known() -> None:
    """No tool is both there and gone, and what one became is there."""
    names = judgement.claude_names()
    assert not set(names.retired) & set(names.tools)
    assert all(now in names.tools for now in names.retired.values() if now)


def test_a_verb_is_not_harmless() -> None:
    """No word both does the act and takes it back."""
    assert not set(judgement.acts().verbs) & set(judgement.acts().harmless)
    assert not set(judgement.roles().looks) & set(judgement.roles().mends)


def test_patterns_of_data_compile_and_are_bounded() -> None:
    """Patterns in the lists compile and repeat nothing without an end."""
    held = [shape.pattern for shape in SHAPES]
    held += [order.pattern for order in judgement.hidden_orders().orders]
    held += [each.pattern for each in judgement.prohibitions().prohibitions]
    held += [judgement.prohibitions().forbids, *judgement.claude_names().model_shapes]
    for pattern in held:
        re.compile(pattern)
        assert not re.search(r"(?<!\\)[*+](?![^\[]*\])", pattern.replace(r"\*", "")), pattern
