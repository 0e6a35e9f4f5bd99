"""Recurring duties are done when they are due, and leave a record.

Claims: routines that fell due were done before they were due again, each with its own record.

Looks at: occurrences of routines that fell due in 90 days, when they were done, and the digest of
what they left behind.

Fooled by: the same text handed in again (one record proves one occurrence), a tick without a
record, doing three months at once (each must be done before the next of its routine was due),
a date in the future, a cadence that was made easier afterwards (each day counts by the one of
then).

Yes: at least one was kept; `kept` says how many of all. No: duties fell due and none was kept.
Cannot tell: no record of routines over 90 days, or none fell due.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.facts.operations import Routine
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import WINDOW_DAYS, newest, share_of, within
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    routines = recorded(facts, lambda told: told.routines, "routines", WINDOW_DAYS)
    if isinstance(routines, Answer):
        return routines
    due = [each for each in routines if within(each.due, facts.as_of)]
    if not due:
        return cannot_tell(f"No routine fell due in {WINDOW_DAYS} days; plan some.")
    kept, copied = _kept(due, facts.as_of)
    told = {
        "values": {
            "kept": share_of(kept, len(due)),
            "routines": len({each.name for each in due}),
            "copied": copied,
        },
        "claimed_at": newest(each.done_at for each in due),
        "inputs": sorted([each.name, each.due, each.record_digest or ""] for each in due),
    }
    reason = (
        f"{kept} of {len(due)} occurrences due in {WINDOW_DAYS} days were done in time with a "
        f"record{f'; {copied} records were handed in before' if copied else ''}."
    )
    if not kept:
        return no(reason, Kind.DECISION, **told)
    return yes(reason, Depth.RUNS, Kind.DECISION, **told)


def _kept(due: list[Routine], as_of: str) -> tuple[int, int]:
    """Return how many occurrences were kept, and how many records were used again."""
    kept = copied = 0
    records: set[str] = set()
    ordered = sorted(due, key=lambda each: (each.due, each.name))
    for at, routine in enumerate(ordered):
        again = (each.due for each in ordered[at + 1 :] if each.name == routine.name)
        until = next((each for each in again if each > routine.due), as_of)
        if routine.done_at is None or not routine.record_digest or routine.done_at > until:
            continue
        if routine.record_digest in records:
            copied += 1
            continue
        records.add(routine.record_digest)
        kept += 1
    return kept, copied


PROBE = Probe(
    claim="The operating cadence is kept",
    area="culture",
    version=1,
    kinds=(Kind.DECISION,),
    depth=Depth.RUNS,
    values={
        "kept": "share of due occurrences done before the next was due, with a record of its own",
        "routines": "different routines that fell due",
        "copied": "occurrences whose record had been handed in before",
    },
    remedy=Remedy("Do the overdue routine that matters most, and drop those nobody misses.", 1.0),
    judge=_judge,
    awaits="cadence",
)
