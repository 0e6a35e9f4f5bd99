"""The manifest: its digest is of everything it says, and of nothing else."""

import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.changes.made_changes import manifest
from tests.changes.made_manifests import manifests

from pawl.base import typed
from pawl.base.errors import BadFile, BadValue
from pawl.changes.manifest import (
    MAX_PARTS,
    Manifest,
    changed,
    difference,
    manifest_digest,
    part_digest,
    parts_digest,
    problems,
    read_manifest,
    works_of,
)
from pawl.changes.parts import (
    Model,
    Part,
    PolicyFile,
    Prompt,
    Tool,
    widened,
)
from pawl.changes.plan import Rollout, Stage
from pawl.governance.raci import Work


def shuffled(value: Any, chance: random.Random) -> Any:
    """Return the same JSON value with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    if isinstance(value, list):
        return [shuffled(each, chance) for each in value]
    return value


@settings(max_examples=40)
@given(manifests(), st.randoms(use_true_random=False), st.sampled_from([None, 0, 1, 4]))
def test_spacing_and_the_order_of_keys_change_no_digest(
    plan: Manifest, chance: random.Random, indent: int | None
) -> None:
    """The same manifest written by another tool, in another order, has the same digest."""
    text = json.dumps(shuffled(msgspec.to_builtins(plan), chance), indent=indent)
    assert manifest_digest(read_manifest(text.encode(), place="x")) == manifest_digest(plan)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Return every leaf of a JSON value with where it stands."""
    if isinstance(value, dict):
        return [each for key, item in value.items() for each in leaves(item, (*path, key))]
    if isinstance(value, list):
        return [each for key, item in enumerate(value) for each in leaves(item, (*path, key))]
    return [(path, value)]


@settings(max_examples=40)
@given(manifests(), st.data())
def test_editing_any_value_changes_the_digest(plan: Manifest, data: st.DataObject) -> None:
    """Whatever is edited anywhere in a manifest, approvals of before are of something else."""
    value = msgspec.to_builtins(plan)
    path, leaf = data.draw(st.sampled_from(leaves(value)))
    new = data.draw(
        st.sampled_from(
            [f"{leaf} ", f"{leaf}x", "", None, True, False, 0, 1, 0.5, "high", "ask", "low"]
        ).filter(lambda each: json.dumps(each) != json.dumps(leaf) and each != leaf)
    )
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    try:
        edited = typed.convert(value, Manifest)
    except msgspec.ValidationError:
        return
    assert manifest_digest(edited) != manifest_digest(plan)


@settings(max_examples=40)
@given(manifests())
def test_what_changes_is_what_has_another_digest(plan: Manifest) -> None:
    """A component changes exactly where its canonical bytes do, whatever Python calls equal."""
    assert set(changed(plan)) == {
        name for name in plan.parts if part_digest(plan.parts[name]) != part_digest(plan.base[name])
    }
    assert [each.component for each in difference(plan)] == [*changed(plan)]
    assert bool(works_of(plan)) == bool(changed(plan))


def test_true_is_not_one() -> None:
    """A parameter that turns from 1 to true is a change, though Python calls the two equal."""
    plan = manifest(
        parts={"model/m": Model(family="f", model="m", parameters={"n": True})},
        base={"model/m": Model(family="f", model="m", parameters={"n": 1})},
    )
    assert changed(plan) == ("model/m",)
    whole = msgspec.structs.replace(
        plan, parts={"model/m": Model(family="f", model="m", parameters={"n": 1.0})}
    )
    assert changed(whole) == ()


def test_the_work_is_what_changes_and_not_what_is_said() -> None:
    """A policy edited beside a prompt makes it policy work too; an untouched one does not."""
    old, new = PolicyFile(digest="a"), PolicyFile(digest="b")
    prompt: dict[str, Part | None] = {"prompt/p": Prompt(text="x")}
    base: dict[str, Part | None] = {"prompt/p": None, "policy/gates": old}
    same = manifest(parts={**prompt, "policy/gates": old}, base=base)
    edited = manifest(parts={**prompt, "policy/gates": new}, base=base)
    removed = manifest(parts={**prompt, "policy/gates": None}, base=base)
    assert works_of(same) == {Work.PROMPT}
    assert works_of(edited) == works_of(removed) == {Work.PROMPT, Work.POLICY}


