"""A backup was restored, and what came back was compared.

Claims: restoring is exercised, and the restored data matched by a checksum.

Looks at: exported drills of kind `restore` in 365 days.

Fooled by: logs of backups alone (only a restore counts), a restore that was not compared (no
checksum, no proof), a drill that failed or whose result is not told.

Yes: at least one restore succeeded with a checksum; `days_since` tells how long ago the newest
was. No: restores were exported, and none was proved, or there was none in a year. Cannot tell: no
export of drills; one that begins within the year can only prove a yes.
"""

from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Facts
from pawl.maturity.looking.operated import recorded
from pawl.maturity.looking.recent import newest, whole_days, within
from pawl.maturity.probe import Answer, Probe, Remedy, no, yes

RESTORE_DAYS = 365
"""Days that are looked back; how recent is enough is a criterion's business."""


def _judge(facts: Facts) -> Answer:
    drills = recorded(facts, lambda told: told.drills, "drills", 0)
    if isinstance(drills, Answer):
        return drills
    restores = [
        each
        for each in drills
        if each.kind == "restore" and within(each.at, facts.as_of, RESTORE_DAYS)
    ]
    proved = [each for each in restores if each.succeeded and each.checksum]
    last = newest(each.at for each in proved)
    inputs = sorted(each.id for each in restores)
    if last is not None:
        days = whole_days(last, facts.as_of)
        return yes(
            f"{len(proved)} restores in a year were compared by checksum, the last {days} d ago.",
            Depth.BITES,
            Kind.INCIDENT,
            values={"restores": len(proved), "days_since": days},
            claimed_at=last,
            inputs=inputs,
        )
    # What lies before the export may have been a restore.
    whole = recorded(facts, lambda told: told.drills, "drills", RESTORE_DAYS)
    if isinstance(whole, Answer) and not restores:
        return whole
    return no(
        f"Of {len(restores)} restores in a year none succeeded and was compared by checksum.",
        Kind.INCIDENT,
        values={"restores": 0},
        claimed_at=newest(each.at for each in restores),
        inputs=inputs,
    )


PROBE = Probe(
    claim="Restores are tested",
    area="reliability",
    version=1,
    kinds=(Kind.INCIDENT,),
    depth=Depth.BITES,
    values={
        "restores": "restores compared by checksum in a year",
        "days_since": "days since the newest of them",
    },
    remedy=Remedy("Restore the newest backup beside production and compare checksums.", 1.0),
    judge=_judge,
    awaits="incidents",
)
