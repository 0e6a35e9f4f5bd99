"""Max: the trial took at most so many turns, dollars or seconds.

Cannot tell: one of the figures is unknown, and none of the known ones is too high. A cost nobody
could price is unknown, and never zero.
"""

import msgspec

from pawl.base.money import MICROS_PER_USD
from pawl.evals.grader import Answer, Grader, failed, passed, unknown
from pawl.evals.record import Trial


class Most(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The most turns, US dollars and seconds; None is no limit."""

    turns: int | None = None
    usd: float | None = None
    wall_s: float | None = None


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the trial may take."""

    max: Most


def _grade(trial: Trial, arguments: Arguments) -> Answer:
    most, spent = arguments.max, trial.manifest.spent
    cost = None if spent.cost_micros is None else spent.cost_micros / MICROS_PER_USD
    wall = None if spent.wall_ms is None else spent.wall_ms / 1000
    figures: tuple[tuple[str, str, float | None, float | None], ...] = (
        ("turns", "turns", most.turns, spent.turns),
        ("usd", "cost_micros", most.usd, cost),
        ("wall_s", "wall_ms", most.wall_s, wall),
    )
    limited = [each for each in figures if each[2] is not None]
    expected = ", ".join(
        f"{name} ≤ {limit:g}" for name, _, limit, _ in limited if limit is not None
    )
    for name, field, limit, value in limited:
        if value is not None and limit is not None and value > limit:
            pointer = f"/manifest/spent/{field}"
            return failed(expected, f"{name} {value:g}", pointer, lasting=True)
    blank = [name for name, _, _, value in limited if value is None]
    if blank or not limited:
        return unknown(expected, f"unknown: {', '.join(blank)}", "/manifest/spent")
    actual = ", ".join(f"{name} {value:g}" for name, _, _, value in limited if value is not None)
    return passed(expected, actual, "/manifest/spent")


def _check(arguments: Arguments) -> str:
    most = arguments.max
    found = [each for each in (most.turns, most.usd, most.wall_s) if each is not None]
    if not found:
        return "name a limit: `turns`, `usd` or `wall_s`"
    return "" if min(found) >= 0 else "a limit is not below zero"


GRADER = Grader(
    title="The trial took no more than this", arguments=Arguments, grade=_grade, check=_check
)
