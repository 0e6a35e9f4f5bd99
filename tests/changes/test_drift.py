"""Drift: what is live and was never a change here; what moves, or is about to, is none."""

import msgspec
from tests.changes.made_changes import NOW, in_state, manifest, opened

from pawl.changes.change import State
from pawl.changes.drift import drifted, explained, manifest_of_drift, parts_there, stand_in
from pawl.changes.manifest import part_digest, problems
from pawl.changes.parts import WORK_OF, Part, Prompt
from pawl.changes.registry import Live, Registry

NAME = "prompt/support"
LIVE = Prompt(text="Be kind.")
OTHER = Prompt(text="Moved by hand.")


def registry(**other: object) -> Registry:
    """Return a registry in which the prompt is live."""
    live = Live(component=NAME, part=part_digest(LIVE), goes_back_to="", since=NOW, change="chg-0")
    return msgspec.structs.replace(Registry(history={NAME: (live,)}), **other)


def digests(parts: dict[str, Part | None]) -> dict[str, str]:
    """Return what a place that knows no parts reads back."""
    return {name: part_digest(part) for name, part in parts.items()}


def test_what_is_as_it_was_put_is_no_drift() -> None:
    """The same content is none, nor is a component that no change here ever set."""
    assert drifted(registry(), digests({NAME: LIVE, "prompt/unknown": OTHER}), ()) == ()


def test_what_is_something_else_is_drift() -> None:
    """Other content, and content that went."""
    assert drifted(registry(), digests({NAME: OTHER}), ()) == (NAME,)
    assert drifted(registry(), digests({NAME: None}), ()) == (NAME,)


def test_what_moves_or_was_approved_is_none() -> None:
    """One on its way may be in between; an approved one may be merged before it starts."""
    assert drifted(registry(rolling={NAME: ("chg-1",)}), digests({NAME: OTHER}), ()) == ()
    plan = manifest(parts={NAME: OTHER}, base={NAME: LIVE})
    approved = in_state(State.APPROVED, plan)
    assert drifted(registry(), digests({NAME: OTHER}), (approved,)) == ()
    assert drifted(registry(), digests({NAME: Prompt(text="A third.")}), (approved,)) == (NAME,)
    assert opened(plan).state is State.DRAFT


def test_what_was_found_can_be_taken_back() -> None:
    """Its manifest is sound: before and after, and the way back of what was live."""
    found = manifest_of_drift({NAME: LIVE, "prompt/x": LIVE}, {NAME: OTHER}, manifest())
    assert (found.parts, found.base) == ({NAME: OTHER}, {NAME: LIVE})
    assert problems(found) == ()
    assert found.rollback == manifest().rollback
    many = {f"prompt/{n}": OTHER for n in range(200)}
    assert problems(manifest_of_drift(dict.fromkeys(many, LIVE), many, manifest())) == ()


def test_a_digest_becomes_the_part_that_it_is_of_where_one_is_known() -> None:
    """Absence and both states of a change are told whole; of all else the digest stands there."""
    known = manifest(parts={NAME: OTHER}, base={NAME: LIVE})
    for part in (LIVE, OTHER, None):
        assert parts_there(digests({NAME: part}), known) == {NAME: part}
    odd = "a" * 64
    assert parts_there({NAME: odd}, known) == {NAME: Prompt(text=f"sha256:{odd}")}


def test_every_kind_has_a_stand_in_that_is_sound_and_known_again() -> None:
    """What was found by a digest is no drift as long as the same digest is read back."""
    odd = "a" * 64
    for kind in {str(part.__struct_config__.tag) for part in WORK_OF}:
        name = f"{kind}/x"
        part = stand_in(name, odd)
        assert problems(manifest_of_drift({name: None}, {name: part}, manifest())) == ()
        live = Live(component=name, part=part_digest(part), goes_back_to="", since=NOW)
        there = Registry(history={name: (live,)})
        assert drifted(there, {name: odd}, ()) == ()
        assert drifted(there, {name: "b" * 64}, ()) == (name,)


def test_a_branch_is_explained_by_what_was_here() -> None:
    """What was live, what stood before it, and what was rolled back; nothing else."""
    live = Live(component=NAME, part="a", goes_back_to="b", since=NOW)
    known = Registry(history={NAME: (live,)}, quarantine={f"{NAME}@c": NOW})
    assert [explained(known, NAME, each) for each in "abcd"] == [True, True, True, False]
    assert not explained(known, "prompt/x", "a")
