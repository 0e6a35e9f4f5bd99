"""What failed was taken out of the count instead of being mended.

Notices questions whose last answer was no and that do not arise any more; figures whose share rose
only because the whole it is a share of shrank; and registers of exceptions that grew in a wave.
What did not apply before, and what has not applied for a quarter, is settled.

Computed over earlier records of the same repository: the answer before the present run of answers,
and the value before today's.

Innocent: the scope was split, or dead code removed. Remedy: have somebody outside the assessed
side approve the smaller scope. Removes: a question taken out is contested, a figure over a smaller
whole and scans under a grown register are provisional.
"""

from pawl.base.finding import Outcome
from pawl.maturity.detector import Detector, Look
from pawl.maturity.evidence import Record, Share
from pawl.maturity.looking.noticing import Voice, before, began, past_of
from pawl.maturity.looking.recent import days_between
from pawl.maturity.verdict import Hit

_VOICE = Voice(
    "G09",
    "The scope was split, or what failed was removed for good.",
    "Have somebody outside the assessed side approve the smaller scope.",
)
_MUTED = ("secrets-are-scanned", "vulnerabilities-are-fixed", "exceptions-expire")


def look(look: Look) -> list[Hit]:
    """Return a hit for questions taken out, one for shrunk figures, one for a grown register."""
    return [*_taken_out(look), *_shrunk(look), *_grown(look)]


def _taken_out(look: Look) -> list[Hit]:
    found = []
    for probe, record in sorted(look.records.items()):
        if record.outcome is not Outcome.NOT_APPLICABLE:
            continue
        first = began(look, record)
        earlier = before(look, first)
        age = days_between(first.observed_at, look.facts.as_of)
        if earlier is None or earlier.outcome is not Outcome.FAIL:
            continue
        if age <= look.numbers["settles_days"]:
            found.append((probe, record))
    if not found:
        return []
    return [
        _VOICE.hit(
            f"{len(found)} questions were answered with no before and do not arise any more: "
            f"{', '.join(probe for probe, _ in found[:5])}.",
            "strong",
            "contested",
            probes=[probe for probe, _ in found],
            evidence=[record.id for _, record in found],
        )
    ]


def _shrunk(look: Look) -> list[Hit]:
    found = []
    for probe, record in sorted(look.records.items()):
        earlier = _last(look, record)
        if earlier is not None and record.outcome is Outcome.PASS:
            found += [probe] if _only_shrank(look, earlier, record) else []
    if not found:
        return []
    return [
        _VOICE.hit(
            f"Shares rose only because there is less to be a share of: {', '.join(found[:5])}.",
            "medium",
            "provisional",
            probes=found,
        )
    ]


def _last(look: Look, record: Record) -> Record | None:
    earlier = [each for each in past_of(look, record.probe) if each.id != record.id]
    answered = [each for each in earlier if each.outcome in (Outcome.PASS, Outcome.FAIL)]
    return answered[-1] if answered else None


def _only_shrank(look: Look, earlier: Record, today: Record) -> bool:
    for name, now in today.values.items():
        then = earlier.values.get(name)
        if not isinstance(now, Share) or not isinstance(then, Share):
            continue
        if not (now.census and then.census) or then.of < look.numbers["things_min"]:
            continue
        shrank = 1 - now.of / then.of
        if shrank > look.numbers["shrank_over"] and now.hits <= then.hits and _rose(then, now):
            return True
    return False


def _rose(then: Share, now: Share) -> bool:
    return (now.ratio or 0.0) > (then.ratio or 0.0)


def _grown(look: Look) -> list[Hit]:
    record = look.records.get("exceptions-expire")
    earlier = _last(look, record) if record is not None else None
    if record is None or earlier is None:
        return []
    now, then = record.values.get("live"), earlier.values.get("live")
    if not isinstance(now, int) or not isinstance(then, int):
        return []
    more = now - then
    if more < look.numbers["growth_min"] or more <= look.numbers["growth_over"] * then:
        return []
    return [
        _VOICE.hit(
            f"Exceptions in force rose from {then} to {now} since the last look.",
            "medium",
            "provisional",
            probes=_MUTED,
            evidence=(record.id, earlier.id),
        )
    ]


DETECTOR = Detector(
    code="G09",
    name="Shrinking scope",
    what="What failed was taken out of the count instead of being mended.",
    innocent=_VOICE.innocent,
    remedy=_VOICE.remedy,
    look=look,
)
