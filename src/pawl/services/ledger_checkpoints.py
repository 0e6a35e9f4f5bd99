"""Sign checkpoints of the ledger and put them where the ledger's operator cannot quietly edit.

How far the tree has grown is kept in a small file, so a checkpoint of a million entries hashes
only what came since the one before. That file also is a memory: a ledger that no longer goes on
from there is not signed again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from pawl.base import typed
from pawl.base.errors import CannotTell, PawlError
from pawl.governance.note import TreeHead
from pawl.services.ledger_keys import Files, SigningKey, needed_key

if TYPE_CHECKING:
    from pawl.store.records.connection import Engine

EDGE = "edge.json"
"""The file that says how far the tree has grown, in the ledger's folder."""


class Place(Protocol):
    """Where checkpoints are kept; opened and ready."""

    def keep(self, note: str, head: TreeHead) -> str:
        """Keep a checkpoint and say where it is now; raises PawlError."""

    def kept(self) -> tuple[tuple[str, str], ...]:
        """Return the texts that are kept with their places; raises CannotTell."""


class LedgerRewritten(CannotTell):
    """The ledger does not go on from the last checkpoint that was signed here."""

    code = "ledger-rewritten"


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """A signed checkpoint: the note's text, and what it says."""

    note: str
    head: TreeHead


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a checkpoint at one place. `failure` is empty where it was kept."""

    name: str
    where: str = ""
    failure: str = ""


class _Edge(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["pawl.ledger-edge/1"] = "pawl.ledger-edge/1"
    size: int
    head: str
    edge: tuple[str, ...]
    at: str


class Checkpoints:
    """The checkpoints of one ledger. `files` are those in the ledger's own folder."""

    def __init__(
        self,
        engine: Engine,
        files: Files,
        now: Callable[[], str],
        places: Mapping[str, Place] | None = None,
    ) -> None:
        self._engine, self._files, self._now = engine, files, now
        self.places = dict(places or {})

    def sign(self, *, anew: bool = False) -> Signed:
        """Return a signed checkpoint of the ledger as it is now.

        `anew` forgets how far the tree had grown, for records that were restored from a backup.
        Raises LedgerRewritten, and CannotTell where there is no key.
        """
        from pawl.store.records.ledger_queries import TreeBroken, TreeState, grow

        key = needed_key(self._files)
        kept = None if anew else self._edge()
        before = None
        if kept is not None:
            before = TreeState(size=kept.size, head=kept.head, edge=kept.edge)
        try:
            state, root = grow(self._engine, before)
        except (TreeBroken, ValueError) as broken:
            raise LedgerRewritten(
                f"the ledger does not go on from where it was signed: {broken}.",
                place=self._engine.place,
                hint="See `pawl ledger verify` with checkpoints kept elsewhere. After a restore "
                "from a backup: `pawl ledger checkpoint --anew`.",
            ) from broken
        if kept is None or kept.size != state.size:
            edge = _Edge(size=state.size, head=state.head, edge=state.edge, at=self._now())
            self._files.replace(EDGE, msgspec.json.encode(edge))
        return _signed(key, TreeHead(origin=key.verifier.name, size=state.size, root=root))

    def size(self) -> int:
        """Return how many entries the last checkpoint has that was signed here."""
        kept = self._edge()
        return 0 if kept is None else kept.size

    def put(self, signed: Signed, names: tuple[str, ...] | None = None) -> tuple[Kept, ...]:
        """Keep a checkpoint at each place, or at those of some names; one failing stops no other.

        Every name must be that of a place.
        """
        found = []
        for name in self.places if names is None else names:
            try:
                where = self.places[name].keep(signed.note, signed.head)
            except PawlError as error:
                found.append(Kept(name=name, failure=str(error)))
            else:
                found.append(Kept(name=name, where=where))
        return tuple(found)

    def _edge(self) -> _Edge | None:
        text = self._files.read(EDGE)
        if text is None:
            return None
        try:
            return typed.decode(text, type=_Edge)
        except msgspec.DecodeError as error:
            raise LedgerRewritten(
                f"what was kept of the last checkpoint does not read: {error}.",
                place=EDGE,
                hint="Check the ledger with checkpoints kept elsewhere, then begin anew with "
                "`pawl ledger checkpoint --anew`.",
            ) from error


def _signed(key: SigningKey, head: TreeHead) -> Signed:
    return Signed(note=str(key.sign(str(head))), head=head)
