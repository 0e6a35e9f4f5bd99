"""Hear a run's events and texts on their way to where they are kept, for a trial's record.

The texts are gathered for the record alone, whether or not the machine keeps contents: the record
is scrubbed, and what the machine does not keep is not kept twice.
"""

from collections.abc import Iterable, Sequence

import msgspec

from pawl.runs.outside import Surroundings
from pawl.services.contents import Keeping
from pawl.services.run_around import BatchSpool
from pawl.services.run_shell import Shell
from pawl.telemetry.content import Content
from pawl.telemetry.event import Event, Kind, Source

MAX_EVENTS = 50_000
MAX_TEXT = 64 * 1024
MAX_TEXTS = 8 * 1024 * 1024
"""Events of a record, and characters of one of its texts and of all of them."""
_CALLS = frozenset({Kind.TOOL_CALL, Kind.TOOL_RESULT, Kind.TOOL_DENIED})


class Heard:
    """What was heard of one run."""

    def __init__(self) -> None:
        self.contents: list[Content] = []
        self.lost = False
        """Whether there was more than a record holds."""
        self._events: list[Event] = []
        self._known: set[tuple[str, str, str]] = set()
        self._size = 0

    @property
    def events(self) -> tuple[Event, ...]:
        """The events, each call told once: a transcript tells again what the stream told.

        Whose they are and on which machine is left out: records are kept in repositories.
        """
        return tuple(
            msgspec.structs.replace(event, developer=None, machine=None)
            for event in self._events
            if event.kind not in _CALLS or event.source is not Source.TRANSCRIPT
        )

    def take(self, events: Sequence[Event]) -> None:
        """Take events."""
        room = MAX_EVENTS - len(self._events)
        self.lost = self.lost or len(events) > room
        self._events += events[:room]

    def keep(self, found: Sequence[Content]) -> None:
        """Take texts; the same ones may come again where the disk refused them."""
        for each in found:
            key = (each.event_id, each.role, each.text)
            if key in self._known:
                continue
            self._known.add(key)
            cut = each.text[: max(0, MAX_TEXTS - self._size)]
            self._size += len(cut)
            self.contents.append(msgspec.structs.replace(each, text=cut))

    def close(self) -> None:
        """Nothing is open."""


class HeardSpool:
    """A spool whose events are heard."""

    def __init__(self, spool: BatchSpool, heard: Heard) -> None:
        self._spool, self._heard = spool, heard

    @property
    def pending_bytes(self) -> int:
        """Bytes in memory, batches that were taken left out."""
        return self._spool.pending_bytes

    def append(self, events: Iterable[Event]) -> None:
        """Take events; they are not durable yet."""
        listed = list(events)
        self._heard.take(listed)
        self._spool.append(listed)

    def commit(self) -> None:
        """Make them durable; raises Unavailable."""
        self._spool.commit()

    def take(self) -> bytearray:
        """Hand over what was appended since."""
        return self._spool.take()

    def keep(self, batch: bytearray) -> None:
        """Make a batch durable; raises Unavailable."""
        self._spool.keep(batch)

    def discard(self) -> int:
        """Forget what is not durable; return its bytes."""
        return self._spool.discard()

    def close(self) -> None:
        """Seal it."""
        self._spool.close()


class _Both:
    """Texts that are kept by the machine, too."""

    def __init__(self, machine: Keeping, heard: Heard) -> None:
        self._machine, self._heard = machine.texts, heard

    def keep(self, found: Sequence[Content]) -> None:
        self._machine.keep(found)
        self._heard.keep(found)

    def close(self) -> None:
        self._machine.close()


def hearing(shell: Shell, heard: Heard, around: Surroundings, tree: object) -> Shell:
    """Return a shell whose run is heard, in the surroundings and with the tree of a trial."""

    def keeping() -> Keeping:
        machine = shell.keeping()
        if machine is None:
            return Keeping(heard, MAX_TEXT)
        return Keeping(_Both(machine, heard), max(machine.max_bytes, MAX_TEXT))

    return msgspec.structs.replace(
        shell,
        surroundings=lambda: around,
        spool=lambda run_id: HeardSpool(shell.spool(run_id), heard),
        keeping=keeping,
        tree=tree,
    )
