"""What has been confirmed, apart from what is measured today.

Measured moves with the evidence; confirmed moves only by an assessment. Formal ones come with
the quarter, focused ones after an incident, mandatory ones before scaling; each is opened by its
trigger. Upwards a level at a time, and never by what is provisional. Downwards at once when an
incident contradicts the level, else only after two weeks below it, so that one bad day changes
nothing. A focused assessment keeps or lowers. What was confirmed ends; a level that asks for a
re-check falls back without one.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from pawl.base.durations import parse_duration
from pawl.base.errors import CannotTell
from pawl.base.times import format_time, parse_time, seconds_between
from pawl.maturity.engine_numbers import EngineNumbers
from pawl.maturity.model import Model
from pawl.maturity.verdict import DimensionResult


class AssessmentKind(StrEnum):
    """Why an assessment is held, and so what it may do."""

    FORMAL = "formal"
    """Quarterly: it may raise, keep or lower."""
    FOCUSED = "focused"
    """After an incident: it may keep or lower."""
    MANDATORY = "mandatory"
    """Before scaling: it may raise, keep or lower."""


class Trigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What opens an assessment: a quarter, an incident, or a request to scale.

    `ref` names it, such as `2026-Q4`, an incident's id or a request's. `dimensions` are those
    that an incident touches, all when empty.
    """

    cause: Literal["quarter", "incident", "scale-request"]
    ref: str
    at: str
    dimensions: tuple[str, ...] = ()

    @property
    def kind(self) -> AssessmentKind:
        """The kind of assessment that it opens."""
        return {
            "quarter": AssessmentKind.FORMAL,
            "incident": AssessmentKind.FOCUSED,
            "scale-request": AssessmentKind.MANDATORY,
        }[self.cause]


class Confirmed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one assessment confirmed of one dimension. The history is a row of these."""

    subject: str
    model: str
    dimension: str
    level: int
    change: Literal["first", "raised", "kept", "lowered"]
    reason: str
    kind: AssessmentKind
    assessment: str
    at: str
    until: str


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """What is confirmed at a time. `lapsed` says that it ended, or fell back without a re-check.

    `until` is when it ends, or when it ended.
    """

    level: int
    until: str
    lapsed: bool
    reason: str


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measured level at a time, from a stored assessment."""

    at: str
    level: int


def latest(history: Iterable[Confirmed], model: str, dimension: str) -> Confirmed | None:
    """Return what was confirmed last of a dimension, out of one subject's history."""
    found = [each for each in history if each.model == model and each.dimension == dimension]
    return max(found, key=lambda each: (each.at, each.assessment), default=None)


def current(
    history: Iterable[Confirmed], model: Model, dimension: str, now: str, numbers: EngineNumbers
) -> Current | None:
    """Return what is confirmed of a dimension now, or None before the first assessment.

    A level with a re-check interval that passed counts as the highest one below it that is still
    standing. Past its validity the level is shown as ended.
    """
    past = [each for each in history if each.at <= now]
    last = latest(past, model.id, dimension)
    if last is None:
        return None
    age = seconds_between(last.at, now)
    ended_at: list[str] = []
    level = last.level
    for each in sorted(model.levels, key=lambda each: each.ordinal, reverse=True):
        if each.ordinal > level or each.recheck is None:
            continue
        interval = parse_duration(each.recheck, place=each.id)
        if each.ordinal == level and age >= interval:
            ended_at.append(_later(last.at, interval))
            level = _below(model, level)
    if ended_at:
        reason = f"Level {last.level} was not re-checked in time and counts as {level}."
        return Current(level=level, until=ended_at[0], lapsed=True, reason=reason)
    if now >= last.until:
        reason = f"What was confirmed on {last.at[:10]} has ended."
        return Current(level=level, until=last.until, lapsed=True, reason=reason)
    return Current(level=level, until=_first_end(last, model), lapsed=False, reason=last.reason)


def below_since(series: Iterable[Measured], confirmed: int, now: str) -> str | None:
    """Return since when every measurement was below a level, or None when the last was not."""
    since = None
    for each in sorted(series, key=lambda each: each.at, reverse=True):
        if each.at > now:
            continue
        if each.level >= confirmed:
            break
        since = each.at
    return since


