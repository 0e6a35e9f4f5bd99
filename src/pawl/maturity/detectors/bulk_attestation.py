"""Many attestations came at once, in the same words, or faster than one can read.

Notices records that are a person's word alone, grouped by the collector that brought them:
several within minutes, several whose reasons share nearly all word triples, or several in a row
with less time between them than reading the question takes. Of one probe only the newest answer
counts, since each look asks it anew in the same words; what could not be told vouches for nothing.

Innocent: a day of migration from another register. Remedy: prove a sample of them by other
evidence; how many is said. Removes: the credit of the records named is provisional.
"""

from collections import defaultdict
from itertools import pairwise
from math import ceil

from pawl.base.finding import Outcome
from pawl.base.times import seconds_between
from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Kind, Record
from pawl.maturity.looking.noticing import Voice
from pawl.maturity.verdict import Hit
from pawl.parsing.likeness import likeness, sketch

_VOICE = Voice(
    "G03",
    "They were moved here in one go from another register.",
    "Prove a sample of them by other evidence.",
)
_MAX_COMPARED = 300


def look(look: Look) -> list[Hit]:
    """Return one hit for each collector whose attestations came in bulk."""
    by: dict[str, dict[str, Record]] = defaultdict(dict)
    for record in (*look.past, *look.records.values()):
        if record.kinds != (Kind.ATTESTATION,) or record.subject != look.facts.subject:
            continue
        if record.outcome in (Outcome.CANNOT_TELL, Outcome.ERROR):
            continue
        newest = by[record.collector].get(record.probe, record)
        by[record.collector][record.probe] = max(newest, record, key=_age)
    hits = []
    for _, found in sorted(by.items()):
        records = sorted(found.values(), key=_age)
        for indicator, bulk in _bulks(records, look):
            sample = ceil(look.numbers["sample_share"] * len(bulk))
            hits.append(
                _VOICE.hit(
                    f"{len(bulk)} attestations {indicator}.",
                    "medium",
                    "provisional",
                    remedy=f"Prove {sample} of the {len(bulk)} by other evidence.",
                    probes=[each.probe for each in bulk],
                    evidence=[each.id for each in bulk],
                )
            )
    return hits


def _age(record: Record) -> tuple[str, str]:
    return record.observed_at, record.id


def _bulks(records: list[Record], look: Look) -> list[tuple[str, list[Record]]]:
    numbers = look.numbers
    found = []
    within = _close(records, numbers["window_minutes"] * 60, numbers["count_min"])
    if within:
        found.append((f"were made within {numbers['window_minutes']:g} minutes", within))
    alike = _alike(records, numbers["alike_over"])
    if len(alike) >= numbers["alike_min"]:
        found.append(("are given in the same words", alike))
    quick = _quick(records, numbers["dwell_seconds"])
    if len(quick) >= numbers["dwell_min"]:
        seconds = numbers["dwell_seconds"]
        found.append((f"were made less than {seconds:g} seconds after the one before", quick))
    return found


def _close(records: list[Record], seconds: float, least: int) -> list[Record]:
    """Return the largest group within a window, or nothing when it is too small."""
    best: list[Record] = []
    start = 0
    for end, record in enumerate(records):
        while seconds_between(records[start].observed_at, record.observed_at) > seconds:
            start += 1
        if end - start + 1 > len(best):
            best = records[start : end + 1]
    return best if len(best) >= least else []


def _alike(records: list[Record], over: float) -> list[Record]:
    sketches = [(each, sketch(each.reason.lower().split())) for each in records[:_MAX_COMPARED]]
    found: list[Record] = []
    for record, ours in sketches:
        group = [each for each, theirs in sketches if likeness(ours, theirs) > over]
        if len(group) > max(1, len(found)) and record in group:
            found = group
    return found


def _quick(records: list[Record], seconds: float) -> list[Record]:
    """Return the attestations that followed another too fast to have been thought about."""
    return [
        later
        for earlier, later in pairwise(records)
        if seconds_between(earlier.observed_at, later.observed_at) < seconds
    ]


DETECTOR = Detector(
    code="G03",
    name="Bulk attestation",
    what="Many attestations came at once, in the same words, or faster than one can read.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
