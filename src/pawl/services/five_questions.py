"""The five questions that a production system must answer, each with one figure.

Does it fail, why, what does it cost, is it consistent, does it stay in bounds. An answer that
nothing is known of has no value and says why; zero is only said where something was counted.
"""

from enum import StrEnum
from urllib.parse import urlencode

import msgspec

from pawl.telemetry.bill import Amount
from pawl.telemetry.conduct import RUNS_LEAST, UNSUCCESSFUL, Conduct, Repeated, typical

PARTS = 4
"""How many parts of a figure are told beside it."""


class Unit(StrEnum):
    """What a value is in."""

    SHARE = "share"
    USD_MICROS = "usd_micros"
    TIMES = "times"
    COUNT = "count"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a figure is made of, with the rows behind it where there is a list of them."""

    label: str
    value: float | None
    unit: Unit = Unit.COUNT
    href: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One question answered. `value` is None where it is unknown, and `unknown` then says why.

    `word` stands for the figure where the answer is a name; `value` is then its share. `sample`
    things called `noun` were looked at. `before` is the value of the period before.
    """

    id: str
    question: str
    measure: str
    value: float | None
    unit: Unit
    before: float | None
    sample: int
    noun: str
    href: str
    rows: str
    word: str | None = None
    parts: tuple[Part, ...] = ()
    unknown: str = ""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one period."""

    conduct: Conduct
    spent: Amount


def five_answers(now: Period, before: Period, since: str) -> tuple[Answer, ...]:
    """Return the five answers for a period that began on the ISO day `since`.

    `before` is the period of the same length that ended there.
    """
    return (
        _fails(now.conduct, before.conduct, since),
        _why(now.conduct, before.conduct, since),
        _costs(now.spent, before.spent, since),
        _is_consistent(now.conduct, before.conduct),
        _stays_in_bounds(now.conduct, before.conduct, since),
    )


def _fails(now: Conduct, before: Conduct, since: str) -> Answer:
    parts = [
        Part(label=outcome, value=count, href=_runs(since, outcome=outcome))
        for outcome in UNSUCCESSFUL
        if (count := now.count(outcome))
    ]
    told = sum(errors for _, errors in now.errors)
    if told:
        href = _runs(since, sort="errors")
        parts.append(Part(label="errors and retries told", value=told, href=href))
    return Answer(
        id="fails",
        question="Does it fail?",
        measure="of runs did not succeed",
        value=_share(now.unsuccessful, now.ended),
        unit=Unit.SHARE,
        before=_share(before.unsuccessful, before.ended),
        sample=now.ended,
        noun="ended run",
        href=_runs(since, outcome="unsuccessful"),
        rows="the runs",
        parts=tuple(parts),
        unknown="No supervised run ended in this period.",
    )


def _why(now: Conduct, before: Conduct, since: str) -> Answer:
    reasons = _reasons(now)
    (outcome, reason), count = next(iter(reasons.items()), (("unsuccessful", ""), 0))
    unknown = "No supervised run ended in this period."
    if now.ended and not now.unsuccessful:
        unknown = "Nothing failed: every run that ended succeeded."
    return Answer(
        id="why",
        question="Why?",
        measure="of those runs, the commonest reason",
        word=(reason or _untold(outcome)) if count else None,
        value=_share(count, now.unsuccessful) if count else None,
        unit=Unit.SHARE,
        before=_share(_reasons(before).get((outcome, reason), 0), before.unsuccessful),
        sample=now.unsuccessful,
        noun="unsuccessful run",
        href=_runs(since, outcome=outcome),
        rows="the runs",
        parts=tuple(
            Part(
                label=reason or f"{how}, no reason told", value=runs, href=_runs(since, outcome=how)
            )
            for (how, reason), runs in list(reasons.items())[1:PARTS]
        ),
        unknown=unknown,
    )


def _costs(now: Amount, before: Amount, since: str) -> Answer:
    parts = []
    if now.unpriced_requests:
        parts.append(
            Part(label="requests without a price, not included", value=now.unpriced_requests)
        )
    return Answer(
        id="costs",
        question="What does it cost?",
        measure="spent",
        value=_money(now),
        unit=Unit.USD_MICROS,
        before=_money(before),
        sample=now.requests - now.unpriced_requests,
        noun="priced request",
        href=f"/cost?{urlencode({'since': since})}",
        rows="the bill",
        parts=tuple(parts),
        unknown="No model used here has a price."
        if now.requests
        else "No model request was seen in this period.",
    )


def _is_consistent(now: Conduct, before: Conduct) -> Answer:
    told = [each for each in now.repeated if each.cost_micros.ratio(RUNS_LEAST) is not None]
    parts = [
        Part(label="ended as most did", value=_alike(now.repeated), unit=Unit.SHARE),
        Part(
            label="turns",
            value=typical((each.turns for each in now.repeated), RUNS_LEAST),
            unit=Unit.TIMES,
        ),
        Part(
            label="duration",
            value=typical((each.duration_ms for each in now.repeated), RUNS_LEAST),
            unit=Unit.TIMES,
        ),
    ]
    return Answer(
        id="consistent",
        question="Is it consistent?",
        measure="the median cost, reached by one run in ten",
        value=now.cost_spread(),
        unit=Unit.TIMES,
        before=before.cost_spread(),
        sample=sum(each.cost_micros.runs for each in told),
        noun="repeated run",
        href="#repeated",
        rows="the workflows",
        parts=tuple(part for part in parts if part.value is not None),
        unknown=f"No workflow has {RUNS_LEAST} ended runs of known cost in this period.",
    )


def _stays_in_bounds(now: Conduct, before: Conduct, since: str) -> Answer:
    free = sum(each.runs for each in now.endings if each.limited is False)
    parts = [
        Part(label=outcome, value=count, href=_runs(since, outcome=outcome))
        for outcome in ("stopped", "refused")
        if (count := now.count(outcome))
    ]
    if now.denied:
        parts.append(Part(label="tool calls denied", value=now.denied))
    if free:
        parts.append(Part(label="runs without any limit", value=free))
    return Answer(
        id="bounds",
        question="Does it stay in bounds?",
        measure="of runs with limits met none of them",
        value=_share(now.kept_within, now.held),
        unit=Unit.SHARE,
        before=_share(before.kept_within, before.held),
        sample=now.held,
        noun="limited run",
        href=_runs(since, outcome="stopped"),
        rows="the stopped runs",
        parts=tuple(parts),
        unknown="No run is known to have had a limit in this period.",
    )


def _reasons(conduct: Conduct) -> dict[tuple[str, str], int]:
    """Return the unsuccessful runs by how they ended and why, the most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for each in conduct.endings:
        if each.outcome in ("succeeded", "refused"):
            continue
        key = (each.outcome, each.reason or "")
        counts[key] = counts.get(key, 0) + each.runs
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _untold(outcome: str) -> str:
    return f"{outcome}, no reason told"


def _alike(repeated: tuple[Repeated, ...]) -> float | None:
    return _share(sum(each.alike for each in repeated), sum(each.runs for each in repeated))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _money(amount: Amount) -> float | None:
    return amount.cost_micros if amount.requests > amount.unpriced_requests else None


def _runs(since: str, **asked: str) -> str:
    return f"/runs?{urlencode({**asked, 'since': since})}"
