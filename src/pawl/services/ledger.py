"""Check, show and export the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from pawl.alerts.instants import instant, seconds
from pawl.base.durations import parse_duration
from pawl.base.errors import BadValue, CannotTell
from pawl.base.times import format_time, parse_time
from pawl.governance.ledger import Checkpoint, Difference, Entry, read_checkpoint
from pawl.services.ledger_evidence import Seen, evidence

if TYPE_CHECKING:
    from pawl.governance.note import VerifierKey
    from pawl.services.ledger_checkpoints import Signed
    from pawl.store.records.engine import Engine
    from pawl.store.records.ledger_queries import Asked, EntryPage


_AGO = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+")


class LedgerReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl ledger verify`, as `pawl.ledger/1` documents it.

    `intact` says that chain, checkpoints and (with `replayed`) tables agree; `difference` is the
    first place where they do not. `truncation_excluded` needs a checkpoint. `forgotten` entries
    were altered when a person was forgotten, as later entries say. `checkpoints` are all that were
    compared with, `skipped` what stood beside them and is none. `judged` counts the stored
    decisions that were judged again, None when nobody asked.
    """

    schema: Literal["pawl.ledger/1"] = "pawl.ledger/1"
    intact: bool
    entries: int
    head: str
    forgotten: int
    replayed: bool
    truncation_excluded: bool
    against: Checkpoint | None
    difference: Difference | None
    checkpoints: tuple[Seen, ...] = ()
    skipped: tuple[str, ...] = ()
    judged: int | None = None


class Rejudged(Protocol):
    """One stored decision, judged again from its stored evidence."""

    @property
    def identical(self) -> bool:
        """Whether the very same bytes came out."""

    @property
    def why(self) -> str:
        """Where they differ; empty when they do not."""

    @property
    def names_replaced(self) -> bool:
        """Whether a person in it was forgotten since, so that the bytes cannot be the same."""


class Rejudging(Protocol):
    """Whoever keeps decisions and can judge them again."""

    def decision_ids(self) -> Iterable[str]:
        """Return every stored decision, oldest first."""

    def replay(self, decision_id: str) -> Rejudged:
        """Judge one of them again."""


