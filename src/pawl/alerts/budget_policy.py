"""Which limits are in force, when the files that declare them change.

A tighter limit holds at once. A looser one needs a reason that was not given before, else the
tighter one stays: a raised limit without a reason is what a budget is there to prevent. What a
fork's file says can only tighten, and is recorded nowhere.
"""

from collections.abc import Mapping, Sequence

import msgspec

from pawl.alerts.budget import Budget, Reserve, UnpricedSpend
from pawl.base.money import format_usd


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A budget as the records have it. A raise by command ends at `raised_until`."""

    budget: Budget
    raised_micros: int | None = None
    raised_until: str | None = None
    withdrawn: bool = False


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change to record: `declared`, `raised` or `withdrawn`."""

    kind: str
    budget: Budget


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The budgets in force, what changed, and what people should know of it."""

    known: tuple[Known, ...]
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()


def in_force(
    declared: Sequence[Budget],
    recorded: Mapping[str, Known],
    sources: Sequence[str],
    *,
    tighten_only: Sequence[str] = (),
) -> Policy:
    """Return the budgets in force after the files of `sources` were read.

    Budgets of other sources stay as recorded. Of a source in `tighten_only` nothing is recorded,
    nothing is withdrawn, and nothing is looser than recorded.
    """
    found = {key: known for key, known in recorded.items() if not known.withdrawn}
    changes: list[Change] = []
    warnings: list[str] = []
    for budget in declared:
        known = recorded.get(budget.key)
        if budget.source in tighten_only:
            found[budget.key] = _tightened(budget, found.get(budget.key))
        elif known is None:
            changes.append(Change(kind="declared", budget=budget))
            found[budget.key] = Known(budget=budget)
        elif known.withdrawn or known.budget != budget:
            held, change, warning = _replaced(known, budget)
            found[budget.key] = held
            changes += change
            warnings += warning
    names = {budget.key for budget in declared}
    for key, known in list(found.items()):
        source = known.budget.source
        if source in sources and source not in tighten_only and key not in names:
            changes.append(Change(kind="withdrawn", budget=known.budget))
            del found[key]
    ordered = tuple(found[key] for key in sorted(found))
    return Policy(known=ordered, changes=tuple(changes), warnings=tuple(warnings))


def limit_at(known: Known, at: str) -> int | None:
    """Return the hard limit at a canonical instant, a raise by command included."""
    hard = known.budget.hard_micros
    if hard is None or known.raised_micros is None or known.raised_until is None:
        return hard
    return max(hard, known.raised_micros) if at < known.raised_until else hard


def _replaced(known: Known, budget: Budget) -> tuple[Known, list[Change], list[str]]:
    looser = _loosened(known.budget, budget)
    if not looser:
        return _renewed(known, budget), [Change(kind="declared", budget=budget)], []
    if budget.reason and budget.reason != known.budget.reason:
        return _renewed(known, budget), [Change(kind="raised", budget=budget)], []
    warning = (
        f"The budget {budget.name} keeps {_told(known.budget)}: the file loosens {looser} and gives"
        ' no new reason. Write one: reason = "…".'
    )
    held = _tightened(budget, msgspec.structs.replace(known, withdrawn=False))
    if held.budget == known.budget and not known.withdrawn:
        return held, [], [warning]
    return held, [Change(kind="declared", budget=held.budget)], [warning]


def _renewed(known: Known, budget: Budget) -> Known:
    return msgspec.structs.replace(known, budget=budget, withdrawn=False)


def _loosened(old: Budget, new: Budget) -> str:
    """Return what a new declaration allows more of than the old one; empty when nothing."""
    if _more(old.hard_micros, new.hard_micros):
        return "the hard limit"
    if _more(old.soft_micros, new.soft_micros):
        return "the soft limit"
    if old.unpriced is UnpricedSpend.REFUSE and new.unpriced is UnpricedSpend.ALLOW:
        return "what happens to unpriced models"
    same = all(
        getattr(old, name) == getattr(new, name) for name in ("scope", "of", "each", "period")
    )
    return "" if same else "whose it is or its period"


def _more(old: int | None, new: int | None) -> bool:
    return old is not None and (new is None or new > old)


def _tightened(budget: Budget, known: Known | None) -> Known:
    """Return the tighter of both, of the recorded scope and period."""
    if known is None:
        return Known(budget=budget)
    old = known.budget
    if (old.scope, old.of, old.each, old.period) != (
        budget.scope, budget.of, budget.each, budget.period,
    ):  # fmt: skip
        return known
    refuse = UnpricedSpend.REFUSE in (old.unpriced, budget.unpriced)
    whole = Reserve.CAP in (old.reserve, budget.reserve)
    held = msgspec.structs.replace(
        old,
        hard_micros=_least(old.hard_micros, budget.hard_micros),
        soft_micros=_least(old.soft_micros, budget.soft_micros),
        run_micros=_least(old.run_micros, budget.run_micros),
        reserve=Reserve.CAP if whole else Reserve.LEFT,
        unpriced=UnpricedSpend.REFUSE if refuse else UnpricedSpend.ALLOW,
    )
    return msgspec.structs.replace(known, budget=held)


def _least(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _told(budget: Budget) -> str:
    limit = budget.hard_micros if budget.hard_micros is not None else budget.soft_micros
    return "its limit" if limit is None else f"its limit of {format_usd(limit)}"
