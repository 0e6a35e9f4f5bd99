"""Answer "who spent what, on what" where an events store exists.

What is new in the transcripts goes through the spool into the store, and the store answers.
Opening its engine takes longer than most questions, so an answer is kept with what it depends
on: the store's mark, the spool, the prices. As long as none of them changed it is given again.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

import msgspec

from pawl.base import typed
from pawl.services.cost import Answer, Question
from pawl.services.imports import Spool, import_transcripts, nothing_new
from pawl.services.machine import Machine, Progress
from pawl.store.events.owner import StoreBusy
from pawl.telemetry.bill import Bill
from pawl.telemetry.format import Depth
from pawl.telemetry.imported import Import

if TYPE_CHECKING:
    from pawl.services.server_answers import Server

ANSWERS = "cost-answers.msgpack"
VERSION = 1
_KEPT = 16
_DEPTH = Depth(everything=False)


class EventsStore(Protocol):
    """A store that holds all events and answers for them."""

    def mark(self) -> bytes:
        """Return what changes whenever any answer may change, without opening the store."""

    def bill(self, question: Question) -> Bill:
        """Take in what is in the spool, then answer. Raises StoreBusy when another owns it."""


class Answers(msgspec.Struct, frozen=True, array_like=True):
    """Answers given, the newest last, and what they depend on."""

    version: int
    basis: bytes
    bills: tuple[tuple[bytes, Bill], ...] = ()


def ask_store(
    question: Question,
    store: EventsStore,
    machine: Machine,
    spool: Callable[[], AbstractContextManager[Spool]],
    *,
    beside: "Callable[[str], Server]",
    read_first: bool = True,
    progress: Progress | None = None,
) -> Answer:
    """Return the bill from an events store, after an import of what is new.

    Where a server owns the store, `beside` gives what asks it at a URL.
    """
    done = Import(agents=(), events=0, warnings=())
    if read_first:
        unchanged = nothing_new(machine, _DEPTH)
        if unchanged is not None:
            done = unchanged
        else:
            with spool() as writer:
                done = import_transcripts(machine, writer, depth=_DEPTH, progress=progress)
    asked = msgspec.msgpack.encode(question)
    kept = _kept(machine)
    basis = _basis(store, machine)
    if kept is not None and kept.basis == basis:
        for other, bill in kept.bills:
            if other == asked:
                return Answer(bill=bill, scanned=done.agents, warnings=done.warnings)
    try:
        bill = store.bill(question)
    except StoreBusy as busy:
        if busy.url is None:
            raise
        from pawl.services.server_answers import ask_server  # Rarely needed, never for free.

        # Not kept: the server may change the store, or know other prices, at any moment.
        told = ask_server(question, beside(busy.url))
        return Answer(
            bill=told.bill, scanned=done.agents, warnings=(*done.warnings, *told.warnings)
        )
    after = _basis(store, machine)
    others = kept.bills if kept is not None and kept.basis == after else ()
    bills = (*others[-_KEPT + 1 :], (asked, bill))
    machine.storage.replace(ANSWERS, msgspec.msgpack.encode(Answers(VERSION, after, bills)))
    return Answer(bill=bill, scanned=done.agents, warnings=done.warnings)


def _basis(store: EventsStore, machine: Machine) -> bytes:
    parts = (store.mark(), sorted(machine.spool.sizes().items()), machine.prices.digest())
    return blake2b(msgspec.msgpack.encode(parts), digest_size=16).digest()


def _kept(machine: Machine) -> Answers | None:
    content = machine.storage.read(ANSWERS)
    if content is None:
        return None
    try:
        answers = typed.unpack(content, type=Answers)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return answers if answers.version == VERSION else None
