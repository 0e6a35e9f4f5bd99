"""Which evidence may count for a gate, and what it comes to.

Only a conclusive, fresh pass that binds to this very content and base is one. A failure does not
grow old: of the same content it stays one, or whoever waits, or tries often enough, gets through.
"""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from pawl.base.times import format_time, parse_time
from pawl.changes.condition import Answer, Question, fails, holds, inconclusive, not_applicable
from pawl.changes.evidence import Evidence, is_whole, newest_last, seen_at
from pawl.changes.gate_file import Gate
from pawl.changes.verdict import Verdict

SHOWN = 20
"""Ids that an answer cites; a count tells of the rest."""


class SetAside(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A piece of evidence that does not count, and why."""

    evidence: str
    reason: str


def admitted(
    pieces: Iterable[Evidence],
    gate: Gate,
    kind: str,
    *,
    digest: str,
    base_digest: str,
    now: str,
    skew_s: float,
) -> tuple[tuple[Evidence, ...], tuple[SetAside, ...]]:
    """Return the pieces of a kind that may count for a gate, by age, and those that may not."""
    kept: list[Evidence] = []
    aside: list[SetAside] = []
    oldest = None if gate.max_age_s is None else _moved(now, -gate.max_age_s)
    latest = _moved(now, skew_s)
    for piece in newest_last(each for each in pieces if each.kind == kind):
        reason = _why_not(piece, gate, digest, base_digest, oldest, latest)
        if reason:
            aside.append(SetAside(evidence=piece.id, reason=reason))
        else:
            kept.append(piece)
    return tuple(kept), tuple(aside)


def weigh(question: Question, about: str) -> Answer:
    """Return what the evidence of a question comes to; `about` says of what, in a few words."""
    if question.lost:
        return inconclusive(
            f"{len(question.lost)} recorded pieces of evidence are not here.",
            *question.lost[:SHOWN],
            hint="Bring them back, or judge the content anew as an edited change.",
        )
    gate, pieces = question.gate, question.evidence
    if not pieces:
        if gate.must_have_data:
            return inconclusive(
                f"Nothing says {about} for this content on this base.",
                hint="Run it on exactly this change and hand the result over.",
            )
        return not_applicable(f"Nothing says {about}, and the gate asks for nothing.")
    conclusive = [each for each in pieces if each.verdict in (Verdict.PASS, Verdict.FAIL)]
    counted = conclusive[-1:] if gate.several == "newest" else conclusive
    failed = [each for each in counted if each.verdict is Verdict.FAIL]
    if failed:
        return fails(f"{len(failed)} of {len(counted)} verdicts say no to {about}.", *_ids(failed))
    enough = [each for each in counted if _enough(each, gate)]
    if enough:
        tried = len(pieces) - len(conclusive)
        besides = f" {tried} more came to no verdict." if tried else ""
        return holds(f"{_verdicts(len(enough))} to {about}.{besides}", *_ids(enough))
    if counted:
        return inconclusive(
            f"The verdicts rest on too little data; {gate.min_events} events are asked for.",
            *_ids(counted),
        )
    return inconclusive(f"No verdict on {about} is conclusive.", *_ids(pieces))


def _why_not(
    piece: Evidence, gate: Gate, digest: str, base_digest: str, oldest: str | None, latest: str
) -> str:
    if piece.digest != digest:
        return f"It is about {piece.digest[:12]}; the change is {digest[:12]}."
    if piece.base_digest != base_digest:
        return "It was judged on another base."
    if gate.producers and piece.producer not in gate.producers:
        return f"Its producer {piece.producer[:80]} is not one the gate believes."
    if piece.recorded_at > latest:
        return "It was recorded later than now."
    if piece.verdict is not Verdict.PASS:
        # Neither age nor damage takes back what is not in the change's favour.
        return ""
    if not is_whole(piece):
        return "Its payload is not what its digest says."
    if oldest is not None and seen_at(piece) < oldest:
        return f"It is older than {gate.max_age}."
    return ""


def _enough(piece: Evidence, gate: Gate) -> bool:
    return gate.min_events == 0 or (piece.events is not None and piece.events >= gate.min_events)


def _verdicts(count: int) -> str:
    return "1 verdict says yes" if count == 1 else f"{count} verdicts say yes"


def _ids(pieces: Iterable[Evidence]) -> tuple[str, ...]:
    return tuple(each.id for each in pieces)[-SHOWN:]


def _moved(now: str, seconds: float) -> str:
    try:
        return format_time(parse_time(now) + timedelta(seconds=seconds))
    except OverflowError:
        return "0001-01-01T00:00:00.000000Z"