def test_the_read_back_is_of_parts_only() -> None:
    """Another title is another change and the same state of the world."""
    one, other = manifest(), manifest(title="Other words")
    assert manifest_digest(one) != manifest_digest(other)
    assert parts_digest(one.parts) == parts_digest(other.parts) != parts_digest(one.base)


STAGE = Stage(name="all", exposure=1.0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"parts": {}, "base": {}}, "0 parts"),
        ({"parts": dict.fromkeys(map(str, range(MAX_PARTS + 1)))}, "10001 parts"),
        ({"base": {}}, "both before and after"),
        ({"parts": {"prompt/p": None}, "base": {"prompt/p": None}}, "changes nothing"),
        ({"parts": {"x": Prompt(text="")}, "base": {"x": None}}, "no component"),
        (
            {"parts": {"prompt/a\nb": Prompt(text="")}, "base": {"prompt/a\nb": None}},
            "no component",
        ),
        ({"parts": {"code/x": Prompt(text="")}, "base": {"code/x": None}}, "holds a prompt"),
        ({"rollback": None}, "how to go back"),
        ({"rollout": Rollout(stages=())}, "0 stages"),
        ({"rollout": Rollout(stages=(STAGE, STAGE))}, "one name"),
        ({"rollout": Rollout(stages=(Stage(name="a", exposure=0),))}, "no share"),
        ({"rollout": Rollout(stages=(STAGE, Stage(name="b", exposure=0.5)))}, "fewer than"),
        (
            {"rollout": Rollout(stages=(Stage(name="a", exposure=1, hold_s=-1),))},
            "less than nothing",
        ),
    ],
)
def test_every_problem_is_told(fields: dict[str, Any], words: str) -> None:
    """A manifest that cannot be judged says in a sentence what is wrong with it."""
    assert problems(manifest()) == ()
    found = problems(manifest(**fields))
    assert any(words in each for each in found), found


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{", b'{"title": 1}', b'{"title": "x", "extra": 1}', b"\xff\xfe", b"[" * 100_000],
)
def test_what_is_no_manifest_is_a_bad_file(text: bytes) -> None:
    """Hostile bytes end in an error that names the file."""
    with pytest.raises(BadFile, match=r"m\.json"):
        read_manifest(text, place="m.json")


def test_numbers_that_readers_disagree_on_have_no_digest() -> None:
    """An integer beyond 2**53, or no number at all, is refused where it comes in."""
    for number in (2**60, float("nan"), float("inf")):
        part = Model(family="f", model="m", parameters={"n": number})
        with pytest.raises(BadValue):
            manifest_digest(manifest(parts={"model/m": part}, base={"model/m": None}))
    huge = msgspec.to_builtins(
        manifest(parts={"model/m": Model(family="f", model="m")}, base={"model/m": None})
    )
    huge["parts"]["model/m"]["parameters"] = {"n": 2**60}
    with pytest.raises(BadFile):
        read_manifest(json.dumps(huge).encode(), place="m.json")


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        (None, Tool(permission="ask"), True),
        (None, Tool(permission="deny"), False),
        (Tool(permission="ask"), Tool(permission="allow"), True),
        (Tool(permission="allow"), Tool(permission="ask"), False),
        (Tool(permission="allow"), None, False),
        (
            Tool(permission="allow", powers=("a",)),
            Tool(permission="allow", powers=("a", "b")),
            True,
        ),
        (
            Tool(permission="allow", powers=("a", "b")),
            Tool(permission="allow", powers=("a",)),
            False,
        ),
        (Tool(permission="allow", powers=("a",)), Tool(permission="allow"), True),
        (Tool(permission="allow"), Tool(permission="allow", powers=("a",)), False),
        (Prompt(text="x"), Tool(permission="allow"), True),
    ],
)
def test_a_tool_that_may_do_more_is_seen(
    before: Part | None, after: Part | None, wider: bool
) -> None:
    """A new tool, a wider permission or another power is more; naming no power is all of them."""
    assert widened(before, after) is wider
