"""A snapshot in the form in which it is kept: what many of them share is named by its digest.

Policy, roster and manifest are kept once under their own digests, evidence under its ids, so that
ten thousand decisions take no more room than what tells them apart. Texts keep numbers as they
are written (`1.0` stays `1.0`), so that what is unpacked is judged on the very same values.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from pawl.base import typed
from pawl.base.errors import CannotTell
from pawl.changes.change import Change
from pawl.changes.condition import Snapshot
from pawl.changes.evidence import Evidence
from pawl.changes.manifest import Manifest, manifest_digest
from pawl.changes.policy import Policy
from pawl.governance.roster import Roster

PartKind = Literal["policy", "roster", "manifest"]
Part = Policy | Roster | Manifest
KINDS: Mapping[PartKind, type[Part]] = {
    "policy": Policy,
    "roster": Roster,
    "manifest": Manifest,
}


class Packed(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot as it is kept, and what it names, by kind and digest."""

    text: bytes
    parts: dict[tuple[PartKind, str], Part]


def packed(snapshot: Snapshot) -> Packed:
    """Return a snapshot in the form in which it is kept."""
    change = {name: getattr(snapshot.change, name) for name in Change.__struct_fields__}
    kept = {name: getattr(snapshot, name) for name in Snapshot.__struct_fields__}
    policy, roster = snapshot.policy.digest, snapshot.roster.digest
    kept["change"] = {**change, "manifest": snapshot.change.digest}
    kept["policy"] = policy
    kept["roster"] = roster
    kept["evidence"] = [piece.id for piece in snapshot.evidence]
    return Packed(
        text=msgspec.json.encode(kept, order="deterministic"),
        parts={
            ("policy", policy): snapshot.policy,
            ("roster", roster): snapshot.roster,
            ("manifest", snapshot.change.digest): snapshot.change.manifest,
        },
    )


def unpacked(
    text: bytes,
    part: Callable[[PartKind, str], bytes | None],
    evidence: Callable[[str], Evidence | None],
) -> Snapshot:
    """Return the snapshot that was kept; raises CannotTell where anything of it is gone."""
    kept: dict[str, Any] = msgspec.json.decode(text)
    try:
        named: tuple[tuple[PartKind, str], ...] = (
            ("policy", kept["policy"]),
            ("roster", kept["roster"]),
            ("manifest", kept["change"]["manifest"]),
        )
        values = {kind: _read(kind, digest, part) for kind, digest in named}
        pieces = [_piece(identity, evidence) for identity in kept["evidence"]]
        change = {**kept["change"], "manifest": values["manifest"]}
        return typed.convert(
            {
                **kept,
                "change": change,
                "policy": values["policy"],
                "roster": values["roster"],
                "evidence": pieces,
            },
            Snapshot,
        )
    except (KeyError, TypeError, msgspec.DecodeError) as error:
        raise CannotTell(f"the snapshot does not read: {error}.") from error


def part_text(part: Part) -> bytes:
    """Return the text under which a part is kept."""
    return msgspec.json.encode(part, order="deterministic")


def named_digest(kind: PartKind, text: bytes) -> str:
    """Return the digest that a kept part must have its name from; raises msgspec.DecodeError."""
    value = typed.decode(text, type=KINDS[kind])
    return manifest_digest(value) if isinstance(value, Manifest) else value.digest


def _read(kind: PartKind, digest: str, part: Callable[[PartKind, str], bytes | None]) -> Any:
    text = part(kind, digest)
    if text is None:
        raise CannotTell(
            f"the {kind} {digest[:12]} that it rests on is gone.",
            hint="Restore the records from a backup.",
        )
    return msgspec.json.decode(text)


def _piece(identity: str, evidence: Callable[[str], Evidence | None]) -> Any:
    piece = evidence(identity)
    if piece is None:
        raise CannotTell(
            f"the evidence {identity} that it rests on is gone.",
            hint="Restore the records from a backup.",
        )
    return msgspec.to_builtins(piece)
