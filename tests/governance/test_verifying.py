"""Whatever is done to a ledger before a checkpoint is found, and named where it was done."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.governance.ledger import (
    GENESIS,
    PAWL,
    Actor,
    Checkpoint,
    Claim,
    Draft,
    Entry,
    EntryType,
    seal,
    stored_digest,
)
from pawl.governance.merkle import EMPTY, root_of
from pawl.governance.verifying import verify

AT = "2026-11-21T00:00:00.000000Z"
LENGTH = 7


def chain(length: int = LENGTH, mark: str = "") -> list[Entry]:
    found: list[Entry] = []
    for number in range(1, length + 1):
        draft = Draft(
            type="run.started",
            subject=f"run_{number}",
            actor=PAWL,
            body={"n": number, "mark": mark, "said": 'é "\n'},
            claimed_at=AT,
            recorded_at=AT,
            idempotency_key=f"key-{number}",
            policy_digest=None if number % 2 else "p",
        )
        found.append(seal(draft, number, found[-1].hash if found else GENESIS))
    return found


def root(entries: list[Entry]) -> Claim:
    leaves = (bytes.fromhex(entry.hash) for entry in entries)
    return Claim(size=len(entries), root=root_of(leaves).hex())


WHOLE = chain()
TEXTS = [name for name in Entry.__struct_fields__ if name not in ("seq", "actor")]


@given(
    at=st.integers(0, LENGTH - 1),
    name=st.sampled_from([*TEXTS, "person"]),
    place=st.integers(0, 400),
    how=st.sampled_from(["edit", "insert", "delete"]),
    letter=st.characters(codec="utf-8"),
)
def test_any_letter_changed_is_found_where_it_was(
    at: int, name: str, place: int, how: str, letter: str
) -> None:
    """One letter edited, put in or taken out of one text of one entry, with and without a root."""
    entry = WHOLE[at]
    old = entry.actor.person if name == "person" else getattr(entry, name) or ""
    place %= len(old) or 1
    new = {
        "edit": old[:place] + letter + old[place + 1 :],
        "insert": old[:place] + letter + old[place:],
        "delete": old[:place] + old[place + 1 :],
    }[how]
    if new == old:
        return
    changed: dict[str, Any] = {name: new}
    if name == "person":
        changed = {"actor": Actor(person=new, source=entry.actor.source, assurance="observed")}
    altered = [*WHOLE]
    altered[at] = msgspec.structs.replace(entry, **changed)
    for claims in ([], [root(WHOLE)]):
        found = verify(altered, claims=claims).difference
        assert found is not None
        # The hash of an entry is also what the next one says: it may be found there.
        assert found.place in (f"entry {at + 1}", f"entry {at + 2}")


@given(at=st.integers(0, LENGTH - 1), other=st.integers(0, LENGTH - 1))
def test_entries_moved_doubled_and_lost_are_named_at_the_first(at: int, other: int) -> None:
    """Swapped, said twice, taken out of the middle: each at the first place that is not right."""
    kept = [root(WHOLE)]
    if at != other:
        swapped = [*WHOLE]
        swapped[at], swapped[other] = swapped[other], swapped[at]
        found = verify(swapped, claims=kept).difference
        assert found is not None
        assert found.place == f"entry {min(at, other) + 1}"
    doubled = [*WHOLE[: at + 1], *WHOLE[at:]]
    found = verify(doubled, claims=kept).difference
    # Behind the checkpoint nothing is compared, but the chain itself still is.
    assert found is not None
    assert found.place == f"entry {at + 2}"
    lost = [*WHOLE[:at], *WHOLE[at + 1 :]]
    found = verify(lost, claims=kept).difference
    assert found is not None
    end = at == LENGTH - 1
    assert found.place == (f"entry {LENGTH}" if end else f"entry {at + 1}")
    assert found.kind == ("checkpoint" if end else "sequence")


@given(cut=st.integers(0, LENGTH - 1))
def test_truncation_is_found_with_a_checkpoint_and_admitted_without(cut: int) -> None:
    """What was cut off leaves an intact chain, which does not claim that nothing was."""
    without = verify(WHOLE[:cut])
    assert (without.intact, without.truncation_excluded) == (True, False)
    found = verify(WHOLE[:cut], claims=[root(WHOLE)])
    assert found.difference is not None
    assert f"ends at entry {cut}" in found.difference.found
    grown = verify([*WHOLE], claims=[root(WHOLE[:cut]), root(WHOLE)])
    assert grown.truncation_excluded


@given(at=st.integers(1, LENGTH), older=st.integers(0, LENGTH - 1))
def test_a_past_written_anew_is_found_between_two_checkpoints(at: int, older: int) -> None:
    """A chain that fits in itself is told by the first root that it does not have."""
    forged = [*WHOLE[: at - 1]]
    for entry in chain(mark="forged")[at - 1 :]:
        draft = Draft(
            type=entry.type, subject=entry.subject, actor=entry.actor, body={"forged": True},
            claimed_at=AT, recorded_at=AT, idempotency_key=entry.idempotency_key,
        )  # fmt: skip
        forged.append(seal(draft, entry.seq, forged[-1].hash if forged else GENESIS))
    assert verify(forged).intact
    found = verify(forged, claims=[root(WHOLE), root(WHOLE[:older])]).difference
    assert found is not None
    assert found.kind == "checkpoint"
    first, last = (older + 1, LENGTH) if older < at else (1, older)
    wanted = f"entry {last}" if first == last else f"entries {first} to {last}"
    assert found.place == wanted


def test_both_forms_of_checkpoints_are_compared() -> None:
    """A hash and a root for the same entries; the plain one names the hash it found."""
    plain = Checkpoint(seq=3, hash=WHOLE[2].hash, at=AT)
    report = verify(WHOLE, plain, [root(WHOLE[:5])])
    assert (report.intact, len(report.claims)) == (True, 2)
    wrong = Checkpoint(seq=3, hash=WHOLE[3].hash, at=AT)
    found = verify(WHOLE, wrong, [root(WHOLE[:5])]).difference
    assert found is not None
    assert (found.place, found.found) == ("entry 3", f"hash {WHOLE[2].hash}")


def test_the_root_of_nothing_fits_every_ledger_and_no_other_root_does() -> None:
    """A checkpoint of the empty ledger states the root of no leaves."""
    assert verify(WHOLE, claims=[Claim(size=0, root=EMPTY.hex())]).intact
    assert not verify(WHOLE, claims=[Claim(size=0, root="00" * 32)]).intact
    assert verify([], claims=[Claim(size=0, root=EMPTY.hex())]).intact


@pytest.mark.parametrize("value", [None, 7, b"blob", 1.5, "\ud800"])
@pytest.mark.parametrize("name", ["subject", "body", "recorded_at", "hash", "body_digest"])
def test_values_that_no_entry_has_are_a_difference_and_no_defect(name: str, value: Any) -> None:
    """Whoever can write the file can put a number or half a letter where a text belongs."""
    altered = [*WHOLE]
    altered[2] = msgspec.structs.replace(WHOLE[2], **{name: value})
    report = verify(altered, claims=[root(WHOLE)])
    assert report.difference is not None
    assert report.difference.place in ("entry 3", "entry 4")


def forgetting(entries: list[Entry], altered: list[Entry]) -> Entry:
    listed = [[entry.seq, stored_digest(entry)] for entry in altered]
    draft = Draft(
        type=EntryType.PERSON_FORGOTTEN.value, subject="person", actor=PAWL,
        body={"entries": listed, "reason": "asked"}, claimed_at=AT, recorded_at=AT,
        idempotency_key="forgetting",
    )  # fmt: skip
    return seal(draft, len(entries) + 1, entries[-1].hash)


@given(at=st.integers(0, LENGTH - 1), size=st.integers(1, LENGTH))
def test_a_root_from_before_a_forgetting_still_fits(at: int, size: int) -> None:
    """Erasing a name leaves number and hash, so what was signed before is still what is there."""
    kept = [root(WHOLE[:size]), root(WHOLE)]
    erased = msgspec.structs.replace(
        WHOLE[at], actor=Actor(person="forgotten", source="pawl", assurance="observed")
    )
    entries = [*WHOLE[:at], erased, *WHOLE[at + 1 :]]
    assert not verify(entries, claims=kept).intact
    entries.append(forgetting(WHOLE, [erased]))
    report = verify(entries, claims=kept)
    assert (report.intact, report.forgotten, report.truncation_excluded) == (True, 1, True)
    other = msgspec.structs.replace(erased, subject="another")
    entries[at] = other
    found = verify(entries, claims=kept).difference
    assert found is not None
    assert found.place == f"entry {at + 1}"
