"""What changes in a part is told in the words of its kind, with what is easily overlooked."""

import pytest
from hypothesis import given
from tests.changes.made_manifests import manifests

from pawl.changes.manifest import Manifest, changed
from pawl.changes.parts import (
    Budget,
    Code,
    Data,
    EvalSet,
    Model,
    Part,
    PolicyFile,
    Prompt,
    Routing,
    Tool,
)
from pawl.services.part_difference import part_difference, part_differences

CASES: list[tuple[str, Part | None, Part | None, dict[str, tuple[str | None, str | None]]]] = [
    (
        "model/m",
        Model(family="f", model="a", parameters={"t": 1}),
        Model(family="f", model="b", parameters={"t": True}),
        {"model": ("a", "b"), "parameter t": ("1", "true")},
    ),
    (
        "tool/t",
        Tool(permission="deny"),
        Tool(permission="ask", powers=("x",)),
        {"permission": ("deny", "ask"), "power x": (None, "yes")},
    ),
    (
        "routing/r",
        Routing(permille={"a": 900, "b": 100}),
        Routing(permille={"a": 1000}),
        {"a": ("90 %", "100 %"), "b": ("10 %", None)},
    ),
    (
        "budget/b",
        Budget(micros=1_000_000, period="day"),
        Budget(micros=2_000_000, period="day"),
        {"limit": ("$1.00 per day", "$2.00 per day")},
    ),
    ("data/d", Data(classes=("a",)), Data(classes=("a", "b")), {"class b": (None, "yes")}),
    (
        "eval-set/e",
        EvalSet(digest="d", cases=None),
        EvalSet(digest="d", cases=1_200),
        {"cases": ("unknown", "1,200")},
    ),
    ("code/c", Code(digest="a"), Code(digest="b"), {"digest": ("a", "b")}),
    ("policy/p", None, PolicyFile(digest="b"), {"digest": (None, "b")}),
]


@pytest.mark.parametrize(("name", "before", "after", "wanted"), CASES)
def test_each_kind_has_its_words(
    name: str,
    before: Part | None,
    after: Part | None,
    wanted: dict[str, tuple[str | None, str | None]],
) -> None:
    """Only what differs is told, with its units."""
    told = part_difference(name, before, after)
    assert {each.name: (each.before, each.after) for each in told.fields} == wanted
    assert not told.words


def test_a_prompt_is_told_word_by_word() -> None:
    """A new one is all new, one that goes all gone."""
    new = part_difference("prompt/p", None, Prompt(text="Be kind."))
    assert (new.how, [piece.kind for piece in new.words]) == ("new", ["in"])
    gone = part_difference("prompt/p", Prompt(text="Be kind."), None)
    assert (gone.how, [piece.kind for piece in gone.words]) == ("gone", ["out"])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (Tool(permission="ask", powers=("a",)), Tool(permission="allow"), "may do more"),
        (None, Tool(permission="ask"), "all of them"),
        (Data(classes=()), Data(classes=("health",)), "health"),
        (Model(family="a", model="x"), Model(family="b", model="x"), "another family"),
    ],
)
def test_what_is_easily_overlooked_is_said(
    before: Part | None, after: Part | None, said: str
) -> None:
    """A sentence says what a value alone does not."""
    assert said in " ".join(part_difference("x/y", before, after).notes)


@given(manifests())
def test_every_component_that_changes_is_told(manifest: Manifest) -> None:
    """None is left out, and each says what is other about it."""
    told = part_differences(manifest)
    assert tuple(each.component for each in told) == changed(manifest)
    assert all(each.fields or each.words or each.how != "changed" for each in told)
