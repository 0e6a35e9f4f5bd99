"""Turn a number into readings, one for each level that has a threshold."""

from collections.abc import Iterable, Sequence

from pawl.alerts.reading import ROWS, Condition, Level, Reading, Row, Scope

Levels = Sequence[tuple[Level, float | None]]
"""Levels with their thresholds; None is no such level."""

TEXT_MAX = 600
"""Characters of a summary, cause or signature: names in them come from outside."""
_ROUNDING = 1e-9
"""Differences of shares that are none: 1 - 0.72 / 0.9 is a little more than 0.2."""
BOTH = (Level.WARNING, Level.CRITICAL)


def judged(
    rule: str,
    scope: Scope,
    value: float,
    levels: Levels,
    *,
    at: str,
    summary: str,
    unit: str,
    clear: float = 1.0,
    cause: str = "",
    rows: Iterable[Row] = (),
    signature: str = "",
    strict: bool = False,
    usual: bool = False,
) -> list[Reading]:
    """Return a reading a level: the condition holds from its threshold on (`strict`: above it).

    `usual` says that the value is no more than what is normal there: it holds at no level.

    `clear` is the part of the threshold that a firing alert has to fall below to resolve.
    """
    evidence: tuple[Row, ...] | None = None
    found = []
    for level, threshold in levels:
        if threshold is None:
            continue
        holds = not usual and (value > threshold + _ROUNDING if strict else value >= threshold)
        if holds and evidence is None:
            evidence = tuple(rows)[:ROWS]
        found.append(
            Reading(
                rule=rule,
                level=level,
                scope=scope,
                condition=Condition.HOLDS if holds else Condition.CLEAR,
                at=at,
                summary=summary[:TEXT_MAX],
                value=value,
                threshold=threshold,
                clear_below=threshold * clear if clear < 1.0 and not usual else None,
                unit=unit,
                cause=cause[:TEXT_MAX] if holds else "",
                rows=(evidence or ()) if holds else (),
                signature=(signature or rule)[:TEXT_MAX],
            )
        )
    return found


def blind(
    rule: str, scope: Scope, why: str, *, at: str, levels: Sequence[Level] = BOTH
) -> list[Reading]:
    """Return readings that say why nothing can be told."""
    return [
        Reading(
            rule=rule,
            level=level,
            scope=scope,
            condition=Condition.NO_DATA,
            at=at,
            summary=why[:TEXT_MAX],
            signature=rule,
        )
        for level in levels
    ]


def percent(share: float) -> str:
    """Return a share for people, such as `7.5 %`."""
    return f"{100 * share:.3g} %"
