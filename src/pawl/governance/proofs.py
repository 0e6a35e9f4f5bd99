"""What can be shown of a ledger to somebody who does not have it, as lines of JSON.

A checkpoint as it was signed, the proof that one entry has its place under it, and the proof that
it goes on from an older one. They stand in front of the entries of an export, or by themselves.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from pawl.base import typed
from pawl.base.canonical import sha256_hex
from pawl.base.errors import BadFile
from pawl.governance.ledger import Difference, Entry, entry_hash
from pawl.governance.merkle import consistent, included

MAX_LINE = 64 * 1024 * 1024
"""Bytes of one line of an export that are read."""
_MAX_PATH = 64


class SealLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed checkpoint of an export, word for word."""

    schema: Literal["pawl.ledger-checkpoint/1"] = "pawl.ledger-checkpoint/1"
    note: str


class EntryProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry, and the hashes (in hex) that lead from it to the root of `size` entries.

    `note` is the checkpoint of that size.
    """

    schema: Literal["pawl.ledger-proof/1"] = "pawl.ledger-proof/1"
    entry: Entry
    size: int
    path: tuple[str, ...]
    note: str


class GrowthProof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hashes (in hex) that lead from the root of `old_size` entries to that of `size`."""

    schema: Literal["pawl.ledger-growth/1"] = "pawl.ledger-growth/1"
    old_size: int
    old_root: str
    size: int
    path: tuple[str, ...]
    note: str


Line = SealLine | EntryProof | GrowthProof | Entry


class _Peek(msgspec.Struct, frozen=True):
    schema: str = ""


_KINDS: Mapping[str, type[Line]] = {
    "": Entry,
    "pawl.ledger-checkpoint/1": SealLine,
    "pawl.ledger-proof/1": EntryProof,
    "pawl.ledger-growth/1": GrowthProof,
}


def lines_in(lines: Iterable[bytes], *, place: str) -> Iterable[Line]:
    """Yield what the lines of an export are; raises BadFile at the first that is none of it."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            kind = _KINDS[typed.decode(line, type=_Peek).schema]
            yield typed.decode(line, type=kind)
        except (msgspec.DecodeError, KeyError, UnicodeDecodeError) as error:
            raise BadFile(
                f"not a line of an exported ledger: {str(error)[:200]}.",
                place=f"{place}:{number}",
                hint="Write one with `pawl ledger export` or `pawl ledger prove`.",
            ) from error


def proof_difference(proof: EntryProof, root: bytes | None) -> Difference | None:
    """Say what a proof does not prove under the root of its checkpoint; None when it holds."""
    entry = proof.entry
    place = f"the proof of entry {entry.seq}"
    try:
        found, body = entry_hash(entry), sha256_hex(entry.body.encode())
    except (ValueError, OverflowError):
        found = body = "no such values"
    if body != entry.body_digest:
        return Difference(kind="body", place=place, expected=entry.body_digest, found=body)
    if found != entry.hash:
        return Difference(kind="hash", place=place, expected=found, found=entry.hash)
    path = _hashes(proof.path)
    leaf = _hashes((entry.hash,))
    if path is None or leaf is None or root is None:
        return Difference(kind="proof", place=place, expected="hashes", found="something else")
    if not included(leaf[0], entry.seq - 1, proof.size, path, root):
        return Difference(
            kind="proof", place=place, expected=f"root {root.hex()}", found="another root"
        )
    return None


def growth_difference(proof: GrowthProof, root: bytes | None) -> Difference | None:
    """Say what a proof of growth does not prove; None when it holds."""
    place = f"the growth from {proof.old_size} to {proof.size} entries"
    path, old = _hashes(proof.path), _hashes((proof.old_root,))
    if path is None or old is None or root is None:
        return Difference(kind="proof", place=place, expected="hashes", found="something else")
    if not consistent(proof.old_size, old[0], proof.size, root, path):
        return Difference(
            kind="proof", place=place, expected=f"root {root.hex()}", found="another root"
        )
    return None


def _hashes(texts: tuple[str, ...]) -> list[bytes] | None:
    if len(texts) > _MAX_PATH:
        return None
    try:
        found = [bytes.fromhex(text) for text in texts]
    except ValueError:
        return None
    return found if all(len(each) == 32 for each in found) else None
