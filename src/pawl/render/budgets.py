"""Budgets as a table for people; `pawl.budgets/1` is the view itself."""

from pawl.alerts.budget_view import BudgetLine, BudgetsView
from pawl.base.money import format_usd
from pawl.render.table import aligned, printable

_HEAD = ("budget", "whose", "period", "state", "spent", "reserved", "limit", "left", "renews")
_NOTHING = """\
No budgets are declared.
Declare one in pawl.toml, or for the whole team in budgets.toml in the data folder:

  [[budgets]]
  name = "team"
  scope = "organisation"
  period = "month"
  hard_usd = 200
  run_usd = 5
"""


def budgets_text(view: BudgetsView) -> str:
    """Return the budgets for a terminal, those that need a look first."""
    if not view.budgets:
        return _NOTHING
    table = aligned(_HEAD, [_row(line) for line in view.budgets], left=4)
    return table + "\n" + _outside(view)


def raised_text(name: str, micros: int, until: str) -> str:
    """Return what a raise came to."""
    end = until[:16].replace("T", " ")
    return f"{printable(name)} is raised to {format_usd(micros)} until {end} UTC\n"


def _row(line: BudgetLine) -> tuple[str, ...]:
    limit = line.hard_usd_micros
    soft = line.soft_usd_micros
    limits = [] if limit is None else [format_usd(limit)]
    if soft is not None:
        limits.append(f"soft {format_usd(soft)}")
    left = line.left_usd_micros
    unknown = line.unknown_runs + line.unpriced_requests
    return (
        printable(line.name),
        printable(line.scope if line.scope == line.who else f"{line.scope} {line.who}"),
        line.period,
        f"{line.state}, raised" if line.raised_until else line.state,
        format_usd(line.spent_usd_micros) + ("+?" if unknown else ""),
        format_usd(line.reserved_usd_micros),
        ", ".join(limits),
        "-" if left is None else format_usd(left),
        line.renews[:10],
    )


def _outside(view: BudgetsView) -> str:
    unknown = any(line.unknown_runs or line.unpriced_requests for line in view.budgets)
    told = "+? has no price and is in no sum. " if unknown else ""
    if not view.observed:
        return f"{told}Spend outside supervised runs is not known yet.\n"
    last = min(each.observed_at for each in view.observed)[:19].replace("T", " ")
    return f"{told}Spend outside supervised runs counts as of {last} UTC.\n"
