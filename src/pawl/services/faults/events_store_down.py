"""The events store cannot be opened while telemetry comes in.

Causes: telemetry is taken in by the real spool while a folder stands where the file of the store
should be; then that is mended, unless `mended` is off. With `spool_cleared` somebody clears the
spool meanwhile to make room.

Measures: events that were acknowledged and are not in the store afterwards, events that are there
twice, and batches that were not acknowledged.
"""

from collections import Counter

from pawl.base.errors import PawlError
from pawl.services.drill_alerts import keep, stored
from pawl.services.drill_fault import FaultKind, Measure, Parameter
from pawl.services.drill_sandbox import Parameters, Sandbox
from pawl.store.spool import segments
from pawl.telemetry.event import Event, Kind, Source

_BATCHES = 10
_MEASURES = ("lost", "doubled", "refused")


def _cause(sandbox: Sandbox, parameters: Parameters) -> None:
    file, spool = sandbox.data / "events.duckdb", sandbox.data / "spool"
    file.mkdir()
    (file / "in the way").touch()
    sandbox.note("The events store cannot be opened.")
    acknowledged: list[str] = []
    refused = 0
    for batch in range(_BATCHES):
        sandbox.check()
        made = [_event(sandbox.now(), f"{batch}-{n}") for n in range(int(parameters["events"]))]
        try:
            keep(sandbox, made, label=f"batch-{batch}")
        except PawlError as error:
            sandbox.note(f"A batch was refused: {error.message}")
            refused += 1
            continue
        acknowledged += [each.id for each in made]
    sandbox.note(f"{len(acknowledged)} events were acknowledged meanwhile.")
    if not _is_down(sandbox):
        sandbox.cannot_tell("the store could be opened all the same", *_MEASURES)
        return
    if parameters["spool_cleared"]:
        for segment in segments(spool):
            segment.path.unlink()
        sandbox.note("Somebody clears the spool.")
    if parameters["mended"]:
        (file / "in the way").unlink()
        file.rmdir()
        sandbox.note("The store is mended.")
    try:
        stored(sandbox)
        found = Counter(each.id for each in stored(sandbox))
    except PawlError as error:
        sandbox.cannot_tell(f"the store did not come back: {error.message}", *_MEASURES)
        return
    sandbox.note(f"{found.total()} events are in the store after it was loaded twice.")
    sandbox.measure("refused", refused)
    sandbox.measure("lost", sum(each not in found for each in acknowledged))
    sandbox.measure("doubled", sum(times - 1 for times in found.values()))


def _is_down(sandbox: Sandbox) -> bool:
    try:
        stored(sandbox)
    except PawlError:
        return True
    return False


def _event(now: str, name: str) -> Event:
    return Event(
        id=f"drill-{name}",
        time=now,
        kind=Kind.REQUEST,
        source=Source.RUN,
        agent="claude-code",
        session_id="drill",
        request_id=name,
        final=True,
        model="claude-sonnet-4-5",
        input=100,
        output=10,
    )


FAULT = FaultKind(
    title="An events store that is down",
    parameters={
        "events": Parameter(default=200, at_least=1, at_most=5_000, says="events in each batch"),
        "mended": Parameter(default=True, says="whether the store comes back"),
        "spool_cleared": Parameter(default=False, says="whether the spool is cleared meanwhile"),
    },
    measures={
        "lost": Measure(unit="events", says="acknowledged events that are not in the store"),
        "doubled": Measure(unit="events", says="events that are in the store twice"),
        "refused": Measure(unit="batches", says="batches that were not acknowledged"),
    },
    cause=_cause,
)
