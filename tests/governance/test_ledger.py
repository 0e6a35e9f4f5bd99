"""The chain: what it covers, what it finds, what it cannot tell."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawl.base.errors import BadFile
from pawl.governance.ledger import (
    GENESIS,
    PAWL,
    Actor,
    Checkpoint,
    Draft,
    Entry,
    entry_hash,
    read_checkpoint,
    seal,
)
from pawl.governance.verifying import verify

AT = "2026-11-21T00:00:00.000000Z"


def draft(number: int, **body: Any) -> Draft:
    return Draft(
        type="run.started",
        subject=f"run_{number}",
        actor=PAWL,
        body=body,
        claimed_at=AT,
        recorded_at=AT,
        idempotency_key=f"key-{number}",
    )


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(length):
        prev = entries[-1].hash if entries else GENESIS
        entries.append(seal(draft(number, n=number), number + 1, prev))
    return entries


def test_an_empty_ledger_is_intact() -> None:
    """No entries are no difference, and the head is the genesis hash."""
    report = verify([])
    assert report.intact
    assert (report.entries, report.head) == (0, GENESIS)


def test_the_hash_is_the_documented_one() -> None:
    """SHA-256 over 0x01, the number in eight bytes, the previous hash and the header."""
    import hashlib

    import rfc8785

    entry = chain(2)[1]
    header = msgspec.to_builtins(entry)
    del header["hash"], header["body"]
    message = b"\x01" + (2).to_bytes(8, "big") + bytes.fromhex(entry.prev_hash)
    assert entry.hash == hashlib.sha256(message + rfc8785.dumps(header)).hexdigest()


@given(said=st.text(), policy=st.none() | st.text(), seq=st.integers(1, 2**53 - 1))
def test_the_hash_is_of_the_canonical_header(said: str, policy: str | None, seq: int) -> None:
    """Whatever the texts of an entry hold, its header is hashed as RFC 8785 writes it."""
    import hashlib

    import rfc8785

    actor = Actor(person=said, source="git-config", assurance="declared")
    told = msgspec.structs.replace(draft(1), subject=said, actor=actor, policy_digest=policy)
    entry = seal(told, seq, GENESIS)
    header = msgspec.to_builtins(entry)
    del header["hash"], header["body"]
    message = b"\x01" + seq.to_bytes(8, "big") + bytes(32)
    assert entry.hash == hashlib.sha256(message + rfc8785.dumps(header)).hexdigest()


FIELDS = [name for name in Entry.__struct_fields__ if name != "actor"]


@given(position=st.integers(0, 4), name=st.sampled_from([*FIELDS, "actor"]))
def test_any_change_of_any_entry_is_found(position: int, name: str) -> None:
    """Whatever field of whatever entry is altered, the report is at that entry or the next."""
    entries = chain(5)
    old = getattr(entries[position], name)
    new: Any = {"seq": 77, "policy_digest": "x", "prev_hash": "1" * 64, "hash": "2" * 64}.get(name)
    if new is None:
        new = msgspec.structs.replace(PAWL, person="eve") if name == "actor" else f"{old} "
    entries[position] = msgspec.structs.replace(entries[position], **{name: new})
    report = verify(entries)
    assert report.difference is not None
    assert report.difference.place in (f"entry {position + 1}", f"entry {position + 2}")


@given(position=st.integers(0, 3))
def test_a_missing_or_swapped_entry_is_found(position: int) -> None:
    """An entry taken out of the middle, or two in the wrong order, break the sequence."""
    entries = chain(5)
    without = entries[:position] + entries[position + 1 :]
    assert verify(without).difference is not None
    entries[position], entries[position + 1] = entries[position + 1], entries[position]
    assert verify(entries).difference is not None


def test_a_rewritten_chain_is_found_by_a_checkpoint_only() -> None:
    """Whoever rewrites everything from some entry on makes a chain that fits in itself."""
    kept = Checkpoint(seq=3, hash=chain(3)[2].hash, at=AT)
    forged: list[Entry] = []
    for number in range(5):
        prev = forged[-1].hash if forged else GENESIS
        forged.append(seal(draft(number, n=number + 1), number + 1, prev))
    assert verify(forged).intact
    found = verify(forged, kept).difference
    assert found is not None
    assert found.kind == "checkpoint"


def test_truncation_is_found_by_a_checkpoint_only() -> None:
    """Entries cut off the end leave an intact chain; the checkpoint knows there were more."""
    entries = chain(5)
    kept = Checkpoint(seq=5, hash=entries[4].hash, at=AT)
    short = verify(entries[:3])
    assert short.intact
    assert not short.truncation_excluded
    found = verify(entries[:3], kept)
    assert found.difference is not None
    assert "ends at entry 3" in found.difference.found
    assert verify(entries, kept).truncation_excluded


def test_a_checkpoint_of_the_empty_ledger_fits_every_ledger() -> None:
    """A checkpoint taken before the first entry excludes nothing and breaks nothing."""
    assert verify(chain(2), Checkpoint(seq=0, hash=GENESIS, at=AT)).intact


def test_a_body_without_canonical_form_is_refused() -> None:
    """An integer that JSON readers do not agree on cannot be sealed."""
    with pytest.raises(ValueError):
        seal(draft(1, n=2**60), 1, GENESIS)


def test_entry_hash_ignores_the_body_text_but_not_its_digest() -> None:
    """The header binds the body by its digest, so a body can be read apart."""
    entry = chain(1)[0]
    assert entry_hash(msgspec.structs.replace(entry, body="{}")) == entry.hash
    assert entry_hash(msgspec.structs.replace(entry, body_digest="")) != entry.hash


def test_a_file_that_is_no_checkpoint_is_named() -> None:
    """The error carries the file's place and how to make one."""
    with pytest.raises(BadFile, match="a-file"):
        read_checkpoint(b'{"seq": "x"}', place="a-file")
