"""Hold one record against one need: does it prove it, deny it, or fall short of either?

What is weighed here does not depend on the time of judging; whether an answer is still fresh is
asked apart, so that time alone can never turn a no into a yes.
"""

from enum import IntEnum

import msgspec

from pawl.base.finding import Outcome
from pawl.maturity.compiled import CompiledNeed
from pawl.maturity.dossier import Dossier, Seen
from pawl.maturity.evidence import Assurance, Depth, Kind, Record
from pawl.maturity.threshold import compare, holds
from pawl.maturity.verdict import ThresholdResult

DAY_US = 86_400 * 1_000_000
_DEPTHS = {
    Depth.EXISTS: "E1 (it exists)",
    Depth.SUBSTANTIVE: "E2 (its content holds up)",
    Depth.RUNS: "E3 (it ran)",
    Depth.BITES: "E4 (it stopped bad input)",
    Depth.PAYS: "E5 (it paid off)",
}
_ASSURANCES = {
    Assurance.DECLARED: "A0 (declared)",
    Assurance.OBSERVED: "A1 (observed)",
    Assurance.SIGNED: "A2 (signed)",
    Assurance.PROVIDER: "A3 (read from the provider)",
}
# Looked up once: judging many subjects spends its time here, and members are slow to reach.
_FAIL, _NOT_APPLICABLE = Outcome.FAIL, Outcome.NOT_APPLICABLE
_WORD_ONLY = (Kind.ATTESTATION,)


class Stance(IntEnum):
    """What one record says about one need, whatever its age."""

    YES = 0
    NO = 1
    PARTLY = 2
    """It says yes, but not deep, vouched for or complete enough to prove the need."""
    NOT_APPLICABLE = 3


_YES = Stance.YES


class Weighed(msgspec.Struct, frozen=True, gc=False):
    """One record held against one need."""

    seen: Seen
    stance: Stance


def stance_of(need: CompiledNeed, record: Record, z: float) -> Stance:
    """Say what one conclusive record says about a need; `z` is for the interval of samples."""
    proves = record.assurance >= need.min_assurance and (
        need.attestation_counts or record.kinds != _WORD_ONLY
    )
    outcome = record.outcome
    if outcome is _NOT_APPLICABLE:
        return Stance.NOT_APPLICABLE if proves else Stance.PARTLY
    if outcome is _FAIL:
        return Stance.NO
    proves = proves and record.depth >= need.depth
    values = record.values
    told = True
    for check in need.checks:
        held = holds(check, values.get(check.name), z)
        if held is False:
            return Stance.NO if proves else Stance.PARTLY
        told = told and held is True
    return _YES if proves and told else Stance.PARTLY


def weigh(need: CompiledNeed, seen: Seen, z: float) -> Weighed:
    """Hold one conclusive record against one need."""
    return Weighed(seen, stance_of(need, seen.record, z))


def shortfall(need: CompiledNeed, record: Record, z: float) -> tuple[bool, str]:
    """Return whether a yes that proves nothing misses a threshold, and what it falls short of."""
    asked = record.outcome is Outcome.PASS
    results = thresholds_of(need, record, z) if asked else ()
    for result in results:
        if result.holds is False:
            return True, _outside(result)
    if record.assurance < need.min_assurance:
        return False, (
            f"It is vouched for as {_ASSURANCES[record.assurance]}; "
            f"{_ASSURANCES[need.min_assurance]} is needed."
        )
    if not need.attestation_counts and record.kinds == _WORD_ONLY:
        return False, "It is somebody's word, which is not enough at this level."
    if record.depth < need.depth:
        proved, wanted = _DEPTHS[record.depth], _DEPTHS[need.depth]
        return False, f"It is proved to {proved}; {wanted} is needed."
    return False, next(_untold(result) for result in results if result.holds is None)


def thresholds_of(need: CompiledNeed, record: Record, z: float) -> tuple[ThresholdResult, ...]:
    """Return a need's thresholds with a record's values filled in."""
    values = record.values
    return tuple([compare(check, values.get(check.name), z) for check in need.checks])


def fresh_until(need: CompiledNeed, seen: Seen, dossier: Dossier) -> int:
    """Return when a record stops being fresh for a need, in microseconds since the epoch."""
    end = seen.at + need.fresh_us
    if seen.record.valid_to is not None:
        end = min(end, dossier.micros(seen.record.valid_to))
    if dossier.events:
        event = dossier.ended_by(seen)
        if event is not None:
            end = min(end, dossier.micros(event.at))
    return end


def why_stale(seen: Seen, until: int, dossier: Dossier) -> str:
    """Return why a record that was fresh until a time is no longer."""
    event = dossier.ended_by(seen)
    if event is not None and dossier.micros(event.at) <= until:
        return f"It was seen before something changed: {event.reason}"
    days = (dossier.now_us - seen.at) / DAY_US
    return f"It was last seen {days:.0f} days ago and was fresh until {dossier.text(until)[:10]}."


def _outside(result: ThresholdResult) -> str:
    return f"{result.name} is {_shown(result)}; {result.wanted} is needed."


def _untold(result: ThresholdResult) -> str:
    if result.found is None:
        return f"{result.name} is not known; {result.wanted} is needed."
    if result.low is not None:
        return (
            f"{result.name} is {_shown(result)}: the sample is too small to tell whether it is "
            f"{result.wanted}."
        )
    return f"{result.name} is {_shown(result)}, which cannot be compared with {result.wanted}."


def _shown(result: ThresholdResult) -> str:
    """Return a found value in words: a share with its parts, a sample with its interval."""
    found = result.found
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float) and not found.is_integer():
        return f"{found:.4g}"
    if isinstance(found, float):
        # JSON does not tell 12000.0 from 12000, so neither may the words about it.
        return str(int(found))
    if found is None or isinstance(found, int | str):
        return str(found)
    if result.low is None:
        return f"{found.hits} of {found.of}"
    return f"{found.hits} of {found.of} looked at ({result.low:.2f} to {result.high:.2f})"
