"""Check, checkpoint and export the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

import msgspec

from pawl.base.errors import CannotTell
from pawl.governance.ledger import Checkpoint, Difference, read_checkpoint

if TYPE_CHECKING:
    from pawl.store.records.engine import Engine


class LedgerReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `pawl ledger verify`, as `pawl.ledger/1` documents it.

    `intact` says that chain, checkpoint and (with `replayed`) tables agree; `difference` is the
    first place where they do not. `truncation_excluded` needs a checkpoint. `forgotten` entries
    were altered when a person was forgotten, as later entries say.
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


class Ledger:
    """The ledger of one data folder (or of the database a URL names); close it after use."""

    def __init__(self, engine: Engine, now: Callable[[], str]) -> None:
        self._engine = engine
        self._now = now

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.dispose()

    def verify(self, against: Path | None = None, *, replay: bool = False) -> LedgerReport:
        """Recompute the chain and compare; with `replay` rebuild the tables as well.

        `against` is a file with a checkpoint; raises BadFile when it is none and CannotTell when
        it cannot be read.
        """
        from pawl.store.records.check import check

        kept = None if against is None else checkpoint_in(against)
        report = check(self._engine, kept, replay=replay)
        return LedgerReport(
            intact=report.intact,
            entries=report.entries,
            head=report.head,
            forgotten=report.forgotten,
            replayed=replay,
            truncation_excluded=report.truncation_excluded,
            against=kept,
            difference=report.difference,
        )

    def checkpoint(self) -> Checkpoint:
        """Return the newest entry's number and hash, and the time."""
        from pawl.store.records.ledger import head

        seq, newest = head(self._engine)
        return Checkpoint(seq=seq, hash=newest, at=self._now())

    def export(self) -> Iterator[bytes]:
        """Yield every entry as one line of JSON, in the chain's order, from one view of it."""
        from pawl.store.records.engine import reading
        from pawl.store.records.ledger import entries

        with reading(self._engine) as connection:
            for entry in entries(connection):
                yield msgspec.json.encode(entry) + b"\n"


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
    try:
        text = file.read_bytes()
    except OSError as error:
        raise CannotTell(
            f"the checkpoint cannot be read: {error.strerror}.",
            place=str(file),
            hint="Name a file that `pawl ledger checkpoint` wrote.",
        ) from error
    return read_checkpoint(text, place=str(file))
