"""Check an exported ledger, or a proof by itself, without the ledger: offline, from the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from pawl.base.errors import CannotTell
from pawl.governance.ledger import Claim, Difference, Entry
from pawl.governance.proofs import (
    MAX_LINE,
    EntryProof,
    GrowthProof,
    Line,
    SealLine,
    growth_difference,
    lines_in,
    proof_difference,
)
from pawl.governance.verifying import verify
from pawl.services.ledger_evidence import Seen, evidence, head_in

if TYPE_CHECKING:
    from pawl.governance.note import VerifierKey


class ExportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl ledger verify --export`, as `pawl.ledger-export/1` documents it.

    `entries` are those of the file: none in one that holds proofs only. `proved` are the numbers
    of entries with a proof that holds.
    """

    schema: Literal["pawl.ledger-export/1"] = "pawl.ledger-export/1"
    intact: bool
    entries: int
    head: str
    forgotten: int
    proved: tuple[int, ...]
    growths: int
    truncation_excluded: bool
    checkpoints: tuple[Seen, ...]
    difference: Difference | None


def verify_export(
    file: Path,
    texts: Iterable[tuple[str, str]] = (),
    keys: Sequence[VerifierKey] = (),
    progress: Callable[[int], None] | None = None,
) -> ExportReport:
    """Check every line of an export against the checkpoints in it, and against others in `texts`.

    With `keys`, one of them must have signed each checkpoint. Raises BadFile and CannotTell.
    """
    told: list[tuple[str, str]] = []
    proofs: list[EntryProof | GrowthProof] = []
    has_entries = False
    for line in _lines(file):
        if isinstance(line, Entry):
            has_entries = True
        elif isinstance(line, SealLine):
            told.append((str(file), line.note))
        else:
            proofs.append(line)
    if not (told or proofs or has_entries):
        raise CannotTell("the export is empty.", place=str(file))
    kept = evidence([*told, *texts], keys)
    shown = evidence([(f"{file}, a proof", proof.note) for proof in proofs], keys)
    entries = (line for line in _lines(file, progress) if isinstance(line, Entry))
    claims = (*kept.claims, *shown.claims) if has_entries else ()
    report = verify(entries if has_entries else (), claims=claims)
    proved, growths, wrong = _prove(proofs, str(file), kept.claims, alone=not has_entries)
    difference = report.difference or kept.difference or shown.difference or wrong
    return ExportReport(
        intact=difference is None,
        entries=report.entries,
        head=report.head,
        forgotten=report.forgotten,
        proved=proved,
        growths=growths,
        truncation_excluded=report.truncation_excluded and difference is None,
        checkpoints=(*kept.seen, *shown.seen),
        difference=difference,
    )


def _prove(
    proofs: Sequence[EntryProof | GrowthProof], place: str, claims: Sequence[Claim], *, alone: bool
) -> tuple[tuple[int, ...], int, Difference | None]:
    """Return what is proved, and the first proof that does not hold.

    A proof that stands alone must be under each checkpoint of its size that was handed in.
    """
    proved: list[int] = []
    growths = 0
    for proof in proofs:
        head, _ = head_in(proof.note, (), place=f"{place}, a proof")
        root = head.root if head.size == proof.size else None
        found = (
            proof_difference(proof, root)
            if isinstance(proof, EntryProof)
            else growth_difference(proof, root)
        )
        if found is None and alone:
            found = _of_another(proof, head.root.hex(), claims)
        if found is not None:
            return tuple(proved), growths, found
        if isinstance(proof, EntryProof):
            proved.append(proof.entry.seq)
        else:
            growths += 1
    return tuple(proved), growths, None


def _of_another(
    proof: EntryProof | GrowthProof, root: str, claims: Sequence[Claim]
) -> Difference | None:
    roots = {proof.size: root}
    if isinstance(proof, GrowthProof):
        roots[proof.old_size] = proof.old_root
    for claim in claims:
        if claim.root is not None and roots.get(claim.size, claim.root) != claim.root:
            return Difference(
                kind="checkpoint",
                place=claim.place,
                expected=f"root {claim.root}",
                found=f"root {roots[claim.size]}",
            )
    return None


def _lines(file: Path, progress: Callable[[int], None] | None = None) -> Iterator[Line]:
    try:
        with file.open("rb") as opened:
            bounded = iter(lambda: opened.readline(MAX_LINE), b"")
            for number, line in enumerate(lines_in(bounded, place=str(file))):
                if progress is not None and number % 20_000 == 0:
                    progress(number)
                yield line
    except OSError as error:
        raise CannotTell(
            f"the export cannot be read: {error.strerror}.", place=str(file)
        ) from error
