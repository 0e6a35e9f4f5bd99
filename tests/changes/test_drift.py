"""Drift: what is live and was never a change here; what moves, or is about to, is none."""

import msgspec
from tests.changes.made_changes import NOW, in_state, manifest, opened

from pawl.changes.change import State
from pawl.changes.drift import drifted, manifest_of_drift
from pawl.changes.manifest import part_digest, problems
from pawl.changes.parts import Prompt
from pawl.changes.registry import Live, Registry

NAME = "prompt/support"
LIVE = Prompt(text="Be kind.")
OTHER = Prompt(text="Moved by hand.")


def registry(**other: object) -> Registry:
    """Return a registry in which the prompt is live."""
    live = Live(component=NAME, part=part_digest(LIVE), goes_back_to="", since=NOW, change="chg-0")
    return msgspec.structs.replace(Registry(history={NAME: (live,)}), **other)


def test_what_is_as_it_was_put_is_no_drift() -> None:
    """The same content is none, nor is a component that no change here ever set."""
    assert drifted(registry(), {NAME: LIVE, "prompt/unknown": OTHER}, ()) == ()


def test_what_is_something_else_is_drift() -> None:
    """Other content, and content that went."""
    assert drifted(registry(), {NAME: OTHER}, ()) == (NAME,)
    assert drifted(registry(), {NAME: None}, ()) == (NAME,)


def test_what_moves_or_was_approved_is_none() -> None:
    """One on its way may be in between; an approved one may be merged before it starts."""
    assert drifted(registry(rolling={NAME: ("chg-1",)}), {NAME: OTHER}, ()) == ()
    plan = manifest(parts={NAME: OTHER}, base={NAME: LIVE})
    approved = in_state(State.APPROVED, plan)
    assert drifted(registry(), {NAME: OTHER}, (approved,)) == ()
    assert drifted(registry(), {NAME: Prompt(text="A third.")}, (approved,)) == (NAME,)
    assert opened(plan).state is State.DRAFT


def test_what_was_found_can_be_taken_back() -> None:
    """Its manifest is sound: before and after, and the way back of what was live."""
    found = manifest_of_drift({NAME: LIVE, "prompt/x": LIVE}, {NAME: OTHER}, manifest())
    assert (found.parts, found.base) == ({NAME: OTHER}, {NAME: LIVE})
    assert problems(found) == ()
    assert found.rollback == manifest().rollback
    many = {f"prompt/{n}": OTHER for n in range(200)}
    assert problems(manifest_of_drift(dict.fromkeys(many, LIVE), many, manifest())) == ()
