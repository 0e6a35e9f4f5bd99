"""Cost architecture adjustment: what the most is spent on, by model and by project.

Where nobody can be asked for bills here, that is said. The output `changes` names what was opened.
"""

from pawl.base.money import format_usd
from pawl.services.routine_looks import Looks, RoutineNumbers, Window
from pawl.services.routine_table import Figure, Part, number, part
from pawl.telemetry.bill import Bill, Key

NONE_HERE = "The events cannot be asked from here; a running server tells them on its page."


def _parts(look: Looks, window: Window) -> tuple[Part, ...]:
    since, until = _hour(window.since), _hour(window.until)  # A bill is kept by the hour.
    by_model = look.bill((Key.MODEL,), since, until)
    by_project = look.bill((Key.PROJECT,), since, until)
    if by_model is None or by_project is None:
        return (Part(title="Spend", unknown=NONE_HERE),)
    total = by_model.total
    figures = (
        Figure(name="Spent", value=format_usd(total.cost_micros)),
        number("Requests", total.requests),
        number("Without a price", total.unpriced_requests, "unknown, and in no sum"),
    )
    return (
        part("Spend by model", _columns("Model"), _rows(by_model), figures=figures),
        part("Spend by project", _columns("Project"), _rows(by_project)),
    )


def _hour(time: str) -> str:
    return f"{time[:13]}:00:00.000000Z"


def _rows(bill: Bill) -> list[dict[str, str]]:
    whole = bill.total.cost_micros
    return [
        {
            "key": each.keys[0] or "unknown",
            "spent": format_usd(each.amount.cost_micros),
            "share": f"{each.amount.cost_micros / whole:.0%}" if whole else "-",
            "requests": f"{each.amount.requests:,}",
            "cached": _cached(each.amount.usage.input, each.amount.usage.cache_read),
        }
        for each in sorted(bill.rows, key=lambda row: (-row.amount.cost_micros, row.keys))
    ]


def _cached(fresh: int, read: int) -> str:
    """Return the share of the input that was read from the cache."""
    return f"{read / (fresh + read):.0%}" if fresh + read else "-"


def _columns(head: str) -> dict[str, str]:
    return {
        "key": head, "spent": "Spent", "share": "Share", "requests": "Requests",
        "cached": "Input from cache",
    }  # fmt: skip


NUMBERS = RoutineNumbers(parts=_parts)
