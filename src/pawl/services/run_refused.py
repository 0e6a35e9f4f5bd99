"""What a run tells of itself as events, and the record of one that was refused at the door."""

import msgspec

from pawl.base.errors import Refused, Unavailable
from pawl.runs import outcome
from pawl.runs.attempts import without_contents
from pawl.runs.record import RunRecord
from pawl.runs.spec import RunSpec
from pawl.services.run_books import Books, ended_event
from pawl.services.run_shell import Shell
from pawl.telemetry.event import Event, Kind, Source


def refuse(shell: Shell, spec: RunSpec, error: Refused) -> RunRecord:
    """Record, in ledger and spool, a run that was refused before anything of it was there."""
    started = shell.now()
    record = outcome.refused(spec, str(error), started=started)
    stored = without_contents(record)
    books = Books(shell.records)
    books.tell(lambda records: records.settle(stored, started))
    wrong = _spool_refusal(shell, spec, stored, started)
    books.finish()
    if books.failure is not None:
        wrong.append(f"The ledger could not be written: {books.failure.message}")
    return msgspec.structs.replace(record, warnings=(*record.warnings, *wrong))


def own_event(
    spec: RunSpec, kind: Kind, time: str, attributes: dict[str, str], number: str = ""
) -> Event:
    """Return an event that Pawl itself tells of a run; `number` tells repeated ones apart."""
    return Event(
        id=f"{spec.run_id}:{kind}{number}",
        time=time,
        kind=kind,
        source=Source.RUN,
        agent=spec.agent,
        run_id=spec.run_id,
        attributes=attributes,
        **msgspec.structs.asdict(spec.attribution),
    )


def terms(spec: RunSpec) -> dict[str, str]:
    """Return the attributes that say whether a run trusts what it runs on, and its ceilings."""
    limits = ",".join(spec.limits.names) or "none"
    return {"untrusted": str(spec.untrusted).lower(), "limits": limits}


def _spool_refusal(shell: Shell, spec: RunSpec, record: RunRecord, started: str) -> list[str]:
    """Record the refusal as events, so that lists made of events hold it; return what failed."""
    try:
        spool = shell.spool(spec.run_id)
        try:
            begun = own_event(spec, Kind.RUN_STARTED, started, terms(spec))
            spool.append([begun, ended_event(spec, record, started)])
            spool.commit()
        finally:
            spool.close()
    except Unavailable as error:
        return [f"The refusal could not be spooled: {error.message}"]
    return []
