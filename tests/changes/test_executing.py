"""Intents: one for each event that moves something, tried to a cap, confirmed by what is read."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.changes.made_changes import NOW, at, in_state, manifest
from tests.changes.made_manifests import manifests

from pawl.changes.change import Change, Happened, Happening, State
from pawl.changes.executing import (
    ENDED,
    Errand,
    Intent,
    Progress,
    Unreadable,
    as_digest,
    called,
    confirmed,
    in_vain,
    intent_of,
    is_as_wanted,
    looking,
    numbers,
    order_of,
    seen_of,
    seen_parts,
    superseded,
    told,
    unlike,
    wait_s,
)
from pawl.changes.manifest import Manifest, part_digest, parts_digest
from pawl.changes.parts import Prompt

NUMBERS = numbers()


def made(type: Happening, change: Change | None = None) -> Intent | None:
    """Return the intent of an event of a change."""
    known = change or in_state(State.ROLLING_OUT, version=5)
    return intent_of(known, Happened(type=type, change=known.id, at=NOW, by="x", sets={}))


def start() -> Intent:
    """Return the intent of a start."""
    found = made(Happening.STARTED)
    assert found is not None
    return found


@pytest.mark.parametrize("type", list(Happening))
def test_only_what_moves_something_is_carried_out(type: Happening) -> None:
    """A start, an advance and a rollback are; nothing else ever calls an executor."""
    moves = {Happening.STARTED, Happening.ADVANCED, Happening.ROLLBACK_STARTED}
    assert (made(type) is not None) == (type in moves)


def test_a_rollback_puts_back_what_stood_before() -> None:
    """Its order holds the base, and goes to the executor of the way back."""
    change = in_state(State.ROLLING_BACK, version=7)
    back = made(Happening.ROLLBACK_STARTED, change)
    assert back is not None
    order = order_of(back, change)
    assert (back.id, back.executor, back.wanted) == (
        "chg-1.7", "git-revert", parts_digest(change.manifest.base),
    )  # fmt: skip
    assert (order.kind, order.parts, order.stage, order.exposure) == (
        Errand.ROLLBACK, change.manifest.base, "", 0.0,
    )  # fmt: skip
    assert json.loads(told(order))["parts"]["prompt/support"]["text"] == "Be kind."


def test_what_is_tried_in_vain_ends_at_the_cap() -> None:
    """Each wait is as long as the one before or longer, and after the last there is none."""
    intent, now, waits = start(), NOW, []
    while intent.state not in ENDED:
        intent = msgspec.structs.replace(intent, attempts=intent.attempts + 1)
        intent = in_vain(called(intent, now), "away", now, 0.0, NUMBERS)
        waits.append(intent.due_at)
    assert intent.state is Progress.FAILED
    assert intent.attempts == NUMBERS.attempts_max == len(waits)
    assert waits[:-1] == sorted(waits[:-1])
    assert in_vain(start(), "x" * 9999, NOW, 0.0, NUMBERS, final=True).state is Progress.FAILED
    assert len(in_vain(start(), "x" * 9999, NOW, 0.0, NUMBERS).failure) == 500


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_waits_are_bounded(attempts: int, chance: float) -> None:
    """However often it was tried: no wait is negative, none longer than the longest."""
    wait = wait_s(attempts, chance, NUMBERS)
    assert (wait is None) == (attempts >= NUMBERS.attempts_max)
    assert wait is None or 0 < wait <= NUMBERS.backoff_max_s


def test_what_has_ended_stays_so() -> None:
    """A newer decision ends what is still under way, and leaves what was confirmed."""
    done = confirmed(start(), NOW)
    assert superseded(done, at(1)) == done
    gone = superseded(start(), at(1))
    assert (gone.state, gone.ended_at) == (Progress.FAILED, at(1))


@given(manifests())
def test_parts_and_digests_confirm_the_same(plan: Manifest) -> None:
    """Whichever form it is told in, what is read back is the change, the base, or neither."""
    names = tuple(sorted(plan.parts))
    for parts in (plan.parts, plan.base):
        whole = seen_parts(parts)
        digests = {name: part_digest(part) for name, part in parts.items()}
        short = seen_of(json.dumps({"digests": digests}).encode(), names)
        for seen in (whole, short):
            assert is_as_wanted(seen, parts)
            assert unlike(seen, parts) == ()
            assert as_digest(seen, plan) == parts_digest(parts)
    other = seen_parts({name: Prompt(text="somebody else's") for name in names})
    assert as_digest(other, plan) not in (parts_digest(plan.parts), parts_digest(plan.base))


@pytest.mark.parametrize(
    "printed",
    [b"", b"[]", b"{}", b'{"parts": {}}', b'{"digests": {"prompt/x": "a"}}', b"\xff", b"[" * 99_999,
     b'{"parts": {"prompt/support": {"type": "smile"}}}',
     b'{"parts": {"prompt/support": null}, "digests": {"prompt/support": "a"}}'],
    ids=range(9),
)  # fmt: skip
def test_what_does_not_read_confirms_nothing(printed: bytes) -> None:
    """Neither form, both, a component left out, a part that is none: nobody knows what is there."""
    with pytest.raises(Unreadable):
        seen_of(printed, ("prompt/support",))


def test_to_look_moves_nothing() -> None:
    """The order that only asks is of no change and of a kind that no intent has."""
    order = looking(manifest().base, "look.1")
    assert (order.kind, order.change, order.components) == (Errand.LOOK, "", ("prompt/support",))
