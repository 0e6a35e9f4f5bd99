"""Compute the score's inputs from evidence records, as far as they tell.

Quality gate coverage is the share of changes that were built, times the share of gates that do not
swallow their failure. Time to roll back is what a drill took. The policy audit's pass rate is the
share of risky changes that were approved, times the share of exceptions not past their end. The
repeat rate is the share of incidents that repeat a cause. These joins are ours.
"""

from collections.abc import Callable, Mapping

from pawl.base.finding import Outcome
from pawl.maturity.evidence import Record, Share
from pawl.maturity.score import Formula, Told

Records = Mapping[str, Record]


class _NotTold(Exception):
    """A figure that the records do not tell; the text is the reason, a sentence."""


def from_evidence(formula: Formula, records: Records, *, as_of: str) -> dict[str, Told]:
    """Return every input as today's records by probe id tell it, or as missing with the reason.

    A record past its `valid_to` at `as_of`, a canonical time, tells nothing.
    """
    current = {
        probe: record
        for probe, record in records.items()
        if record.valid_to is None or record.valid_to > as_of
    }
    return {each.id: _told(each.id, current) for each in formula.inputs}


def _told(name: str, records: Records) -> Told:
    if name not in _FIGURES:
        return Told(input=name, standing="missing", reason="No probe measures it.")
    probes, compute = _FIGURES[name]
    try:
        value, reason = compute(records)
    except _NotTold as why:
        return Told(input=name, standing="missing", reason=str(why))
    used = tuple(records[probe].id for probe in probes)
    return Told(input=name, standing="evidence", value=value, reason=reason, evidence=used)


def _coverage(records: Records) -> tuple[float, str]:
    built = _ratio(records, "every-change-is-built", "built")
    gates = _number(records, "gates-are-not-swallowed", "gates")
    swallowed = _number(records, "gates-are-not-swallowed", "swallowed")
    if gates <= 0:
        raise _NotTold("There is no gate to look at.")
    biting = max(0.0, 1 - swallowed / gates)
    return built * biting, f"{built:.0%} of changes built, {biting:.0%} of gates not swallowed."


def _rollback(records: Records) -> tuple[float, str]:
    minutes = _number(records, "rollback-is-drilled", "minutes")
    return minutes, f"The drilled rollback took {minutes:g} minutes."


def _policy(records: Records) -> tuple[float, str]:
    approved = _ratio(records, "risky-paths-are-approved", "approved")
    standing = _exceptions_within_term(records)
    reason = f"{approved:.0%} of risky changes approved, {standing:.0%} of exceptions within term."
    return approved * standing, reason


def _exceptions_within_term(records: Records) -> float:
    record = records.get("exceptions-expire")
    if record is not None and record.outcome is Outcome.NOT_APPLICABLE:
        # Nothing is set aside, so nothing is past its end.
        return 1.0
    live = _number(records, "exceptions-expire", "live")
    expired = _number(records, "exceptions-expire", "expired")
    return live / (live + expired) if live + expired > 0 else 1.0


def _repeats(records: Records) -> tuple[float, str]:
    repeat = _ratio(records, "incidents-rarely-repeat", "repeat")
    return repeat, f"{repeat:.0%} of incidents repeat a cause."


_FIGURES: dict[str, tuple[tuple[str, ...], Callable[[Records], tuple[float, str]]]] = {
    "quality-gate-coverage": (("every-change-is-built", "gates-are-not-swallowed"), _coverage),
    "rollback-mttr-min": (("rollback-is-drilled",), _rollback),
    "policy-audit-pass-rate": (("risky-paths-are-approved", "exceptions-expire"), _policy),
    "incident-repeat-rate": (("incidents-rarely-repeat",), _repeats),
}
"""For each input the probes that it is computed from, and how."""


def _conclusive(records: Records, probe: str) -> Record:
    record = records.get(probe)
    if record is None:
        raise _NotTold(f"There is no current record of {probe}.")
    if record.outcome not in (Outcome.PASS, Outcome.FAIL):
        raise _NotTold(f"{probe} says {record.outcome.value}: {record.reason}")
    return record


def _ratio(records: Records, probe: str, name: str) -> float:
    value = _conclusive(records, probe).values.get(name)
    ratio = value.ratio if isinstance(value, Share) else None
    if ratio is None:
        raise _NotTold(f"{probe} tells no {name}.")
    return ratio


def _number(records: Records, probe: str, name: str) -> float:
    value = _conclusive(records, probe).values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _NotTold(f"{probe} tells no {name}.")
    return float(value)
