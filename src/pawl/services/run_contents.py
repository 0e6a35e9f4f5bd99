"""The texts of a supervised run, durable with its events."""

import shlex
from collections.abc import Iterable

import msgspec

from pawl.runs.spec import RunSpec
from pawl.services.contents import Keeping
from pawl.services.run_around import BatchSpool
from pawl.telemetry.content import Content, Gathered, Role
from pawl.telemetry.event import Event, Kind


class ContentSpool:
    """The spool of a run whose texts are kept: those of a batch are durable before its events.

    Readers give their texts to `gathered`; whose they are is taken from the run. It is used by
    two threads as a spool is: one goes on with `append` and `take` while another is in `keep`.
    """

    def __init__(self, spool: BatchSpool, keeping: Keeping, spec: RunSpec) -> None:
        self.gathered = Gathered(keeping.max_bytes)
        self._spool = spool
        self._texts = keeping.texts
        self._whose = {"run_id": spec.run_id, "developer": spec.attribution.developer}
        self._command = shlex.join(spec.command)
        self._taken: list[Content] = []

    @property
    def pending_bytes(self) -> int:
        """Bytes in memory, batches that were taken left out."""
        return self._spool.pending_bytes + self.gathered.size

    def append(self, events: Iterable[Event]) -> None:
        """Take events; they are not durable yet. With its beginning goes the command line."""
        listed = list(events)
        for event in listed:
            if event.kind is Kind.RUN_STARTED:
                self.gathered.add(event, Role.COMMAND, self._command)
        self._spool.append(listed)

    def commit(self) -> None:
        """Make texts and events durable; raises Unavailable, and may be called again."""
        self._taken += self._theirs()
        self._texts.keep(self._taken)
        self._taken = []
        self._spool.commit()

    def take(self) -> bytearray:
        """Hand over the events since; the texts beside them are of the same batch."""
        batch = self._spool.take()
        if batch:
            self._taken = self._theirs()
        return batch

    def keep(self, batch: bytearray) -> None:
        """Make a batch durable with its texts; raises Unavailable."""
        self._texts.keep(self._taken)
        self._spool.keep(batch)

    def discard(self) -> int:
        """Forget what is not durable; return its bytes."""
        size = self.gathered.size
        self.gathered.take()
        self._taken = []
        return self._spool.discard() + size

    def close(self) -> None:
        """Seal the spool and close what texts are kept in."""
        self._spool.close()
        self._texts.close()

    def _theirs(self) -> list[Content]:
        return [msgspec.structs.replace(each, **self._whose) for each in self.gathered.take()]
