"""Decisions stand in a chain that a copy outside confirms.

Claims: the ledger of decisions is unbroken, and an outside checkpoint agrees with it.

Looks at: what Pawl found when it verified its own ledger: entries, an intact chain, whether a
checkpoint kept elsewhere was compared with.

Fooled by: a chain rebuilt from its first entry, or cut short at its end: both verify by
themselves, and only the copy outside shows them. Without one the proof is content, no more.

Yes: there are entries and their chain is intact; `checkpointed` says whether a copy outside
agrees. No: the chain is broken, or there is no entry. Cannot tell: the ledger was not verified.
"""

from pawl.maturity.evidence import Assurance, Depth, Kind
from pawl.maturity.facts import Absent, Facts
from pawl.maturity.probe import Answer, Probe, Remedy, cannot_tell, no, yes


def _judge(facts: Facts) -> Answer:
    practice = facts.practice
    if isinstance(practice, Absent):
        return cannot_tell(practice)
    entries, intact = practice.verified_entries, practice.chain_intact
    if entries is None or intact is None:
        return cannot_tell("The ledger was not verified; run `pawl ledger verify`.")
    checkpointed = practice.checkpointed is True
    told = {
        "values": {"entries": entries, "checkpointed": checkpointed},
        "inputs": [entries, intact, checkpointed],
    }
    if not intact:
        return no(f"The chain breaks after {entries} entries.", Kind.DECISION, **told)
    if not entries:
        return no("The ledger holds no decision.", Kind.DECISION, **told)
    if not checkpointed:
        return yes(
            f"{entries} entries verify; no copy outside excludes that the chain was rebuilt.",
            Depth.SUBSTANTIVE,
            Kind.DECISION,
            **told,
        )
    return yes(
        f"{entries} entries verify, and a checkpoint outside agrees.",
        Depth.BITES,
        Kind.DECISION,
        assurance=Assurance.SIGNED,
        **told,
    )


PROBE = Probe(
    claim="Decisions are chained",
    area="security",
    version=1,
    kinds=(Kind.DECISION,),
    depth=Depth.BITES,
    values={
        "entries": "ledger entries that verified",
        "checkpointed": "whether a checkpoint kept outside was compared with",
    },
    remedy=Remedy(
        "Record decisions with Pawl, keep checkpoints of the ledger where its writers cannot "
        "change them, and name the newest with `pawl assess --checkpoint`.",
        1.0,
    ),
    judge=_judge,
)
