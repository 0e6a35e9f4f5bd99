"""What the same tokens would have cost on each other model, by the dated price table.

Prices are those of one day for every model, the one that was used included, so that the
difference is the models' and not the calendar's. The amount is exact for the tokens given. It
says nothing of what another model would have done with the task: another model counts the same
text in other tokens, answers at another length, keeps another cache, and may do worse work.
"""

from collections.abc import Iterable

import msgspec

from pawl.telemetry.activity import ClassUsage
from pawl.telemetry.pricing import PICOS_PER_MICRO, PriceTable, Steps, spellings
from pawl.telemetry.usage import ZERO, Usage


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """One model's price for the tokens of a class.

    `cost_micros` is None when a price is missing, for the model or for its web searches.
    `difference_micros` is against the used models at the same day's prices; negative is cheaper.
    `used` says that some of the tokens were this model's own.
    """

    model: str
    used: bool
    cost_micros: int | None
    difference_micros: int | None


class ClassAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """One class: what it used, and each model's price for that.

    Requests of models without a price on the day of the comparison are left out of it on both
    sides, `left_out` of them; `compared` are the tokens of the others and `day_micros` their
    price, None when there are none. `paid_micros` is what the bill says.
    """

    task_class: str
    requests: int
    usage: Usage
    paid_micros: int
    unpriced_requests: int
    day_micros: int | None
    compared: Usage
    left_out: int
    models: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


def thresholds(table: PriceTable) -> tuple[int, ...]:
    """Return every prompt size at which some price changes, smallest first."""
    sizes = {row.above for rows in table.rows.values() for row in rows if row.above >= 0}
    return tuple(sorted(sizes))


def advise(
    rows: Iterable[ClassUsage], table: PriceTable, day: str, candidates: Iterable[str]
) -> tuple[ClassAdvice, ...]:
    """Return the comparison of each class that has rows, `candidates` in their order."""
    sizes = thresholds(table)
    by_class: dict[str, list[ClassUsage]] = {}
    for row in rows:
        by_class.setdefault(row.task_class, []).append(row)
    listed = tuple(candidates)
    return tuple(
        _advice(name, found, table, day, sizes, listed) for name, found in by_class.items()
    )


def _advice(
    name: str,
    rows: list[ClassUsage],
    table: PriceTable,
    day: str,
    sizes: tuple[int, ...],
    candidates: tuple[str, ...],
) -> ClassAdvice:
    spent_of = {id(row): _picos(table.steps(row.model, day), row, sizes) for row in rows}
    compared = [row for row in rows if spent_of[id(row)] is not None]
    spent = _whole([spent_of[id(row)] for row in compared]) if compared else None
    used = {known for row in rows if (known := _listed(table, row.model)) is not None}
    alternatives = []
    for model in candidates:
        cost = (
            None
            if spent is None
            else _whole([_picos(table.steps(model, day), row, sizes) for row in compared])
        )
        alternatives.append(
            Alternative(
                model=model,
                used=model in used,
                cost_micros=cost,
                difference_micros=None if cost is None or spent is None else cost - spent,
            )
        )
    return ClassAdvice(
        task_class=name,
        requests=sum(row.requests for row in rows),
        usage=sum((row.usage for row in rows), ZERO),
        paid_micros=sum(row.cost_micros for row in rows),
        unpriced_requests=sum(row.unpriced_requests for row in rows),
        day_micros=spent,
        compared=sum((row.usage for row in compared), ZERO),
        left_out=sum(row.requests for row in rows) - sum(row.requests for row in compared),
        models=tuple(sorted({row.model for row in rows})),
        alternatives=tuple(alternatives),
    )


def _listed(table: PriceTable, model: str) -> str | None:
    """Return the table's own name of a model."""
    return next((table.names[name] for name in spellings(model) if name in table.names), None)


def _picos(steps: Steps | None, row: ClassUsage, sizes: tuple[int, ...]) -> int | None:
    """Return pico-USD of a row; None without a price.

    All prompts of a row are larger than `sizes[tier - 1]` and not larger than the next size.
    """
    if steps is None:
        return None
    largest_passed = sizes[row.tier - 1] if row.tier else -1
    rates = steps[0][1]
    for above, dearer in steps:
        if above <= largest_passed:
            rates = dearer
    usage = row.usage
    picos = (
        usage.input * rates[0]
        + usage.cache_read * rates[1]
        + usage.cache_write_5m * rates[2]
        + usage.cache_write_1h * rates[3]
        + usage.output * rates[4]
    )
    if usage.web_searches:
        if rates[5] is None:
            return None
        picos += usage.web_searches * rates[5]
    return picos


def _whole(picos: list[int | None]) -> int | None:
    """Return the sum in micro-USD, rounded half up; None when a part is unknown."""
    total = 0
    for part in picos:
        if part is None:
            return None
        total += part
    return (total + PICOS_PER_MICRO // 2) // PICOS_PER_MICRO
