"""Recompute a ledger and say where it first differs from what it or a checkpoint says.

The chain alone finds what was edited, put in, taken out of the middle or moved. What was cut off
the end, or written anew from some entry on, fits in itself: only a checkpoint that was kept
elsewhere tells.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import msgspec

from pawl.base import typed
from pawl.governance.ledger import (
    GENESIS,
    ChainReport,
    Checkpoint,
    Claim,
    Difference,
    Entry,
    EntryType,
    entry_hash,
    stored_digest,
)
from pawl.governance.merkle import Edge

_FORGOTTEN = EntryType.PERSON_FORGOTTEN.value


def verify(
    entries: Iterable[Entry], against: Checkpoint | None = None, claims: Sequence[Claim] = ()
) -> ChainReport:
    """Recompute a chain in its stored order and return the first difference, if there is one.

    `against` and `claims` are checkpoints of one and the other form. Holds one entry at a time,
    and what is known of each altered one until a later entry accounts for it, so a ledger of any
    length can be streamed through it.
    """
    every = tuple(claims)
    if against is not None:
        every = (claim_of(against), *every)
    chain = _Chain(every)
    for entry in entries:
        if not chain.take(entry):
            break
    difference = chain.first_difference()
    return ChainReport(
        entries=chain.count if difference is None else chain.sound,
        head=chain.head,
        forgotten=len(chain.forgotten),
        difference=difference,
        against=against,
        claims=every,
    )


def claim_of(checkpoint: Checkpoint, place: str = "") -> Claim:
    """Return what a checkpoint of the plain form says."""
    return Claim(size=checkpoint.seq, hash=checkpoint.hash, place=place)


class _Chain:
    """What is known of a chain after the entries that were taken."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self.count, self.sound, self.head = 0, 0, GENESIS
        self.forgotten: set[int] = set()
        self._altered: dict[int, tuple[str, Difference]] = {}
        self._found: Difference | None = None
        self._waiting = sorted(claims, key=lambda claim: -claim.size)
        self._fitting = 0
        self._to_root = max((claim.size for claim in claims if claim.root is not None), default=0)
        self._edge = Edge()
        self._compare()

    def take(self, entry: Entry) -> bool:
        """Take the next entry; False when it is of no use to go on."""
        if entry.seq != self.count + 1 or entry.prev_hash != self.head:
            self._found = self._found or _place_difference(entry, self.count + 1, self.head)
            return False
        changed = _text_difference(entry)
        if changed is not None:
            self._altered[entry.seq] = (_as_stored(entry), changed)
        if entry.type == _FORGOTTEN:
            self.forgotten |= _accounted_for(entry, self._altered)
        self.count, self.head = entry.seq, entry.hash
        if self.count <= self._to_root:
            try:
                self._edge.add(bytes.fromhex(entry.hash))
            except (TypeError, ValueError):
                return False  # No hash at all: known as altered, and no entry follows on it.
        if self._waiting and self._waiting[-1].size == self.count:
            self._compare()
            return self._found is None
        return True

    def first_difference(self) -> Difference | None:
        """Return the first difference, now that all entries are known."""
        self.sound = self.count
        if self._altered and (self._found is None or min(self._altered) <= self.count):
            self.sound = min(self._altered) - 1
            return self._altered[self.sound + 1][1]
        if self._found is None and self._waiting:
            claim = self._waiting[-1]
            return _claim_difference(claim, f"the ledger ends at entry {self.count}", claim.size)
        return self._found

    def _compare(self) -> None:
        """Compare with each checkpoint of just so many entries."""
        while self._waiting and self._waiting[-1].size <= self.count and self._found is None:
            claim = self._waiting.pop()
            root = None if claim.root is None else self._edge.root().hex()
            if claim.hash is not None and claim.hash != self.head:
                self._found = _claim_difference(claim, f"hash {self.head}", claim.size)
            elif claim.root is not None and claim.root != root:
                self._found = _claim_difference(claim, f"root {root}", self._fitting + 1)
            else:
                self._fitting = claim.size


def _place_difference(entry: Entry, seq: int, prev_hash: str) -> Difference | None:
    if entry.seq != seq:
        return Difference(
            kind="sequence",
            place=f"entry {seq}",
            expected=f"entry {seq}",
            found=f"entry {entry.seq}",
        )
    if entry.prev_hash != prev_hash:
        return Difference(
            kind="link", place=f"entry {seq}", expected=prev_hash, found=entry.prev_hash
        )
    return None


def _text_difference(entry: Entry) -> Difference | None:
    try:
        body_digest, expected = sha256(entry.body.encode()).hexdigest(), entry_hash(entry)
    except (TypeError, AttributeError, ValueError):
        # Whoever alters a file can put anything in it: a number for a text, half a character.
        return Difference(
            kind="hash",
            place=f"entry {entry.seq}",
            expected=repr(entry.hash),
            found="no such values",
        )
    if entry.body_digest == body_digest and entry.hash == expected:
        return None
    if entry.body_digest != body_digest:
        return Difference(
            kind="body",
            place=f"entry {entry.seq}",
            expected=entry.body_digest,
            found=body_digest,
        )
    return Difference(kind="hash", place=f"entry {entry.seq}", expected=expected, found=entry.hash)


def _as_stored(entry: Entry) -> str:
    try:
        return stored_digest(entry)
    except (TypeError, ValueError):
        return ""


def _accounted_for(entry: Entry, altered: dict[int, tuple[str, Difference]]) -> set[int]:
    """Take out of `altered` what an entry says was replaced, and is stored as it says."""
    try:
        said = typed.decode(entry.body, type=_Forgotten)
    except msgspec.DecodeError:
        return set()
    found = {
        seq
        for seq, digest in said.entries
        if seq < entry.seq and seq in altered and altered[seq][0] == digest
    }
    for seq in found:
        del altered[seq]
    return found


class _Forgotten(msgspec.Struct, frozen=True):
    """The part of a `person.forgotten` body that verifying needs."""

    entries: tuple[tuple[int, str], ...]


def _claim_difference(claim: Claim, found: str, first: int) -> Difference:
    entries = f"entry {claim.size}" if first == claim.size else f"entries {first} to {claim.size}"
    said = f"hash {claim.hash}" if claim.hash is not None else f"root {claim.root}"
    return Difference(
        kind="checkpoint",
        place=f"{entries} (checkpoint {claim.place})" if claim.place else entries,
        expected=said,
        found=found,
    )
