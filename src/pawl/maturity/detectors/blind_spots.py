"""Telemetry was missing when it mattered, or covers less than it did.

Notices incidents that fall into gaps of telemetry more often than chance would have it, and a
share of sessions that report which fell since the last look.

By chance an incident falls into a gap as often as gaps are long: the probability of so many or
more is the binomial one. A gap is days on which supervised runs asked models and no event of the
project arrived, once events had begun to; without any only the share is judged.

Innocent: the collector itself was down. Remedy: what was not seen is unknown; collect again where
the source still has it. Removes: the credit of what rests on telemetry is contested for gaps and
provisional for a fallen share.
"""

from math import comb

from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Kind, Share
from pawl.maturity.facts import Absent
from pawl.maturity.looking.noticing import Voice, past_of
from pawl.maturity.looking.recent import days_between
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G16",
    "The collector itself was down.",
    "Take what was not seen for unknown, and collect it again where the source still has it.",
)
_COVERAGE = ("dashboards-are-fed", "covered")


def look(look: Look) -> list[Hit]:
    """Return a hit for gaps that hide incidents, and one for a share that fell."""
    probes = [
        probe for probe, record in look.records.items() if Kind.TELEMETRY in record.kinds
    ] or [_COVERAGE[0]]
    hits = []
    hidden = _hidden(look)
    if hidden is not None:
        hits.append(_VOICE.hit(hidden, "strong", "contested", probes=probes))
    fell = _fell(look)
    if fell is not None:
        hits.append(_VOICE.hit(fell, "medium", "provisional", probes=probes))
    return hits


def _hidden(look: Look) -> str | None:
    operations = look.facts.operations
    if isinstance(operations, Absent) or not look.gaps:
        return None
    start, end = operations.complete_since, look.facts.as_of
    whole = days_between(start, end)
    gaps = _apart([(max(a, start), min(b, end)) for a, b in look.gaps if a < b])
    if whole <= 0 or not gaps:
        return None
    times = [each.opened_at for each in operations.incidents or () if each.opened_at >= start]
    hits = sum(any(a <= at <= b for a, b in gaps) for at in times)
    chance = min(1.0, sum(days_between(a, b) for a, b in gaps) / whole)
    if hits < look.numbers["overlaps_min"]:
        return None
    if at_least(hits, len(times), chance) > look.numbers["p_max"]:
        return None
    return (
        f"{hits} of {len(times)} incidents fall into gaps of telemetry that make up {chance:.0%} "
        "of the time."
    )


def _apart(gaps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return gaps that do not overlap, out of some that may, without empty ones."""
    found: list[tuple[str, str]] = []
    for start, end in sorted(gaps):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def at_least(hits: int, of: int, chance: float) -> float:
    """Return the probability of so many hits or more, each with the same chance."""
    return sum(
        comb(of, each) * chance**each * (1 - chance) ** (of - each) for each in range(hits, of + 1)
    )


def _fell(look: Look) -> str | None:
    probe, name = _COVERAGE
    record = look.records.get(probe)
    now = record.values.get(name) if record is not None else None
    earlier = [each.values.get(name) for each in past_of(look, probe)]
    shares = [each.ratio for each in earlier if isinstance(each, Share) and each.ratio is not None]
    if not isinstance(now, Share) or now.ratio is None or not shares:
        return None
    if shares[-1] - now.ratio <= look.numbers["fell_over"]:
        return None
    return (
        f"The share of runs known with their session fell from {shares[-1]:.0%} to {now.ratio:.0%}."
    )


DETECTOR = Detector(
    code="G16",
    name="Blind spots",
    what="Telemetry was missing when it mattered, or covers less than it did.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