class Ledger:
    """The ledger of one data folder (or of the database a URL names); close it after use."""

    def __init__(self, engine: Engine, now: Callable[[], str]) -> None:
        self.engine = engine
        self._now = now

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.engine.dispose()

    def verify(
        self,
        against: Path | None = None,
        *,
        replay: bool = False,
        texts: Iterable[tuple[str, str]] = (),
        keys: Sequence[VerifierKey] = (),
        judge: Rejudging | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> LedgerReport:
        """Recompute the chain and compare; with `replay` rebuild the tables as well.

        `against` is a file with a plain checkpoint, `texts` are checkpoints of either form with
        their places; with `keys`, one of them must have signed each. `judge` judges every stored
        decision again. Raises BadFile for what is no checkpoint, CannotTell where it cannot be
        read.
        """
        from pawl.store.records.check import check

        kept = None if against is None else checkpoint_in(against)
        told = evidence(texts, keys)
        report = check(self.engine, kept, replay=replay, claims=told.claims, progress=progress)
        difference = report.difference or told.difference
        judged = None
        if judge is not None and difference is None:
            judged, difference = _rejudge(judge)
        return LedgerReport(
            intact=difference is None,
            entries=report.entries,
            head=report.head,
            forgotten=report.forgotten,
            replayed=replay,
            truncation_excluded=report.truncation_excluded and difference is None,
            against=kept,
            difference=difference,
            checkpoints=told.seen,
            skipped=told.skipped,
            judged=judged,
        )

    def checkpoint(self) -> Checkpoint:
        """Return the newest entry's number and hash, and the time."""
        from pawl.store.records.ledger import head

        seq, newest = head(self.engine)
        return Checkpoint(seq=seq, hash=newest, at=self._now())

    def count(self) -> int:
        """Return how many entries there are."""
        return self.checkpoint().seq

    def entry(self, seq: int) -> Entry:
        """Return one entry; raises BadValue where there is none."""
        from pawl.store.records.ledger_queries import LedgerQueries

        found = LedgerQueries(self.engine).entry(seq)
        if found is None:
            raise BadValue(
                f"there is no entry {seq}.",
                place="SEQ",
                hint="See which there are with `pawl ledger list`.",
            )
        return found

    def page(self, asked: Asked) -> EntryPage:
        """Return the newest entries that match."""
        from pawl.store.records.ledger_queries import LedgerQueries

        return LedgerQueries(self.engine).page(asked)

    def prove(self, seq: int, signed: Signed) -> bytes:
        """Return the proof that an entry is in the ledger of a checkpoint, as one line.

        Raises BadValue for an entry that is not, and CannotTell for one whose words were changed
        when a person was forgotten: its place is provable, they are not.
        """
        from pawl.governance.merkle import inclusion_ranges
        from pawl.governance.proofs import EntryProof, proof_difference

        entry, head = self.entry(seq), signed.head
        if seq > head.size:
            raise BadValue(f"the checkpoint ends at entry {head.size}.", place="SEQ")
        path = self._path(inclusion_ranges(seq - 1, head.size), head.size)
        proof = EntryProof(entry=entry, size=head.size, path=path, note=signed.note)
        found = proof_difference(proof, head.root)
        if found is not None:
            raise CannotTell(
                f"entry {seq} is not as it was recorded ({found.kind}).",
                place=f"entry {seq}",
                hint="Either a person was forgotten in it, or somebody changed it: "
                "`pawl ledger verify` tells.",
            )
        return msgspec.json.encode(proof) + b"\n"

    def prove_growth(self, old: str, signed: Signed, *, place: str) -> bytes:
        """Return the proof that a checkpoint goes on from an older, signed one, as one line.

        Raises BadFile for what is no signed checkpoint and CannotTell where there is no proof.
        """
        from pawl.governance.merkle import consistency_ranges
        from pawl.governance.proofs import GrowthProof, growth_difference
        from pawl.services.ledger_evidence import head_in

        before, _ = head_in(old, (), place=place)
        head = signed.head
        ranges = []
        if 0 < before.size <= head.size:
            ranges = consistency_ranges(before.size, head.size)
        proof = GrowthProof(
            old_size=before.size,
            old_root=before.root.hex(),
            size=head.size,
            path=self._path(ranges, head.size),
            note=signed.note,
        )
        if growth_difference(proof, head.root) is not None:
            raise CannotTell(
                "the ledger does not go on from that checkpoint.",
                place=place,
                hint="`pawl ledger verify --against` says more.",
            )
        return msgspec.json.encode(proof) + b"\n"

    def export(self, signed: Signed | None = None, proofs: Sequence[int] = ()) -> Iterator[bytes]:
        """Yield every entry as one line of JSON, in the chain's order, from one view of it.

        With a checkpoint, it and the proofs of some entries stand in front, and the export ends
        where the checkpoint does.
        """
        from pawl.governance.proofs import SealLine
        from pawl.store.records.engine import reading
        from pawl.store.records.ledger import entries

        if signed is not None:
            yield msgspec.json.encode(SealLine(note=signed.note)) + b"\n"
            for seq in proofs:
                yield self.prove(seq, signed)
        with reading(self.engine) as connection:
            for entry in entries(connection):
                if signed is not None and entry.seq > signed.head.size:
                    break
                yield msgspec.json.encode(entry) + b"\n"

    def _path(self, ranges: list[tuple[int, int]], size: int) -> tuple[str, ...]:
        from pawl.store.records.ledger_queries import LedgerQueries

        try:
            roots = LedgerQueries(self.engine).range_roots(ranges, size)
        except ValueError as error:
            raise CannotTell(
                f"there is no proof: {error}.",
                place=self.engine.place,
                hint="See `pawl ledger verify`.",
            ) from error
        return tuple(each.hex() for each in roots)


def open_ledger(folder: Path, url: str | None, now: Callable[[], str]) -> Ledger:
    """Open the ledger where it is kept; raises CannotTell where none was ever begun."""
    from pawl.store.records import FILE_NAME

    if url is None and not (folder / FILE_NAME).exists():
        raise CannotTell(
            "there is no ledger here.",
            place=str(folder),
            hint="Name the data folder with --data; the first `pawl run` begins a ledger.",
        )
    from pawl.store.records.engine import open_records

    return Ledger(open_records(folder, url), now)


def checkpoint_in(file: Path) -> Checkpoint:
    """Return the checkpoint that a file holds; raises BadFile or CannotTell."""
    return read_checkpoint(read_kept(file), place=str(file))


def read_kept(file: Path, most: int = 64 * 1024 * 1024) -> bytes:
    """Return a file with checkpoints; raises CannotTell."""
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise CannotTell(
            f"the checkpoint cannot be read: {error.strerror}.",
            place=str(file),
            hint="Name a file that `pawl ledger checkpoint` wrote.",
        ) from error


def moment(text: str | None, now: str, place: str) -> str | None:
    """Return the canonical time that a person wrote: a day, an instant, or a time ago such as 7d.

    Raises BadValue for anything else.
    """
    if text is None:
        return None
    cleaned = text.strip().lower()
    if _AGO.fullmatch(cleaned):
        return instant(seconds(now) - parse_duration(cleaned, place=place))
    return format_time(parse_time(text.strip()))


def _rejudge(judge: Rejudging) -> tuple[int, Difference | None]:
    """Judge every stored decision again; return how many were, and the first that differs."""
    count = 0
    for identity in judge.decision_ids():
        again = judge.replay(identity)
        if again.names_replaced:
            continue
        if not again.identical:
            return count, Difference(
                kind="decision",
                place=f"decision {identity}",
                expected="the same bytes from the same evidence",
                found=again.why,
            )
        count += 1
    return count, None
