"""Budgets of the sample: limits near what its made-up projects spend, one of each state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pawl.alerts.budget import budgets_of
from pawl.alerts.budget_people import People
from pawl.governance.ledger import Actor
from pawl.store.records.budgets import BudgetRecords, Files

if TYPE_CHECKING:
    from pawl.store.records.engine import Engine

SECTIONS: tuple[dict[str, object], ...] = (
    {"name": "organisation", "scope": "organisation", "soft_usd": 150, "hard_usd": 200},
    {"name": "projects", "scope": "project", "each": True, "soft_usd": 1, "hard_usd": 2},
    {"name": "week", "scope": "organisation", "period": "week", "soft_usd": 0.5},
)


def load_sample_budgets(engine: Engine, actor: Actor, now: str) -> None:
    """Declare the sample's budgets in the records."""
    declared = budgets_of(SECTIONS, source="sample", people=People(), place="sample")
    files = Files(declared=declared, sources=("sample",))
    BudgetRecords(engine).load(files, actor, now)