def confirm(
    result: DimensionResult,
    model: Model,
    trigger: Trigger,
    *,
    subject: str,
    assessment: str,
    now: str,
    numbers: EngineNumbers,
    history: Sequence[Confirmed] = (),
    series: Sequence[Measured] = (),
) -> Confirmed:
    """Return what an assessment confirms of a dimension; `series` is what was measured before.

    The result must come from a complete assessment, which the ceremony sees to.
    """
    own = [each for each in history if each.subject == subject]
    standing = current(own, model, result.id, now, numbers)
    before = _start(model, result.id) if standing is None else standing.level
    level, reason = _moved(result, model, trigger, before, now, numbers, series)
    change: Literal["first", "raised", "kept", "lowered"] = "kept"
    if standing is None:
        change = "first"
    elif level != before:
        change = "raised" if level > before else "lowered"
    valid = min(parse_duration(model.validity, place=model.id), numbers.validity_seconds)
    return Confirmed(
        subject=subject,
        model=model.id,
        dimension=result.id,
        level=level,
        change=change,
        reason=reason,
        kind=trigger.kind,
        assessment=assessment,
        at=now,
        until=_later(now, valid),
    )


def require_publishable(complete: bool, model: str) -> None:
    """Raise CannotTell for a model whose assessment is incomplete: it confirms nothing."""
    if not complete:
        raise CannotTell(
            f"The assessment of {model} is incomplete, so it confirms no level.",
            hint="Mend the probes that failed, or provide what they need, and assess again.",
        )


def _moved(
    result: DimensionResult,
    model: Model,
    trigger: Trigger,
    before: int,
    now: str,
    numbers: EngineNumbers,
    series: Sequence[Measured],
) -> tuple[int, str]:
    firm = result.measured if result.firm is None else result.firm
    if firm > before:
        if trigger.kind is AssessmentKind.FOCUSED:
            return before, "An assessment after an incident keeps or lowers; it never raises."
        level = firm if model.max_step is None else _stepped(model, before, firm)
        if level < firm:
            return level, f"One step up; the evidence reaches level {firm}."
        return level, f"The evidence proves level {level}."
    if result.measured >= before:
        if result.measured > firm:
            return before, "Kept; what is provisional confirms nothing."
        return before, "The evidence still proves it."
    if _contradicts(trigger, result.id):
        return result.measured, f"{trigger.ref} contradicts it; the evidence proves less."
    since = below_since(series, before, now)
    days = 0.0 if since is None else seconds_between(since, now) / 86_400
    if since is not None and seconds_between(since, now) >= numbers.below_seconds:
        return result.measured, f"The evidence has been below it for {days:.0f} days."
    allowed = numbers.confirmation.below_for
    return before, f"Kept for now: below it for {days:.0f} days; it falls after {allowed}."


def _start(model: Model, dimension: str) -> int:
    """Return where everybody begins: at the lowest level, or below it where it asks for proof."""
    base = min(level.ordinal for level in model.levels)
    return 0 if model.cell(dimension, base) else base


def _contradicts(trigger: Trigger, dimension: str) -> bool:
    return trigger.cause == "incident" and (
        not trigger.dimensions or dimension in trigger.dimensions
    )


def _stepped(model: Model, before: int, firm: int) -> int:
    """Return at most `max_step` levels up, counted in the model's levels."""
    above = sorted(each.ordinal for each in model.levels if before < each.ordinal <= firm)
    return ([before, *above])[min(model.max_step or 0, len(above))]


def _below(model: Model, ordinal: int) -> int:
    return max((each.ordinal for each in model.levels if each.ordinal < ordinal), default=0)


def _first_end(confirmed: Confirmed, model: Model) -> str:
    """Return when a confirmed level ends: its validity, or its re-check when that is sooner."""
    ends = [confirmed.until]
    for each in model.levels:
        if each.ordinal == confirmed.level and each.recheck is not None:
            ends.append(_later(confirmed.at, parse_duration(each.recheck, place=each.id)))
    return min(ends)


def _later(start: str, seconds: float) -> str:
    return format_time(parse_time(start) + timedelta(seconds=seconds))
