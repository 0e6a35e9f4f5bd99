"""The gates have never refused anything.

Notices a pipeline of hundreds of finished runs on changes, none of them red, while no canary
change was refused within a quarter. Scheduled runs do not count: nobody proposed anything there.

Innocent: mature code. Remedy: propose a canary change that must be refused; it takes minutes.
Removes: credit for biting (depth E4 and more) that CI or the code host would prove is contested;
where there is none, it is noted.
"""

from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Depth, Kind
from pawl.maturity.facts import Absent
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.looking.recent import within
from pawl.maturity.probes.red_builds_block import GREEN, RED
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G15",
    "The code is mature, and nobody proposes what does not work.",
    "Propose a canary change that the gate must refuse; it takes minutes.",
)
_BITING = frozenset({Kind.CI, Kind.HOST})
_OUTSIDE = frozenset({"gate-is-common", "releases-are-signed", "decisions-are-chained"})
"""Probes that bite by something else than a pipeline's colour."""


def look(look: Look) -> list[Hit]:
    """Return at most one hit."""
    host = look.facts.host
    if isinstance(host, Absent) or _canary_refused(look):
        return []
    runs = [each for each in host.runs if each.event not in ("schedule", "workflow_dispatch")]
    red = sum(each.conclusion in RED for each in runs)
    green = sum(each.conclusion in GREEN for each in runs)
    if red or green < look.numbers["runs_min"]:
        return []
    probes = [
        probe
        for probe, record in look.records.items()
        if record.depth >= Depth.BITES and _BITING & set(record.kinds) and probe not in _OUTSIDE
    ]
    return [
        _VOICE.hit(
            f"None of {green} finished runs on changes was red, and no canary was refused.",
            "weak",
            "contested" if probes else "note",
            probes=probes or ("red-builds-block",),
        )
    ]


def _canary_refused(look: Look) -> bool:
    operations = look.facts.operations
    if isinstance(operations, Absent):
        return False
    return any(
        drill.kind == "canary"
        and drill.succeeded is True
        and within(drill.at, look.facts.as_of, look.numbers["canary_days"])
        for drill in operations.drills or ()
    )


DETECTOR = Detector(
    code="G15",
    name="Gate that never fails",
    what="The gates have never refused anything.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
