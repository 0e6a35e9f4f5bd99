"""A bill as a table for people and as `pawl.cost/1` JSON for programs."""

from collections.abc import Sequence
from typing import Any

from pawl.base.money import format_usd
from pawl.render.table import aligned, printable
from pawl.telemetry.bill import Amount, Bill, BillRow, Key
from pawl.telemetry.usage import Usage

SCHEMA = "pawl.cost/1"
_NUMBERS = ("requests", "input", "cache read", "cache write", "output", "cost")


def cost_json(bill: Bill, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Return the `pawl.cost/1` object. `cost_usd_micros` is null where nothing was priced."""
    return {
        "schema": SCHEMA,
        "by": [str(key) for key in bill.by],
        "since": bill.since,
        "until": bill.until,
        "rows": [
            {str(key): value for key, value in zip(bill.by, row.keys, strict=True)}
            | amount_json(row.amount)
            for row in bill.rows
        ],
        "total": amount_json(bill.total),
        "unpriced": [
            {"model": model.model, "requests": model.requests, "usage": usage_json(model.usage)}
            for model in bill.unpriced
        ],
        "sources": [
            {
                "source": share.source,
                "agent": share.agent,
                "requests": share.requests,
                "pays": share.pays,
                "confirms": share.confirms,
                "disagrees": share.disagrees,
            }
            for share in bill.sources
        ],
        "prices": {"version": bill.prices_version, "as_of": bill.prices_as_of},
        "warnings": list(warnings),
    }


def amount_json(amount: Amount) -> dict[str, Any]:
    """Return an amount as JSON; unknown money is null, never zero."""
    return {
        "requests": amount.requests,
        "usage": usage_json(amount.usage),
        "cost_usd_micros": amount.cost_micros if _has_price(amount) else None,
        "unpriced_requests": amount.unpriced_requests,
    }


def usage_json(usage: Usage) -> dict[str, int]:
    """Return tokens by bucket; `reasoning` is noted inside `output`."""
    return {
        "input": usage.input,
        "cache_read": usage.cache_read,
        "cache_write_5m": usage.cache_write_5m,
        "cache_write_1h": usage.cache_write_1h,
        "output": usage.output,
        "reasoning": usage.reasoning,
        "web_searches": usage.web_searches,
    }


def cost_table(bill: Bill) -> str:
    """Return the bill as aligned text, dearest group first unless the first key is a time."""
    if not bill.total.requests:
        return "No model requests found.\n"
    head = [*(str(key) for key in bill.by), *_NUMBERS]
    body = [[*map(printable, row.keys), *_numbers(row.amount)] for row in _ordered(bill)]
    foot = ["total", *[""] * (len(bill.by) - 1), *_numbers(bill.total)]
    if not bill.by:
        head, body, foot = ["", *head], [], foot
    text = aligned(head, body, foot, left=max(1, len(bill.by)))
    return text + "".join(f"\n{note}\n" for note in _notes(bill))


def _ordered(bill: Bill) -> list[BillRow]:
    if bill.by[:1] in ((Key.DAY,), (Key.HOUR,)):
        return list(bill.rows)
    return sorted(
        bill.rows, key=lambda row: (-row.amount.cost_micros, -row.amount.usage.total, row.keys)
    )


def _numbers(amount: Amount) -> list[str]:
    usage = amount.usage
    counts = (
        amount.requests,
        usage.input,
        usage.cache_read,
        usage.cache_write_5m + usage.cache_write_1h,
        usage.output,
    )
    return [*(f"{count:,}" for count in counts), _money(amount)]


def _money(amount: Amount) -> str:
    if not _has_price(amount):
        return "unpriced"
    # A plus says: and something more, whose price is not known.
    return format_usd(amount.cost_micros) + ("+" if amount.unpriced_requests else " ")


def _has_price(amount: Amount) -> bool:
    return amount.requests > amount.unpriced_requests


def _notes(bill: Bill) -> list[str]:
    notes = []
    for model in bill.unpriced:
        usage = model.usage
        notes.append(
            f"No price is known for {printable(model.model)}: {model.requests:,} requests, "
            f"{usage.prompt:,} tokens in, {usage.output:,} out, not in the total."
        )
    for share in bill.sources:
        if share.disagrees:
            notes.append(
                f"{share.disagrees:,} of {share.requests:,} requests that the {share.source} of "
                f"{printable(share.agent)} tells of have other tokens there than were billed."
            )
    notes.append(f"Tokens by bucket; USD at prices as of {bill.prices_as_of}. Days are UTC.")
    return notes
